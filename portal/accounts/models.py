"""An account: an employee's identity at a connected application."""

from enum import StrEnum
from typing import Any

from peewee import SQL, BooleanField, CharField, ForeignKeyField, JSONField, TextField

from portal.asking import kept
from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField
from portal.languages import N_
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.selecting import ONE


class Status(StrEnum):
    """The three words a person sees, everywhere the same."""

    NO_ACCESS = N_("No access")
    ACTIVE = N_("Active")
    DEACTIVATED = N_("Deactivated")


class Account(BaseModel):
    """An employee's identity in the connected tenant. Detached by Unlink and by Disconnect, never deleted.

    read_at: when it was last read from the tenant; None until a create has been read back.
    manager_remote_id: the manager we have set. manager_shown: who it is at the application; None until read.
    licence_ids: all its licences. own_licence_ids: those that no group gives, which we may take; None until read.
    waits_for_start: it was made blocked, ahead of the first day, and nobody has allowed the sign-in yet.
    state_note: what the application says of its state beyond that, as a sentence.
    unit: the part of the tenant that it is in; empty where there are none.
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
    remote_id = CharField(max_length=320)
    username = CharField(max_length=320)
    display_name = CharField(max_length=256, default="")
    enabled = BooleanField()
    created_by_portal = BooleanField(default=False)
    waits_for_start = BooleanField(default=False)
    protections = JSONField(default=list)
    licence_ids = JSONField(default=list)
    own_licence_ids = JSONField(null=True)
    state_note = TextField(default="")
    unit = TextField(default="")
    email = CharField(max_length=320, default="")
    manager_remote_id = CharField(max_length=320, null=True)
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
    def live_of(cls, employee: Employee, connection: Connection) -> "Account | None":
        """The employee's account at the connected application."""
        found: Account | None = _live.first(employee=employee.id, connection=connection.id)
        return found

    @classmethod
    def any_of(cls, employee: Employee | int, connection: Connection) -> bool:
        """Whether the employee has an account at the connected application."""
        employee_id = employee if isinstance(employee, int) else employee.id
        return _any.exists(employee=employee_id, connection=connection.id)

    @classmethod
    def is_live(cls, account: "Account") -> bool:
        """Whether the account is still linked to the employee, as the database has it now."""
        return _is_live.exists(account=account.id)

    @classmethod
    def all_live_of(cls, employee: Employee) -> "list[Account]":
        """The employee's accounts, one for each connected application, in the order of connecting."""
        live = cls.detached_at.is_null() & Connection.disconnected_at.is_null()
        found = cls.select(cls, Connection).join(Connection).where(cls.employee == employee, live)
        return list(found.order_by(Connection.id))


@kept
def _live(*, employee: Any, connection: Any) -> Any:
    return _live_of(employee, connection)


@kept
def _any(*, employee: Any, connection: Any) -> Any:
    return _live_of(employee, connection, ONE)


@kept
def _is_live(*, account: Any) -> Any:
    return Account.select(ONE).where(Account.id == account, Account.detached_at.is_null()).limit(1)


def _live_of(employee: Any, connection: Any, *columns: Any) -> Any:
    mine = (Account.employee == employee) & (Account.connection == connection)
    return Account.select(*columns).where(mine, Account.detached_at.is_null()).limit(1)


Account.add_index(
    Account.index(Account.employee, Account.connection, unique=True, name="account_one_per_employee")
    .where(SQL("detached_at IS NULL"))
)  # fmt: skip


Account.add_index(
    Account.index(Account.connection, Account.remote_id, unique=True, name="account_one_per_identity")
    .where(SQL("detached_at IS NULL"))
)  # fmt: skip


Account.add_index(Account.index(Account.connection, Account.username, name="account_by_username"))
