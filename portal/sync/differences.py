"""Where the tenant shows something other than the portal has set there. The portal finds it while it reads the tenant's
changes, and changes nothing: a person decides which of the two holds, or ignores it.

A row exists as long as the difference does; the portal deletes it once both sides match again.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from peewee import BooleanField, CharField, ForeignKeyField, TextField

from portal import audit, happenings
from portal.accounts import field_values, fields
from portal.accounts.models import Account, Status
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.capabilities import field_words
from portal.connectors.values import RemoteAccount
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.languages import gettext as _
from portal.languages import joined
from portal.operations import registry
from portal.operations.models import Operation, State
from portal.operations.requests import UpdateRequest, Verb
from portal.organisations.models import Organisation
from portal.people import actions as people
from portal.people import rules
from portal.people.models import Employee
from portal.problems import Problem

STATUS = "status"
# Made of several fields of the record, so there is nothing that theirs could be written to.
NOT_TO_ACCEPT = frozenset({"display_name"})
DECIDES_STATUS = (
    Verb.CREATE,
    Verb.LINK,
    Verb.RESTORE,
    Verb.DEACTIVATE,
    Verb.REACTIVATE,
    Verb.ALLOW,
    Verb.LEAVE,
    Verb.UNDO_LEAVE,
    Verb.BEGIN_ABSENCE,
    Verb.END_ABSENCE,
)
BLOCKS = (Verb.DEACTIVATE, Verb.LEAVE, Verb.BEGIN_ABSENCE)


class Difference(BaseModel):
    """what: a field of the HR record, or STATUS. ours: what was sent. theirs: what the tenant shows.

    ignored: it was looked at and is left alone, until theirs changes again.
    """

    organisation_id: int
    account_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    account = ForeignKeyField(Account, backref="differences", on_delete="CASCADE")
    what = CharField(max_length=40)
    ours = TextField(default="")
    theirs = TextField(default="")
    ignored = BooleanField(default=False)
    seen_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("account", "what"), True), (("organisation", "ignored", "id"), False))

    @property
    def label(self) -> str:
        return _("Status") if self.what == STATUS else fields.short_label(self.what)

    @property
    def may_be_accepted(self) -> bool:
        return self.what not in NOT_TO_ACCEPT


class Line(NamedTuple):
    """What a row of the page shows of a difference, by the names of the records."""

    id: int
    what: str
    ours: str
    theirs: str
    ignored: bool
    seen_at: datetime
    username: str
    employee_id: int
    first_name: str
    last_name: str
    preferred_name: str

    name = Employee.name
    label, may_be_accepted = Difference.label, Difference.may_be_accepted


class CannotAccept(Problem):
    """The HR record cannot hold this value."""

    status = 422


def note_fields(connection: Connection, read: list[tuple[Account, RemoteAccount]]) -> None:
    """Hold the accounts that were just read against what was last sent to them."""
    compared = [name for name in fields.chosen(connection) if name in SERVICES[connection.service].fields_in_changes]
    suspects = [
        (account, held, names) for account, remote in read
        if (names := _suspects(account, held := {**remote.fields, "display_name": remote.display_name}, compared))
    ]  # fmt: skip
    # All at once: somebody may have changed a field of a whole company.
    wanted = [account.employee_id for account, _held, _names in suspects]
    employees = {one.id: one for one in Employee.select().where(Employee.id.in_(wanted))} if wanted else {}
    found = {
        (account.id, name): (account, ours, theirs)
        for account, held, names in suspects
        for name, ours, theirs in _differing(connection, account, employees[account.employee_id], held, names)
    }
    mine = Difference.account.in_([account.id for account, _ in read]) & Difference.what.in_(compared)
    known = {(row.account_id, row.what): row for row in Difference.select().where(mine)}
    for key in known.keys() - found.keys():
        known[key].delete_instance()
    for key, (account, ours, theirs) in found.items():
        _note(account, key[1], ours, theirs, known.get(key))


def _suspects(account: Account, held: dict[str, Any], names: list[str]) -> list[str]:
    """The fields that do not show what was sent. held: what they show."""
    sent = (account.fields_sent or {}).get("fields", {})
    return [name for name in names if name in sent and str(held.get(name) or "") != sent[name]]


def _differing(
    connection: Connection, account: Account, employee: Employee, held: dict[str, Any], names: list[str]
) -> Iterator[tuple[str, str, str]]:
    """Each of the fields with what was sent and what is shown, where that is not what the record says either."""
    sent = account.fields_sent["fields"]
    shown_as, record = SERVICES[connection.service].shown_as, fields.values_of(employee, connection, names)
    for name in names:
        theirs, ours = str(held.get(name) or ""), shown_as(name, sent[name])[0]
        if theirs not in (ours, shown_as(name, record.get(name, ""))[0]):
            yield name, ours, theirs


def note_status(account: Account, before: Status, after: Status) -> None:
    """After a change of status in the tenant: whether that is against what was last done here."""
    mine = (Difference.account == account) & (Difference.what == STATUS)
    if after != Status.ACTIVE:
        Difference.delete().where(mine).execute()
    elif before == Status.DEACTIVATED and _ought_to_be_deactivated(account):
        _note(account, STATUS, Status.DEACTIVATED, Status.ACTIVE, Difference.get_or_none(mine))


def _ought_to_be_deactivated(account: Account) -> bool:
    employee: Employee = account.employee
    if employee.end_date is not None and employee.end_date < now().astimezone(employee.organisation.zone).date():
        return True
    done = (Operation.account == account) & (Operation.state == State.DONE) & Operation.verb.in_(DECIDES_STATUS)
    last = Operation.select(Operation.verb).where(done).order_by(Operation.id.desc()).first()
    return last is not None and last.verb in BLOCKS


def _note(account: Account, what: str, ours: str, theirs: str, row: Difference | None) -> None:
    """row: what is known of it already."""
    if row is not None and row.theirs == theirs:
        return
    with transaction():
        if row is None:
            Difference.create(
                organisation=account.organisation_id, account=account, what=what, ours=ours, theirs=theirs
            )  # fmt: skip
        else:
            row.ours, row.theirs, row.ignored, row.seen_at = ours, theirs, False, now()
            row.save()
        told = {"employee_id": account.employee_id, "field": what, "page": "/provisioning/differences"}
        happenings.tell(account.organisation_id, "disagreement.found", **told)


@registry.when_ended()
def settle(operation: Operation) -> None:
    """What a finished operation has read back is no longer a difference."""
    mine = Difference.account == operation.account_id
    if operation.verb == Verb.UPDATE:
        mine &= Difference.what.in_(list(operation.request_as(UpdateRequest).fields))
    elif operation.verb in DECIDES_STATUS:
        mine &= Difference.what == STATUS
    elif operation.verb != Verb.UNLINK:
        return
    Difference.delete().where(mine).execute()


def open_of(account: Account) -> list[Difference]:
    """What is to be decided about the account."""
    mine = (Difference.account == account) & ~Difference.ignored
    return list(Difference.select().where(mine).order_by(Difference.id))


def ignored_of(account: Account) -> set[str]:
    """The fields that are left as the tenant has them."""
    rows: Any = Difference.select(Difference.what).where(Difference.account == account, Difference.ignored)
    return {what for (what,) in rows.tuples()}


def accept(row: Difference, *, by: User | str) -> None:
    """Take over what the tenant shows. Raises CannotAccept, with the reason, when the HR record cannot hold it."""
    employee = row.account.employee
    if row.what != STATUS:
        _write_to_record(row, employee, by)
        return
    with transaction():
        if row.delete_instance():
            audit.record(by, "accept status of the tenant", employee, username=row.account.username)


def _write_to_record(row: Difference, employee: Employee, by: User | str) -> None:
    problem = rules.text_problem(row.what, row.theirs)
    if problem or not row.may_be_accepted:
        raise CannotAccept(
            joined(
                _(
                    "“%(theirs)s” cannot be the %(field)s of the HR record.",
                    theirs=row.theirs,
                    field=field_words(row.what),
                ),
                problem or "",
            )
        )
    with transaction():
        try:
            people.edit_employee(employee, {row.what: row.theirs}, by=by)
        except people.FieldRefused as refusal:
            raise CannotAccept(refusal.message) from refusal
        account = Account.get_by_id(row.account_id)
        # The tenant has it already: nothing is to be sent for it. What else has changed in the record is.
        account.fields_sent = field_values.sent_too(account.fields_sent, {row.what: row.theirs})
        account.save(only=[Account.fields_sent])
        row.delete_instance()


def ignore(row: Difference, ignored: bool, *, by: User | str) -> None:
    """Leave it alone until theirs changes again; or, with False, show it again."""
    with transaction():
        mine = (Difference.id == row.id) & (Difference.ignored != ignored)
        if Difference.update(ignored=ignored).where(mine).execute():
            action = "ignore difference" if ignored else "look at difference again"
            audit.record(by, action, row.account.employee, organisation=row.organisation, what=row.label)
