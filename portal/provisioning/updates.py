"""HR records that changed since they were last sent."""

from collections.abc import Iterable, Iterator
from typing import Any

from peewee import IntegrityError

from portal.accounts.fields import chosen, record_of
from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.database import transaction
from portal.operations.models import FIELD_SYNC, OPEN, Operation
from portal.operations.requests import UpdateRequest
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature, plans_with
from portal.people.models import Employee


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


def request_update(
    account: Account,
    *,
    by: Any = None,
    always: bool = False,
    only: str = "",
    but: Iterable[str] = (),
    run: int | None = None,
) -> Operation | None:
    """Write down that the record is to be sent; None when nothing differs from what was sent, or while one is open.

    only: this field alone. but: fields that are left as the application has them. run: the Run that it is part of.
    """
    employee, connection = account.employee, account.connection
    wanted = record_of(employee, connection)
    sent = {name: value for name, value in wanted["fields"].items() if only in ("", name) and name not in but}
    if account.fields_sent == wanted and not always:
        Account.update(fields_at=employee.changed_at).where(Account.id == account.id).execute()
        return None
    try:
        with transaction():
            mine = (Operation.employee == employee) & (Operation.connection == connection)
            busy = Operation.select().where(mine, Operation.state.in_(OPEN))
            if busy.exists():
                return None
            Account.update(fields_at=employee.changed_at, fields_sent=wanted).where(Account.id == account.id).execute()
            return Operation.ask_for(
                UpdateRequest(run=run, fields=sent, manager=not only and "manager" in chosen(connection)),
                organisation=account.organisation_id, employee=employee, connection=connection, account=account,
                by=None if isinstance(by, str) else by,
                by_name=by if isinstance(by, str) else by.display_name if by else FIELD_SYNC,
            )  # fmt: skip
    except IntegrityError:
        # Another one was opened in between.
        return None
