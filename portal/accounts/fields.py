"""Which values of the HR record flow to the account, and which employees have changed since theirs were sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.values import NOBODY, FieldPlace, RemoteAccount
from portal.languages import gettext as _
from portal.people.models import Employee

# Every field of the HR record -> the label of the page. Where each goes is for the connected application to say.
LABELS = {
    "display_name": _("Display name (preferred name and last name)"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "job_title": _("Job title"),
    "department": _("Department"),
    "location": _("Location"),
    "employment_type": _("Employment type"),
    "employee_number": _("Employee number"),
    "mobile": _("Mobile"),
    "manager": _("Manager"),
    "personal_email": _("Personal email"),
    "company_email": _("Company email"),
    "country": _("Country"),
    "start_date": _("Start date"),
    "end_date": _("End date"),
}


def short_label(name: str) -> str:
    """What a field is called where it is not chosen."""
    return _("Display name") if name == "display_name" else LABELS[name]


def places(connection: Connection) -> Mapping[str, FieldPlace]:
    """Where the connected application keeps each field that can flow."""
    return SERVICES[connection.service].places


def chosen(connection: Connection) -> list[str]:
    """The HR fields that the organisation lets flow; the usual ones until it has chosen."""
    known = places(connection)
    if connection.synced_fields is None:
        return [name for name in LABELS if name in known and known[name].at_first]
    return [name for name in connection.synced_fields if name in known]


def choose(connection: Connection, names: list[str]) -> None:
    """Let exactly these fields flow from now on; the portal compares every employee's record again."""
    known = places(connection)
    connection.synced_fields = [name for name in LABELS if name in known and name in names]
    connection.save(only=[Connection.synced_fields])
    Account.update(fields_at=None).where(Account.connection == connection).execute()


def values_of(employee: Employee, connection: Connection, names: list[str] | None = None) -> dict[str, Any]:
    """What the account should show: the chosen fields (or `names`) but the manager, who is another account."""
    record, known = {**employee.__data__, "display_name": employee.name}, places(connection)
    values = {name: _text(record[name]) for name in names or chosen(connection) if name != "manager"}
    return {name: value for name, value in values.items() if value or not known[name].never_empty}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


def at_creation(employee: Employee, connection: Connection, new_company_email: bool) -> dict[str, Any]:
    """What a new account is created with. A company email that is about to change is sent when it has."""
    left_out = {"company_email"} if new_company_email else set()
    return {name: value for name, value in values_of(employee, connection).items() if value and name not in left_out}


def record_of(employee: Employee, connection: Connection) -> dict[str, Any]:
    """What is remembered as sent: the chosen values, and who the manager is."""
    return {"fields": values_of(employee, connection), "manager_id": employee.manager_id}


@dataclass(frozen=True)
class Line:
    """A field as it is at the application, and as it would be. note: what the application does not take of it."""

    label: str
    before: str
    after: str
    note: str = ""


def before_and_after(account: Account, employee: Employee, names: list[str] | None = None) -> list[Line]:
    """Every field, of the chosen ones or of `names`, that would change or cannot be taken. Raises ConnectorError."""
    remote = for_connection(account.connection).find(account.remote_id)
    return differences(remote, employee, account.connection, names, manager_set=account.manager_remote_id is not None)


def differences(
    remote: RemoteAccount, employee: Employee, connection: Connection, names: list[str] | None = None, *,
    manager_set: bool = False,
) -> list[Line]:  # fmt: skip
    """As `before_and_after`, for an account as it was read. manager_set: its manager comes from us."""
    service = SERVICES[connection.service]
    held = {**remote.fields, "display_name": remote.display_name}
    lines = []
    for name, value in values_of(employee, connection, names).items():
        before, (after, note) = str(held.get(name) or ""), service.shown_as(name, value)
        if before != after or note:
            lines.append(Line(LABELS[name], before, after, note))
    if "manager" in (names or chosen(connection)):
        lines += _manager_line(remote, employee, connection, manager_set)
    return lines


def _manager_line(remote: RemoteAccount, employee: Employee, connection: Connection, manager_set: bool) -> list[Line]:
    """The manager, when another one would be set or the one that was set would be taken away."""
    held = remote.manager or NOBODY
    if employee.manager_id is None:
        ours = held.id and manager_set
        return [Line(LABELS["manager"], held.name, "")] if ours else []
    wanted = Account.get_or_none(
        Account.employee == employee.manager_id,
        Account.connection == connection,
        Account.detached_at.is_null(),
        Account.read_at.is_null(False),
    )
    if wanted is None or wanted.remote_id in (remote.id, held.id):
        return []
    return [Line(LABELS["manager"], held.name, wanted.display_name)]
