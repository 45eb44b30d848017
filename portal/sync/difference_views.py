"""Provisioning > Changed in (an application): what differs there from the HR record, and what to do about it."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from peewee import SQL, fn

from portal import access, background, connected, counting, params, seeing
from portal.access import Action
from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.asking import kept
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.languages import joined
from portal.operations.models import Operation, State
from portal.paging import begun, kept_page
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions
from portal.sync import differences as differences
from portal.sync.differences import STATUS, Difference
from portal.web import Answer, leave_to, page, page_in_sight

blueprint = Blueprint("differences", __name__, url_prefix="/provisioning/differences")
connected.about_one_application(blueprint)
ONE = "/<int:difference_id>"
PATIENCE = 5.0


@blueprint.get("")
@access.requires(Action.OVERSEE, advertised=True)
def show() -> Answer:
    connection = connected.chosen_connection()
    if connection is None:
        return page("sync/differences.html", connection=None)
    counts = _remembered(connection)
    if not counts[False] and not request.args and (other := _another_with_open(connection)):
        # Who follows a link that names no application finds what it is about.
        return redirect(url_for(".show", app=other.service))
    ignored, after = request.args.get("show") == "ignored", params.number("after")
    found = kept_page(_some, differences.Line, after, ignored, **_asked(connection))
    return page(
        "sync/differences.html", connection=connection, service=SERVICES[connection.service],
        rows=found, ignored=ignored, counts=counts,
    )  # fmt: skip


@blueprint.app_template_global("differences_title")
def title() -> str:
    """What the menu calls the page: by the application, where there is one only."""
    found = connected.connections()
    # A narrow menu keeps the name together.
    name = found[0].service_name.replace(" ", "\u00a0") if len(found) == 1 else ""
    return _("Changed in %(name)s", name=name) if name else _("Changed outside the portal")


def _standing(organisation: Any, connection: Any) -> Any:
    """The differences about accounts that the organisation still has at the application."""
    mine = (Difference.organisation == organisation) & (Account.connection == connection)
    mine &= Account.detached_at.is_null()
    return Difference.select().join(Account).join(Employee).where(mine)


def _asked(connection: Connection) -> dict[str, int]:
    return {"organisation": connection.organisation_id, "connection": connection.id}


@kept
def _some(begins: bool, ignored: bool, *, organisation: Any, connection: Any, start: Any) -> Any:
    found = _standing(organisation, connection).where(Difference.ignored == ignored)
    own = (Difference.id, Difference.what, Difference.ours, Difference.theirs, Difference.ignored, Difference.seen_at)
    named = (Account.username, Employee.id, Employee.first_name, Employee.last_name, Employee.preferred_name)
    return begun(found.select(*own, *named), Difference.id, begins, start)


def _remembered(connection: Connection) -> dict[bool, int]:
    """How many are open there, and how many are ignored."""
    key = ("differences", connection.id)
    return counting.remembered(key, lambda: _counts(connection), size=lambda found: sum(found.values()))


def _another_with_open(connection: Connection) -> Connection | None:
    others = (one for one in connected.connections() if one.id != connection.id)
    return next((one for one in others if _remembered(one)[False]), None)


def _counts(connection: Connection) -> dict[bool, int]:
    return {False: 0, True: 0} | {bool(ignored): count for ignored, count in _counted.rows(**_asked(connection))}


@kept
def _counted(*, organisation: Any, connection: Any) -> Any:
    found = _standing(organisation, connection).select(Difference.ignored, fn.COUNT(SQL("1")))
    return found.group_by(Difference.ignored).tuples()


def _did(difference_id: int, act: Any) -> Answer:
    """Do it, say what came of it, and show the page that the button was on."""
    row = seeing.own_or_404(Difference, difference_id)
    counting.forget("differences", row.account.connection_id)
    try:
        words = act(row)
    except Problem as problem:
        flash(joined(problem.message, problem.next_step), "warning")
    else:
        flash(words, "success")
    return leave_to(page_in_sight(url_for(".show")))


@blueprint.post(f"{ONE}/push")
@access.requires(Action.OVERSEE)
def push(difference_id: int) -> Answer:
    return _did(difference_id, _push)


def _push(row: Difference) -> str:
    employee: Employee = row.account.employee
    try:
        operation: Operation = background.within(PATIENCE, lambda: _pushed(row, Place.of_account(row.account)))
    except background.StillUnderWay:
        return _("This is taking longer than usual. Activity shows the outcome.")
    if operation.state == State.DONE:
        service = row.account.connection.service_name
        return _(
            "%(field)s of %(name)s is “%(ours)s” in %(service)s again.",
            field=row.label,
            name=employee.name,
            ours=_(row.ours) if row.what == STATUS else row.ours,
            service=service,
        )
    return joined(
        _("Not done yet: %(field)s of %(name)s.", field=row.label, name=employee.name),
        operation.message,
        operation.next_step,
    )


def _pushed(row: Difference, place: Place) -> Operation:
    if row.what == STATUS:
        return actions.deactivate_account(place, by=current_user)
    return actions.update_account(place, by=current_user, only=row.what)


@blueprint.post(f"{ONE}/accept")
@access.requires(Action.OVERSEE)
def accept(difference_id: int) -> Answer:
    def act(row: Difference) -> str:
        differences.accept(row, by=current_user)
        what = _("%(field)s of %(name)s", field=row.label, name=row.account.employee.name)
        return (
            _("%(what)s stays “%(theirs)s”.", what=what, theirs=_(row.theirs))
            if row.what == STATUS
            else _("%(what)s is now “%(theirs)s” in the HR record.", what=what, theirs=row.theirs)
        )

    return _did(difference_id, act)


@blueprint.post(f"{ONE}/ignore")
@access.requires(Action.OVERSEE)
def ignore(difference_id: int) -> Answer:
    return _did(difference_id, lambda row: _ignored(row, True))


@blueprint.post(f"{ONE}/look-again")
@access.requires(Action.OVERSEE)
def look_again(difference_id: int) -> Answer:
    return _did(difference_id, lambda row: _ignored(row, False))


def _ignored(row: Difference, ignored: bool) -> str:
    differences.ignore(row, ignored, by=current_user)
    what = _("%(field)s of %(name)s", field=row.label, name=row.account.employee.name)
    return (
        _("%(what)s is ignored until it changes again.", what=what)
        if ignored
        else _("%(what)s is open again.", what=what)
    )
