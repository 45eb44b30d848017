"""Operation and Step: what is done to one account, and the journal of it."""

from typing import Any, Self, TypeVar

from peewee import SQL, CharField, ForeignKeyField, TextField

from portal.accounts.models import Account
from portal.asking import kept
from portal.auth.models import User
from portal.carrying.models import OPEN as OPEN
from portal.carrying.models import Line, Task
from portal.carrying.models import State as State
from portal.carrying.models import StepState as StepState
from portal.connections.models import Connection
from portal.languages import N_
from portal.operations.requests import Request
from portal.organisations.models import Organisation
from portal.people.models import Employee

Asked = TypeVar("Asked", bound=Request)

# Verb -> what it does in words; the registry fills it.
WORDS: dict[str, str] = {}


# Operation.by_name of what the portal sends because a record has changed.
FIELD_SYNC = "field sync"

# Account.detached_by of those that a Disconnect has detached.
BY_DISCONNECT = "disconnect"


class Operation(Task):
    """One thing we do to one account, written down before it is done.

    requested: what was asked for, which `ask_for` alone writes and `request_as` alone reads. username: the one that it
    gives to the account, if so. marker: left on an account that we create.
    """

    employee_id: int
    connection_id: int
    account_id: int | None
    steps: Any
    # What was asked for, as it was stored, and as it was read.
    _read: tuple[Any, dict[Any, Any]] = (None, {})
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, backref="operations", on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    username = CharField(max_length=320, default="")
    encrypted_password = TextField(default="")

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
        stored, read = self._read
        if stored is not self.requested:
            stored, read = self._read = self.requested, {}
        if kind not in read:
            read[kind] = kind.from_json(stored)
        found: Asked = read[kind]
        return found

    @property
    def run_id(self) -> int | None:
        """The number of the Run that it is part of."""
        return self.request_as(Request).run

    @classmethod
    def asked_as(cls) -> Any:
        """The column of what was asked for, for `run_in`."""
        return cls.requested

    @staticmethod
    def run_in(stored: dict[str, Any]) -> int | None:
        """The number of the Run, of what a row says was asked for."""
        return Request.from_json(stored).run

    @property
    def done_by(self) -> str:
        """Who asked for it; "Automatic" for what the portal does without a press."""
        return N_("Automatic") if self.by_name == FIELD_SYNC else self.by_name

    @property
    def words(self) -> str:
        """What it does, for headings: "create account"."""
        return WORDS[self.verb]

    @classmethod
    def latest_of(cls, employee: Employee, connection: Connection) -> "Operation | None":
        """The operation that was begun last for the employee's account at the connected application."""
        found: Operation | None = _latest.first(employee=employee.id, connection=connection.id)
        return found


@kept
def _latest(*, employee: Any, connection: Any) -> Any:
    mine = (Operation.employee == employee) & (Operation.connection == connection)
    return Operation.select().where(mine).order_by(Operation.id.desc()).limit(1)


# A double click, two tabs or two admins can never start a second operation on one employee while one is open.
Operation.add_index(
    Operation.index(Operation.employee, Operation.connection, unique=True, name="operation_one_open")
    .where(SQL("state IN ('waiting', 'running')"))
)  # fmt: skip


class Step(Line):
    """A line of an operation's journal: the intent, written before the call, and the outcome, written after it."""

    operation = ForeignKeyField(Operation, backref="steps", on_delete="CASCADE")

    class Meta:
        indexes = ((("operation", "name"), True),)
