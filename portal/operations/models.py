"""Operation and Step: what is done to one account, and the journal of it."""

import uuid
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self, TypeVar

from peewee import SQL, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.accounts.models import Account
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now
from portal.leases import Leased
from portal.operations.requests import Request
from portal.organisations.models import Organisation
from portal.people.models import Employee

Asked = TypeVar("Asked", bound=Request)


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


# Operation.by_name of what the portal sends because a record has changed.
FIELD_SYNC = "field sync"

# Account.detached_by of those that a Disconnect has detached.
BY_DISCONNECT = "disconnect"


class Operation(Leased):
    """One thing we do to one account, written down before it is done.

    requested: what was asked for, which `ask_for` alone writes and `request_as` alone reads. username: the one that it
    gives to the account, if so. results: what the steps have found out so far.
    marker: a random word left on an account we create, by which we know our own again.
    not_before: when it is due; in the future while it waits for another try.
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
    username = CharField(max_length=320, default="")
    results = JSONField(default=dict)
    encrypted_password = TextField(default="")
    marker = CharField(max_length=40, default=lambda: uuid.uuid4().hex)
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
        indexes = (
            (("state", "not_before"), False), (("organisation", "created_at"), False),
            (("connection", "username"), False),
        )  # fmt: skip

    @classmethod
    def ask_for(cls, request: Request, *, held: bool = False, **values: Any) -> Self:
        """Write down what is asked for. held: it is in our hands already.

        Raises IntegrityError while another operation is open for the employee.
        """
        write = cls.create_held if held else cls.create
        asked = {"verb": request.VERB, "requested": request.to_json(), "username": getattr(request, "username", "")}
        return write(**asked, **values)

    def request_as(self, kind: type[Asked]) -> Asked:
        """What was asked for. kind: the request of its verb, or one that several verbs share."""
        return kind.from_json(self.requested)

    @property
    def run_id(self) -> int | None:
        """The number of the Run that it is part of."""
        return self.request_as(Request).run

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def done_by(self) -> str:
        """Who asked for it; "Automatic" for what the portal does without a press."""
        return "Automatic" if self.by_name == FIELD_SYNC else self.by_name

    @property
    def words(self) -> str:
        """What it does, for headings: "create account"."""
        return WORDS[self.verb]

    @classmethod
    def latest_of(cls, employee: Employee, connection: Connection) -> "Operation | None":
        """The operation that was begun last for the employee's account at the connected application."""
        mine = (cls.employee == employee) & (cls.connection == connection)
        return cls.select().where(mine).order_by(cls.id.desc()).first()


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
