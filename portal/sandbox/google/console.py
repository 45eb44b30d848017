"""A small Admin console: what an administrator does by hand.

Its verbs are those of the Directory API, in the name of the customer's first super administrator, and are refused
the same things.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for

from portal.sandbox.google.calls import state
from portal.sandbox.google.directory import changing, leaving, making, shapes
from portal.sandbox.google.directory.users import promote
from portal.sandbox.google.licensing.catalogue import SKUS
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.state import Customer, User, people
from portal.sandbox.google.state.models import Licence, OrgUnit

blueprint = Blueprint("console", __name__, url_prefix="/ac")
PAGE = 50


@blueprint.before_request
def same_site_only() -> None:
    """Another site's page cannot press these buttons."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


def _customer() -> Customer:
    known = state().customers
    wanted = request.values.get("customer", "Acme")
    return next((item for item in known.values() if wanted in (item.id, item.name)), next(iter(known.values())))


def _administrator(customer: Customer) -> User:
    """In whose name things are done here."""
    found = (User.customer == customer.id) & User.is_admin & User.deleted_at.is_null()
    return User.select().where(found).order_by(User.seq).first() or User(id="0", address="nobody", is_admin=True)


def _page(name: str, customer: Customer, status: int = 200, **values: Any) -> Any:
    customers = list(state().customers.values())
    return render_template(f"sandbox/google/{name}", customers=customers, customer=customer, **values), status


@blueprint.get("/users")
def users() -> Any:
    """A page of the users; q: the beginning of a name or address."""
    with state().work():
        return _list(_customer())


def _list(customer: Customer, problem: str = "", status: int = 200) -> Any:
    query, number = request.args.get("q", "").strip().casefold(), max(1, request.args.get("page", 1, int))
    wanted = (User.customer == customer.id) & User.deleted_at.is_null()
    if query:
        wanted &= User.given.startswith(query) | User.family.startswith(query) | User.address.startswith(query)
    found = User.select().where(wanted)
    total = found.count()
    shown = list(found.order_by(User.given, User.family, User.seq).paginate(number, PAGE))
    units = [unit.path for unit in OrgUnit.select().where(OrgUnit.customer == customer.id).order_by(OrgUnit.path)]
    return _page("console_users.html", customer, status, users=shown, total=total, query=query, number=number,
                 pages=-(-total // PAGE), units=units, problem=problem, typed=request.form)  # fmt: skip


@blueprint.get("/deleted")
def deleted() -> Any:
    """Those who can be restored."""
    customer = _customer()
    with state().work():
        wanted = (User.customer == customer.id) & User.deleted_at.is_null(False)
        found = list(User.select().where(wanted).order_by(User.deleted_at.desc()))
        return _page("console_deleted.html", customer, users=found)


@blueprint.post("/users")
def make() -> Any:
    """A new user, by hand."""
    form, customer = request.form, _customer()
    body = {
        "primaryEmail": form.get("address", "").strip(), "password": form.get("password", ""),
        "name": {"givenName": form.get("first", "").strip(), "familyName": form.get("last", "").strip()},
        "orgUnitPath": form.get("unit", "/"), "changePasswordAtNextLogin": True,
    }  # fmt: skip
    try:
        with state().work():
            user = making.make(state(), _administrator(customer), customer, body)
    except (Refusal, making.Invited) as error:
        with state().work():
            return _list(customer, str(error) or "A personal account has this address.", 400)
    return redirect(url_for("console.details", user_id=user.id), 303)


@blueprint.get("/users/<user_id>")
def details(user_id: str) -> Any:
    """One user."""
    with state().work():
        return _details(_user(user_id))


def _user(user_id: str) -> User:
    user = people.live(user_id)
    if user is None or not user.customer:
        abort(404)
    return user


def _details(user: User, problem: str = "", status: int = 200) -> Any:
    customer = state().customers[user.customer]
    held = [SKUS[row.sku][1] for row in Licence.select().where(Licence.user == user.id)]
    units = [unit.path for unit in OrgUnit.select().where(OrgUnit.customer == customer.id).order_by(OrgUnit.path)]
    return _page("console_user.html", customer, status, user=user, shown=shapes.whole(state(), user), held=held,
                 units=units, problem=problem)  # fmt: skip


def _done(user_id: str, verb: Callable[[User, User], None], *, then: str = "") -> Any:
    """Do it and show the user again; what is refused is said on the page."""
    try:
        with state().work():
            user = _user(user_id)
            verb(_administrator(state().customers[user.customer]), user)
    except Refusal as error:
        with state().work():
            return _details(_user(user_id), error.message, 400)
    return redirect(then or url_for("console.details", user_id=user_id), 303)


@blueprint.post("/users/<user_id>/suspend")
def suspend(user_id: str) -> Any:
    """Suspend, or reactivate."""
    return _done(user_id, lambda actor, user: changing.change(state(), actor, user, {"suspended": not user.suspended}))


@blueprint.post("/users/<user_id>/rename")
def rename(user_id: str) -> Any:
    """Names, address and org unit."""
    form = request.form
    body = {
        "name": {"givenName": form.get("first", "").strip(), "familyName": form.get("last", "").strip()},
        "primaryEmail": form.get("address", "").strip(), "orgUnitPath": form.get("unit") or None,
    }  # fmt: skip
    return _done(user_id, lambda actor, user: changing.change(state(), actor, user, body))


@blueprint.post("/users/<user_id>/password")
def reset_password(user_id: str) -> Any:
    body = {"password": request.form.get("password", ""), "changePasswordAtNextLogin": True}
    return _done(user_id, lambda actor, user: changing.change(state(), actor, user, body))


@blueprint.post("/users/<user_id>/role")
def role(user_id: str) -> Any:
    """Make a super administrator, or an ordinary person again."""
    return _done(user_id, lambda actor, user: promote(actor, user, wanted=not user.is_admin))


@blueprint.post("/users/<user_id>/delete")
def delete(user_id: str) -> Any:
    with state().work():
        name = state().customers[_user(user_id).customer].name
    then = url_for("console.deleted", customer=name)
    return _done(user_id, lambda actor, user: leaving.delete(state(), actor, user), then=then)


@blueprint.post("/deleted/<user_id>/restore")
def restore(user_id: str) -> Any:
    customer = _customer()
    try:
        with state().work():
            leaving.undelete(state(), _administrator(customer), customer, user_id, "/")
    except Refusal as error:
        with state().work():
            found = list(User.select().where((User.customer == customer.id) & User.deleted_at.is_null(False)))
            return _page("console_deleted.html", customer, 400, users=found, problem=error.message)
    return redirect(url_for("console.details", user_id=user_id), 303)
