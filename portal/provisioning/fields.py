"""Which values of the HR record flow to the account, and which employees have changed since theirs were sent."""

from collections.abc import Iterator
from typing import Any

from portal.addons.models import Connection
from portal.connectors import for_connection
from portal.database import transaction
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature, plans_with
from portal.people.models import Employee
from portal.provisioning.models import OPEN, Account, Operation, Verb

# HR field -> the label of the page. Those that an application has no place for are offered and marked as such there.
LABELS = {
    "display_name": "Display name (preferred name and last name)",
    "first_name": "First name",
    "last_name": "Last name",
    "job_title": "Job title",
    "department": "Department",
    "employee_number": "Employee number",
    "mobile": "Mobile",
    "manager": "Manager",
    "personal_email": "Personal email",
    "company_email": "Company email",
    "country": "Country",
    "start_date": "Start date",
    "end_date": "End date",
}
FLOWING = ("display_name", "first_name", "last_name", "job_title", "department", "employee_number", "mobile", "manager")


def chosen(connection: Connection) -> list[str]:
    """The HR fields that the organisation lets flow; all that can, until it has chosen."""
    return list(FLOWING) if connection.synced_fields is None else [n for n in connection.synced_fields if n in FLOWING]


def choose(connection: Connection, names: list[str]) -> None:
    """Let exactly these fields flow from now on; everybody's record is looked at again."""
    connection.synced_fields = [name for name in FLOWING if name in names]
    connection.save(only=[Connection.synced_fields])
    Account.update(fields_at=None).where(Account.connection == connection).execute()


def values_of(employee: Employee, connection: Connection) -> dict[str, Any]:
    """What the account should show: the chosen fields but the manager, who is another account and not a value."""
    record = {**employee.__data__, "display_name": employee.name}
    return {name: record[name] or "" for name in chosen(connection) if name != "manager"}


def record_of(employee: Employee, connection: Connection) -> dict[str, Any]:
    """What is remembered as sent: the chosen values, and who the manager is."""
    return {"fields": values_of(employee, connection), "manager_id": employee.manager_id}


def before_and_after(account: Account, employee: Employee) -> list[tuple[str, str, str]]:
    """(label, as it is at the service, as it would be) of every field that would change. Raises ConnectorError."""
    remote = for_connection(account.connection).find(account.remote_id)
    held = {**remote.fields, "display_name": remote.display_name}
    wanted = values_of(employee, account.connection)
    return [
        (LABELS[name], str(held.get(name) or ""), str(value))
        for name, value in wanted.items()
        if str(held.get(name) or "") != str(value)
    ]


def changed() -> Iterator[Account]:
    """Accounts whose HR record was changed after it was last sent, oldest change first; none once the plan is lost."""
    yield from list(
        Account.select(Account, Employee, Connection)
        .join(Employee)
        .switch(Account)
        .join(Connection)
        .switch(Account)
        .join(Organisation)
        .where(
            Organisation.plan.in_(plans_with(Feature.ACCOUNT_PROVISIONING)),
            Account.detached_at.is_null(),
            Account.read_at.is_null(False),
            Connection.disconnected_at.is_null(),
            Account.fields_at.is_null() | (Employee.changed_at > Account.fields_at),
        )
        .order_by(Employee.changed_at)
        .limit(500)
    )


def request_update(account: Account, *, by: Any = None, always: bool = False) -> Operation | None:
    """Write down that the record is to be sent; None when nothing differs from what was sent, or while one is open."""
    employee, connection = account.employee, account.connection
    wanted = record_of(employee, connection)
    if account.fields_sent == wanted and not always:
        Account.update(fields_at=employee.changed_at).where(Account.id == account.id).execute()
        return None
    with transaction():
        busy = Operation.select().where(Operation.employee == employee, Operation.state.in_(OPEN))
        if busy.exists():
            return None
        Account.update(fields_at=employee.changed_at, fields_sent=wanted).where(Account.id == account.id).execute()
        return Operation.create(
            organisation=account.organisation_id, employee=employee, connection=connection, account=account,
            verb=Verb.UPDATE, by=by, by_name=by.display_name if by else "field sync",
            requested={"fields": wanted["fields"], "manager": "manager" in chosen(connection)},
        )  # fmt: skip
