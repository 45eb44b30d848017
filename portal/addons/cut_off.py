"""Accounts whose creation a disconnect cut off: when the organisation comes back to the tenant, they are looked for."""

from collections.abc import Iterable

from portal.accounts.models import Account
from portal.auth.models import User
from portal.connections.models import Connection
from portal.operations import journal
from portal.operations.models import Operation, State
from portal.operations.requests import CreateRequest, LinkRequest, Verb


def look_for_accounts(connection: Connection, *, by: User) -> int:
    """Start to look for accounts that an earlier connection may have made unseen; returns how many may be there.

    Inside the transaction that makes the connection, after adoption. Each is known again by the marker it was given.
    """
    started = set()
    for cut in _cut_off_creates(connection):
        if cut.employee_id not in started and not _has_account(cut.employee_id, connection):
            _look_for(cut, connection, by)
            started.add(cut.employee_id)
    return len(started)


def _cut_off_creates(connection: Connection) -> Iterable[Operation]:
    """Cancelled creates of the same tenant that may have been carried out, the latest first.

    Not those whose account was looked for to the end: a second disconnect may have cut that off too.
    """
    looked_for = Operation.alias()
    query = (
        Operation.select(Operation, Connection)
        .join(Connection)
        .where(
            Connection.organisation == connection.organisation_id,
            Connection.service == connection.service,
            Connection.tenant_id == connection.tenant_id,
            Connection.id != connection.id,
            Operation.verb == Verb.CREATE,
            Operation.state == State.CANCELLED,
            Operation.marker.not_in(
                looked_for.select(looked_for.marker).where(
                    looked_for.organisation == connection.organisation_id,
                    looked_for.verb == Verb.LINK,
                    looked_for.state != State.CANCELLED,
                )
            ),
        )
        .order_by(Operation.id.desc())
    )
    return [operation for operation in list(query) if journal.may_have_made(operation)]


def _has_account(employee_id: int, connection: Connection) -> bool:
    mine = Account.employee == employee_id
    return Account.select().where(mine, Account.connection == connection, Account.detached_at.is_null()).exists()


def _look_for(cut: Operation, connection: Connection, by: User) -> Operation:
    return Operation.ask_for(
        LinkRequest(username=cut.request_as(CreateRequest).username, marker=cut.marker),
        organisation=connection.organisation_id, employee=cut.employee_id, connection=connection,
        by=by, by_name=by.display_name, marker=cut.marker,
    )  # fmt: skip
