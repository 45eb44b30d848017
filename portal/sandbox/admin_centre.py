"""A small Microsoft 365 Admin Centre: what an administrator does by hand, drift included.

It says the same verbs as Graph does, and is refused the same things, except what only applications are refused.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for

from portal.sandbox import directory, mailboxes
from portal.sandbox.graph.expanding import direct_reports
from portal.sandbox.identity.answers import state
from portal.sandbox.refusals import Refusal
from portal.sandbox.rules import licences
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import Group, Tenant, User, catalogue, people
from portal.sandbox.state.models import Member

blueprint = Blueprint("admin_centre", __name__, url_prefix="/admin-centre")
PAGE = 50
EDITED = (
    "displayName",
    "givenName",
    "surname",
    "jobTitle",
    "department",
    "officeLocation",
    "mobilePhone",
    "usageLocation",
)
LABELS = {
    "displayName": "Display name", "givenName": "First name", "surname": "Last name", "jobTitle": "Job title",
    "department": "Department", "officeLocation": "Office", "mobilePhone": "Mobile phone",
    "usageLocation": "Usage location",
}  # fmt: skip


@blueprint.before_request
def same_site_only() -> None:
    """Another site's page cannot press these buttons."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


def tenant_asked() -> Tenant:
    tenants = state().tenants
    wanted = request.args.get("tenant", "")
    return next((item for item in tenants.values() if wanted in (item.id, item.name)), next(iter(tenants.values())))


def tenant_of(user: User) -> Tenant:
    return state().tenants[user.tenant]


def page(name: str, tenant: Tenant, status: int = 200, **values: Any) -> Any:
    tenants = list(state().tenants.values())
    return render_template(f"sandbox/{name}", tenants=tenants, tenant=tenant, product_name=catalogue.product_name,
                           **values), status  # fmt: skip


@blueprint.get("")
def users() -> Any:
    """Active users, a page of them; q: the beginning of a word of the name, or of the username."""
    tenant, query = tenant_asked(), request.args.get("q", "").strip()
    number = max(1, request.args.get("page", 1, int))
    with state().work():
        wanted = (User.tenant == tenant.id) & User.deleted_at.is_null()
        if query:
            key = query.casefold()
            in_name = User.words.contains(people.words_of(query)) if people.words_of(query) else False
            wanted &= in_name | ((User.upn >= key) & (User.upn < key + "\U0010ffff"))
        found = list(User.select().where(wanted).order_by(User.display_name, User.seq).paginate(number, PAGE))
        total = User.select().where(wanted).count()
    return page(
        "admin_centre.html", tenant, users=found, total=total, query=query, number=number, pages=-(-total // PAGE)
    )


@blueprint.get("/deleted")
def deleted() -> Any:
    tenant = tenant_asked()
    with state().work():
        wanted = (User.tenant == tenant.id) & User.deleted_at.is_null(False)
        found = list(User.select().where(wanted).order_by(User.deleted_at.desc()).limit(PAGE))
    return page("admin_deleted.html", tenant, users=found)


@blueprint.get("/licences")
def products() -> Any:
    tenant = tenant_asked()
    with state().work():
        seats = [(item, licences.consumed(tenant, item["skuId"])) for item in tenant.products]
    return page("admin_licences.html", tenant, seats=seats)


@blueprint.get("/users/<user_id>")
def details(user_id: str) -> Any:
    with state().work():
        return _details(_user(user_id))


def _user(user_id: str) -> User:
    user = User.get_or_none((User.id == user_id) & User.deleted_at.is_null())
    if user is None:
        abort(404)
    return user


def _details(user: User, problem: str = "", status: int = 200) -> Any:
    tenant = tenant_of(user)
    manager = people.find(tenant, user.manager) if user.manager else None
    groups = Group.select().join(Member, on=Member.group == Group.id).where(Member.user == user.id).order_by(Group.seq)
    states = {item["skuId"]: item for item in user.body.get("licenseAssignmentStates") or ()}
    return page(
        "admin_user.html", tenant, status, user=user, manager=manager, groups=list(groups), states=states,
        labels=LABELS, problem=problem, reports=direct_reports(user)[:PAGE],
        mailbox=mailboxes.of(user) if mailboxes.exists(tenant, user) else None,
        seats=[(item, licences.seats_left(tenant, item)) for item in tenant.products],
    )  # fmt: skip


def _done(user_id: str, verb: Callable[[Caller, User], None], *, then: str = "") -> Any:
    """Do it and show the user again; the page says what is refused."""
    try:
        with state().work():
            user = _user(user_id)
            verb(Caller(tenant_of(user), is_person=True), user)
    except Refusal as error:
        with state().work():
            return _details(_user(user_id), error.message, 400)
    if then:
        return redirect(then, 303)
    return redirect(url_for("admin_centre.details", user_id=user_id), 303)


@blueprint.post("/users/<user_id>/sign-in")
def switch(user_id: str) -> Any:
    """Block or allow the sign-in."""
    return _done(user_id, lambda caller, user: directory.change(
        state(), caller, user, {"accountEnabled": not user.enabled}))  # fmt: skip


@blueprint.post("/users/<user_id>/details")
def edit(user_id: str) -> Any:
    def verb(caller: Caller, user: User) -> None:
        wanted = {name: request.form.get(name, "").strip() or None for name in EDITED if name in request.form}
        changes = {name: value for name, value in wanted.items() if value != user.body.get(name)}
        if changes:
            directory.change(state(), caller, user, changes)
        _set_manager(caller, user, request.form.get("manager", "").strip())

    return _done(user_id, verb)


def _set_manager(caller: Caller, user: User, name: str) -> None:
    current = people.find(caller.tenant, user.manager) if user.manager else None
    if not name and current:
        directory.clear_manager(state(), caller, user)
    elif name and (current is None or current.upn != name.casefold()):
        directory.set_manager(state(), caller, user, directory.user_of(caller.tenant, name))


@blueprint.post("/users/<user_id>/licences")
def assign(user_id: str) -> Any:
    def verb(caller: Caller, user: User) -> None:
        own = {item["skuId"] for item in user.body.get("licenseAssignmentStates") or () if not item["assignedByGroup"]}
        wanted = set(request.form.getlist("product"))
        add = [{"skuId": sku, "disabledPlans": []} for sku in sorted(wanted - own)]
        body = {"addLicenses": add, "removeLicenses": sorted(own - wanted)}
        directory.assign_licences(state(), caller.tenant, user, body)

    return _done(user_id, verb)


@blueprint.post("/users/<user_id>/mailbox")
def convert_mailbox(user_id: str) -> Any:
    """Shared mailboxes are made here and in the Exchange Admin Centre: Graph cannot."""
    purpose = mailboxes.SHARED if request.form.get("purpose") == mailboxes.SHARED else mailboxes.OF_A_PERSON
    return _done(user_id, lambda caller, user: mailboxes.convert(caller.tenant, user, purpose))


@blueprint.post("/users/<user_id>/password")
def reset_password(user_id: str) -> Any:
    profile = {"password": request.form.get("password", ""), "forceChangePasswordNextSignIn": True}
    return _done(user_id, lambda caller, user: directory.change(state(), caller, user, {"passwordProfile": profile}))


@blueprint.post("/users/<user_id>/delete")
def delete(user_id: str) -> Any:
    with state().work():
        tenant = tenant_of(_user(user_id))
    then = url_for("admin_centre.deleted", tenant=tenant.name)
    return _done(user_id, lambda caller, user: directory.delete(state(), caller, user), then=then)


@blueprint.post("/deleted/<user_id>/restore")
def restore(user_id: str) -> Any:
    user = User.get_or_none((User.id == user_id) & User.deleted_at.is_null(False))
    if user is None:
        abort(404)
    try:
        with state().work():
            directory.restore(state(), user, tenant_of(user))
    except Refusal as error:
        return page("admin_deleted.html", tenant_of(user), 400, users=[user], problem=error.message)
    return redirect(url_for("admin_centre.details", user_id=user_id), 303)


@blueprint.post("/licences/<sku_id>")
def set_seats(sku_id: str) -> Any:
    tenant = tenant_asked()
    with state().work():
        product = tenant.product(sku_id)
        if product is None:
            abort(404)
        product["prepaidUnits"]["enabled"] = max(0, request.form.get("seats", 0, int))
        state().keep_tenant(tenant)
    return redirect(url_for("admin_centre.products", tenant=tenant.name), 303)
