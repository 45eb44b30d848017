"""Which fields of the HR record flow to the accounts, and what that would change for one person."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user

from portal import access, background, connected, params, seeing
from portal.access import Action
from portal.accounts import choosing, fields
from portal.accounts.models import Account
from portal.connections import doctor
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.languages import gettext as _
from portal.languages import joined
from portal.people import managers
from portal.people.models import Employee
from portal.web import Answer, leave_to, page

blueprint = Blueprint("fields", __name__)
TAB = "/settings/add-ons/<service_key>/field-sync"
PATIENCE = 5.0


@dataclass(frozen=True)
class Preview:
    """What flowing would change for one person, or why that is not known. lines: None when it is not."""

    words: str
    lines: list[fields.Line] | None = None


@blueprint.get("/settings/field-sync")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def show() -> Answer:
    """The address of before: on to the tab of the application that it names, or of the first."""
    connection = connected.chosen_connection()
    if connection is None:
        return page("sync/not_connected.html")
    return redirect(url_for(".field_sync", service_key=connection.service))


@blueprint.get(TAB)
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def field_sync(service_key: str) -> Answer:
    """The fields that flow; with a person in the address, what the fields that are ticked there would change."""
    connection = connected.connection_or_404(service_key)
    person, ticked = params.line("person", most=200), None
    preview = None
    if "person" in request.args:
        ticked = _ticked(connection, request.args.getlist("field"))
        preview = _preview(connection, person, ticked)
    return _page(connection, ticked, person=person, preview=preview)


@blueprint.post(TAB)
@access.requires(Action.MANAGE_ADD_ONS)
def choose_fields(service_key: str) -> Answer:
    connection = connected.connection_or_404(service_key)
    choosing.choose_fields(connection, _ticked(connection, request.form.getlist("field")), by=current_user)
    flash(_("Saved. The portal begins to send changed records within a minute."), "success")
    return leave_to(url_for(".field_sync", service_key=service_key))


def _ticked(connection: Connection, names: list[str]) -> list[str]:
    """Those of the names that can flow, with the permissions that the application grants."""
    granted, _ = doctor.granted(connection, SERVICES[connection.service])
    return [
        name
        for name, place in fields.places(connection).items()
        if name in names and (place.permission is None or place.permission.met_by(granted))
    ]


def _page(connection: Connection, ticked: list[str] | None, **context: Any) -> Answer:
    service = SERVICES[connection.service]
    granted, unread = doctor.granted(connection, service)
    return page(
        "sync/field_sync.html", connection=connection, service=service, labels=fields.LABELS,
        places=fields.places(connection), chosen=fields.chosen(connection) if ticked is None else ticked,
        granted=granted, unread=unread, **context,
    )  # fmt: skip


def _preview(connection: Connection, text: str, names: list[str]) -> Preview:
    """The person who is meant, and each field before and after."""
    if not text:
        return Preview(_("Enter a name or an employee number."))
    employee, near = managers.find(seeing.visible_employees(), text)
    employee = employee or (near[0] if len(near) == 1 else None)
    if employee is None:
        return Preview(
            _("Several people match: %(people)s.", people=", ".join(_told(one) for one in near))
            if near
            else _("Nobody matches.")
        )
    account = Account.live_of(employee, connection)
    if account is None or account.read_at is None:
        return Preview(_("%(name)s has no account yet.", name=employee.name))
    if not names:
        return Preview(_("No field is ticked, so nothing would change."), [])
    try:
        lines = background.within(PATIENCE, lambda: fields.before_and_after(account, employee, names))
    except ConnectorError as error:
        return Preview(joined(error.message, error.next_step))
    except background.StillUnderWay:
        return Preview(_("The application did not answer in time: try again in a moment."))
    return Preview(
        _("%(name)s: nothing would change.", name=employee.name) if not lines else _("%(name)s:", name=employee.name),
        lines,
    )


def _told(employee: Employee) -> str:
    return f"{employee.name} ({employee.employee_number})"
