"""Account, Operation, Step, LoginMail: the states and the allowed transitions, as data."""

import uuid
from datetime import timedelta
from enum import StrEnum
from typing import Any

from peewee import SQL, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.addons.models import Connection
from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.leases import Leased
from portal.organisations.models import Organisation
from portal.people.models import Employee


class Status(StrEnum):
    """The three words a person sees, everywhere the same."""

    NO_ACCESS = "No access"
    ACTIVE = "Active"
    DEACTIVATED = "Deactivated"


class Verb(StrEnum):
    CREATE = "create"
    LINK = "link"
    RESTORE = "restore"
    UNLINK = "unlink"
    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    UPDATE = "update"
    LICENCE = "licence"
    RESEND = "resend"


class State(StrEnum):
    """Where an Operation is. Waiting and running are open; the others are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.WAITING, State.RUNNING)
# Verb -> what it does in words; the registry fills it.
WORDS: dict[str, str] = {}


# Account.detached_by of those that a Disconnect has detached.
BY_DISCONNECT = "disconnect"


class Account(BaseModel):
    """An employee's identity in the connected tenant. Detached by Unlink and by Disconnect, never deleted.

    read_at: when it was last read from the tenant; None until a create has been read back.
    manager_remote_id: the manager we have set. manager_shown: who it is at the application; None until read.
    plan_ids: all its licences. own_plan_ids: those that no group gives, so that we may take them; None until read.
    fields_sent, fields_at: what was last sent of the HR record, and when it was last looked at.
    detached_by: "unlink", "disconnect", or "deleted" when it vanished from the tenant.
    """

    organisation_id: int
    employee_id: int
    connection_id: int
    login_mails: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, backref="accounts", on_delete="CASCADE")
    connection = ForeignKeyField(Connection, backref="accounts", on_delete="CASCADE")
    remote_id = CharField(max_length=64)
    username = CharField(max_length=320)
    display_name = CharField(max_length=256, default="")
    enabled = BooleanField()
    created_by_portal = BooleanField(default=False)
    protections = JSONField(default=list)
    plan_ids = JSONField(default=list)
    own_plan_ids = JSONField(null=True)
    email = CharField(max_length=320, default="")
    manager_remote_id = CharField(max_length=64, null=True)
    manager_shown = CharField(max_length=600, null=True)
    read_at = UtcDateTimeField(null=True)
    fields_sent = JSONField(null=True)
    fields_at = UtcDateTimeField(null=True)
    detached_at = UtcDateTimeField(null=True)
    detached_by = CharField(max_length=20, default="")

    @property
    def status(self) -> Status:
        if self.detached_at is not None or self.read_at is None:
            return Status.NO_ACCESS
        return Status.ACTIVE if self.enabled else Status.DEACTIVATED

    @classmethod
    def live_of(cls, employee: Employee) -> "Account | None":
        return cls._live(employee, cls, Connection).first()

    @classmethod
    def any_of(cls, employee: Employee) -> bool:
        """Whether the employee has an account."""
        return cls._live(employee, cls.id).exists()

    @classmethod
    def _live(cls, employee: Employee, *columns: Any) -> Any:
        live = cls.detached_at.is_null() & Connection.disconnected_at.is_null()
        return cls.select(*columns).join(Connection).where(cls.employee == employee, live)


Account.add_index(
    Account.index(Account.employee, Account.connection, unique=True, name="account_one_per_employee")
    .where(SQL("detached_at IS NULL"))
)  # fmt: skip
Account.add_index(
    Account.index(Account.connection, Account.remote_id, unique=True, name="account_one_per_identity")
    .where(SQL("detached_at IS NULL"))
)  # fmt: skip
Account.add_index(Account.index(Account.connection, Account.username, name="account_by_username"))


class Operation(Leased):
    """One thing we do to one account, written down before it is done.

    requested: what the person asked for, as plain values. results: what the steps have found out so far.
    marker: a random word left on an account we create, by which we know our own again.
    not_before: when it is due; in the future while it waits for another try.
    lease_by: a random word of the process that carries it out.
    """

    OPEN, DUE = OPEN, "not_before"
    # Held on to before each request when half of it is over, so it must be longer than twice the longest request.
    LEASE = timedelta(seconds=60)

    organisation_id: int
    employee_id: int
    connection_id: int
    account_id: int | None
    by_id: int | None
    steps: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, backref="operations", on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    verb = CharField(max_length=20)
    state = CharField(max_length=20, default=State.WAITING)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    requested = JSONField(default=dict)
    results = JSONField(default=dict)
    sealed_password = TextField(default="")
    marker = CharField(max_length=40, default=lambda: uuid.uuid4().hex)
    lease_by = CharField(max_length=40, default="")
    attempts = IntegerField(default=0)
    not_before = UtcDateTimeField(default=now)
    message = TextField(default="")
    next_step = TextField(default="")
    error_kind = CharField(max_length=40, default="")
    error_code = CharField(max_length=200, default="")
    error_request_id = CharField(max_length=100, default="")
    created_at = UtcDateTimeField(default=now)
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "not_before"), False), (("organisation", "created_at"), False))

    def _mine(self) -> Any:
        return (Operation.lease_by == self.lease_by) & (Operation.state == State.RUNNING)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def words(self) -> str:
        """What it does, for headings: "create account"."""
        return WORDS[self.verb]

    @classmethod
    def latest_of(cls, employee: Employee) -> "Operation | None":
        return cls.select().where(cls.employee == employee).order_by(cls.id.desc()).first()


# A double click, two tabs or two admins can never start a second operation on one employee while one is open.
Operation.add_index(
    Operation.index(Operation.employee, Operation.connection, unique=True, name="operation_one_open")
    .where(SQL("state IN ('waiting', 'running')"))
)  # fmt: skip


class StepState(StrEnum):
    """Intended and unknown: it may have been carried out. Waiting and failed: it certainly was not."""

    INTENDED = "intended"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Step(BaseModel):
    """A line of an operation's journal: the intent, written before the call, and the outcome, written after it."""

    operation = ForeignKeyField(Operation, backref="steps", on_delete="CASCADE")
    name = CharField(max_length=40)
    state = CharField(max_length=20, default=StepState.INTENDED)
    started_at = UtcDateTimeField(default=now)
    ended_at = UtcDateTimeField(null=True)
    calls = JSONField(default=list)
    before = JSONField(null=True)
    after = JSONField(null=True)
    note = TextField(default="")

    class Meta:
        indexes = ((("operation", "name"), True),)


class MailState(StrEnum):
    """Where a LoginMail is. Unknown: the mail server had it and did not confirm; it is never sent again unasked.

    Paused: the organisation was disconnected; what it was before is kept, for when the same tenant comes back.
    """

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    TO_SHOW = "to show"
    SHOWN = "shown"
    TO_OPEN = "to open"
    OPENED = "opened"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LoginMail(BaseModel):
    """The mail with the login information. Its password is sealed, and wiped once handed over.

    link_hash: of the token in its link, when it has a link in place of the password. sealed_link: the token itself,
    until the mail has gone out. opened_at: when somebody saw the password behind the link.
    given_at: written before the last dot of the conversation with the mail server, which may have the mail since.
    """

    account_id: int
    operation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    account = ForeignKeyField(Account, backref="login_mails", on_delete="CASCADE")
    operation = ForeignKeyField(Operation, unique=True, on_delete="CASCADE")
    recipient = CharField(max_length=254)
    sealed_password = TextField(default="")
    state = CharField(max_length=20, default=MailState.SCHEDULED)
    send_at = UtcDateTimeField(default=now)
    sent_at = UtcDateTimeField(null=True)
    attempts = IntegerField(default=0)
    lease_until = UtcDateTimeField(null=True)
    problem = TextField(default="")
    message_id = CharField(max_length=200, default="")
    given_at = UtcDateTimeField(null=True)
    paused_from = CharField(max_length=20, default="")
    paused_at = UtcDateTimeField(null=True)
    link_hash = CharField(max_length=64, default="")
    sealed_link = TextField(default="")
    opened_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "send_at"), False), (("link_hash",), False))

    @property
    def goes_to(self) -> str:
        """The address it goes to, or went to: until it has been sent, a personal email that was corrected counts."""
        if self.state not in (MailState.SCHEDULED, MailState.SENDING, MailState.PAUSED):
            return self.recipient
        employee: Employee = self.account.employee
        return employee.personal_email or self.recipient
