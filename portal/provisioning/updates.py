"""HR records that changed since they were last sent."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from peewee import IntegrityError, fn

from portal.accounts.field_values import sent_too
from portal.accounts.fields import chosen, record_of
from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.database import transaction
from portal.languages import gettext as _
from portal.operations import engine, registry
from portal.operations.models import FIELD_SYNC, OPEN, Operation, State
from portal.operations.requests import UpdateRequest, Verb
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature, plans_with
from portal.people.models import Employee

# How many records are sent in a minute.
AT_ONCE = 500
# Verbs that block the sign-in: what a field shows must not keep a leaver's account open.
COME_FIRST = (Verb.DEACTIVATE, Verb.LEAVE, Verb.BEGIN_ABSENCE)


def changed() -> Iterator[Account]:
    """Accounts whose HR record was changed after it was last sent, oldest change first; none once the plan is lost.

    The connections come by turns, so that what many employees of one have changed holds up no other, nor do those for
    whom another change is under way.
    """
    under_way = Operation.select().where(
        Operation.employee == Account.employee, Operation.connection == Account.connection, Operation.state.in_(OPEN)
    )
    turn = fn.ROW_NUMBER().over(partition_by=[Account.connection], order_by=[Employee.changed_at])
    query: Any = Account.select(Account.id).join(Employee).switch(Account).join(Connection).join(Organisation)
    query = query.where(
        Organisation.plan.in_(plans_with(Feature.ACCOUNT_PROVISIONING)),
        Account.detached_at.is_null(),
        Account.read_at.is_null(False),
        Connection.disconnected_at.is_null(),
        Account.fields_at.is_null() | (Employee.changed_at > Account.fields_at),
        ~fn.EXISTS(under_way),
    )
    ids = [found for (found,) in query.order_by(turn, Employee.changed_at).limit(AT_ONCE).tuples()]
    whole = Account.select(Account, Employee, Connection).join(Employee).switch(Account).join(Connection)
    accounts = {account.id: account for account in whole.where(Account.id.in_(ids))}
    yield from (accounts[found] for found in ids if found in accounts)


def send_again(operations: Any) -> None:
    """What these were to send counts as not sent: it is sent as soon as it can be. operations: a select of them."""
    accounts = operations.select(Operation.account).where(Operation.verb == Verb.UPDATE)
    again = Account.update(fields_sent=None, fields_at=None)
    # Of an account whose record is sent only when it next changes nothing was.
    again.where(Account.id.in_(accounts), Account.fields_sent.is_null(False)).execute()


@registry.when_ended(Verb.UPDATE, state=State.CANCELLED)
def send_what_was_cut_off(operation: Operation) -> None:
    send_again(Operation.select().where(Operation.id == operation.id))


def make_way(verb: str, employee: Employee, connection: Connection) -> None:
    """Within a transaction: end the sending of the record that waits there, if it makes way for this verb.

    It is sent again afterwards.
    """
    sending = Operation.latest_of(employee, connection) if verb in COME_FIRST else None
    if sending is not None and makes_way(sending, verb):
        engine.OPERATIONS.cancel(sending, _("Blocking the sign-in came first. The HR record is sent afterwards."))


def makes_way(operation: Operation, verb: str) -> bool:
    """Whether this verb need not wait for the operation."""
    return verb in COME_FIRST and operation.verb == Verb.UPDATE and operation.state == State.WAITING


def backlog() -> Counter[int]:
    """How many changed records of each connection are being sent, or wait for that."""
    mine = (Operation.by_name == FIELD_SYNC) & Operation.state.in_(OPEN)
    rows: Any = Operation.select(Operation.connection, fn.COUNT(Operation.id)).where(mine)
    return Counter(dict(rows.group_by(Operation.connection).tuples()))


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

    Of the fields those are sent that have changed since: what somebody has changed in the application is theirs until a
    person decides. always: all of them, whether they have changed or not. only: this field alone. but: fields that are
    left as the application has them. run: the Run that it is part of.
    """
    employee, connection = account.employee, account.connection
    wanted = record_of(employee, connection)
    known = {} if always or _has_failed(account) else (account.fields_sent or {}).get("fields", {})
    sent = {
        name: value for name, value in wanted["fields"].items()
        if only in ("", name) and name not in but and known.get(name) != value
    }  # fmt: skip
    if account.fields_sent == wanted and not always:
        Account.update(fields_at=employee.changed_at).where(Account.id == account.id).execute()
        return None
    try:
        with transaction():
            mine = (Operation.employee == employee) & (Operation.connection == connection)
            busy = Operation.select().where(mine, Operation.state.in_(OPEN))
            if busy.exists():
                return None
            # What else has changed in the record, and is not sent with one field alone, is to be sent still.
            whole = {"fields_at": employee.changed_at, "fields_sent": wanted}
            note = {"fields_sent": sent_too(account.fields_sent, sent)} if only else whole
            Account.update(note).where(Account.id == account.id).execute()
            return Operation.ask_for(
                UpdateRequest(run=run, fields=sent, manager=not only and "manager" in chosen(connection)),
                organisation=account.organisation_id, employee=employee, connection=connection, account=account,
                by=None if isinstance(by, str) else by,
                by_name=by if isinstance(by, str) else by.display_name if by else FIELD_SYNC,
            )  # fmt: skip
    except IntegrityError:
        # Another one was opened in between.
        return None


def _has_failed(account: Account) -> bool:
    """Whether what was sent last did not arrive, as far as is known."""
    mine = (Operation.employee == account.employee_id) & (Operation.connection == account.connection_id)
    query = Operation.select(Operation.state).where(mine, Operation.verb == Verb.UPDATE)
    last = query.order_by(Operation.id.desc()).first()
    return last is not None and last.state == State.FAILED
