"""Settings > Departments and locations: listing them, renaming and merging them."""

from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask_login import current_user

from portal import access, connected, params
from portal.access import Action
from portal.accounts import fields
from portal.accounts.models import Account
from portal.connectors import SERVICES
from portal.languages import ngettext
from portal.organisation_settings import rule_names
from portal.people import lists
from portal.people.lists import CannotRename, ValueChange
from portal.people.models import Employee
from portal.web import Answer, leave_to, page

blueprint = Blueprint("lists", __name__, url_prefix="/settings/departments-and-locations")
NAMED = 5


@blueprint.get("")
@access.requires(Action.MANAGE_SETTINGS)
def show() -> Answer:
    organisation = access.organisation()
    found = {field: lists.values(organisation, field) for field in lists.FIELDS}
    return page("organisation_settings/lists.html", found=found, changes=lists.recent(organisation))


@blueprint.get("/<field>")
@access.requires(Action.MANAGE_SETTINGS)
def ask(field: str) -> Answer:
    """The form for the new name; with `to`, what the change would do."""
    name, to = params.line("name"), params.line("to")
    if field not in lists.FIELDS or not _employees(field, name).exists():
        abort(404)
    if "to" not in request.args:
        return _page(field, name)
    try:
        to = lists.checked_name(field, name, to)
    except CannotRename as problem:
        return _page(field, name, to=to, problem=problem.message, status=422)
    return _page(field, name, to=to, would=_would(field, name, to))


@blueprint.post("/<field>")
@access.requires(Action.MANAGE_SETTINGS)
def change(field: str) -> Answer:
    if field not in lists.FIELDS:
        abort(404)
    name, to = request.form.get("name", ""), request.form.get("to", "")
    try:
        note = lists.change(access.organisation(), field, name, to, by=current_user)
    except CannotRename as problem:
        flash(problem.message, "danger")
        return leave_to(url_for(".show"))
    rule_names.follow(note, by=current_user)
    people = len(note.employees)
    flash(
        ngettext(
            "“%(old)s” is now “%(new)s”, for %(num)s employee.", "“%(old)s” is now “%(new)s”, for %(num)s employees.",
            people, old=note.old, new=note.new,
        ),
        "success",
    )  # fmt: skip
    return leave_to(url_for(".show"))


@blueprint.post("/changes/<int:change_id>/undo")
@access.requires(Action.MANAGE_SETTINGS)
def undo(change_id: int) -> Answer:
    mine = (ValueChange.organisation == access.organisation()) & (ValueChange.id == change_id)
    note = ValueChange.get_or_none(mine)
    if note is None:
        abort(404)
    people = lists.undo(note, by=current_user)
    rule_names.follow_back(note, by=current_user)
    flash(
        ngettext(
            "%(num)s employee changed back to “%(old)s”.", "%(num)s employees changed back to “%(old)s”.", people,
            old=note.old,
        ),
        "success",
    )  # fmt: skip
    return leave_to(url_for(".show"))


def _employees(field: str, name: str) -> Any:
    return lists.with_value(access.organisation(), field, name)


def _would(field: str, name: str, to: str) -> dict[str, Any]:
    """What the change would do: how many employees, which accounts follow, and which rules name it."""
    mine, first = _employees(field, name), Employee.sort_name
    return {
        "employees": mine.count(), "names": [one.name for one in mine.order_by(first, Employee.id).limit(NAMED)],
        "there": _employees(field, to).count(), "accounts": _accounts(field, mine),
        "rules": rule_names.count(access.organisation(), field, name),
    }  # fmt: skip


def _accounts(field: str, employees: Any) -> dict[str, int]:
    """How many accounts the portal would send the new name to: by the name of the application."""
    found = {}
    for connection in connected.connections():
        if field in fields.chosen(connection):
            ids = employees.select(Employee.id)
            mine = Account.select().where(Account.connection == connection, Account.detached_at.is_null())
            found[SERVICES[connection.service].name] = mine.where(Account.employee.in_(ids)).count()
    return {name: count for name, count in found.items() if count}


def _page(field: str, name: str, *, status: int = 200, **context: Any) -> Answer:
    known = [one.name for one in lists.values(access.organisation(), field) if one.name != name]
    return page("organisation_settings/list_change.html", status=status, field=field, name=name, known=known, **context)
