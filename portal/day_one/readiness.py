"""What is ready and what is missing for those who start: account, licence, login information, manager, record."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property
from typing import Any

from portal.accounts import fields, licences
from portal.accounts.models import Account, Status
from portal.asking import Several, kept, one_of
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.connections.settings import NO_LICENCE
from portal.connectors import SERVICES
from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.hand_over.moments import sign_in_opens
from portal.languages import gettext as _
from portal.languages import pgettext
from portal.operations.models import OPEN, Operation, State
from portal.operations.requests import Verb
from portal.people.models import Employee

# What is looked at of an account, and of the mail to its owner.
OF_AN_ACCOUNT = (
    Account.id, Account.employee, Account.username, Account.enabled, Account.read_at, Account.waits_for_start,
    Account.licence_ids, Account.manager_remote_id, Account.created_by_portal,
)  # fmt: skip
OF_A_MAIL = (
    LoginMail.account, LoginMail.state, LoginMail.send_at, LoginMail.sent_at, LoginMail.opened_at, LoginMail.problem,
)  # fmt: skip


# What a part is called.
ACCOUNT, LICENCE, LOGIN = _("Account"), _("Licence"), _("Login information")
MANAGER, RECORD = _("Manager"), _("HR record")


class Level(StrEnum):
    """How far a part is: nothing to do, on its way, or waiting for a person."""

    READY = "ready"
    COMING = "coming"
    MISSING = "missing"


@dataclass(frozen=True)
class Part:
    """One thing that a starter needs. words: its state; at: the moment that they speak of."""

    level: Level
    words: str
    at: datetime | None = None


@dataclass(frozen=True)
class Starter:
    """An employee who starts, and their parts by label: those that are there or that are missing."""

    employee: Employee
    has_account: bool
    parts: dict[str, Part]

    @property
    def is_ready(self) -> bool:
        return not self.missing

    @property
    def lacks_account(self) -> bool:
        """Whether there is no account, and none is on its way."""
        return not self.has_account and self.parts[ACCOUNT].level == Level.MISSING

    @cached_property
    def missing(self) -> int:
        """How many parts wait for a person."""
        return sum(part.level == Level.MISSING for part in self.parts.values())


def look_at(employees: list[Employee], connection: Connection) -> list[Starter]:
    """How ready each of the employees is, by a few queries for all of them."""
    look = _Look(employees, connection)
    return [look.at(employee) for employee in employees]


class _Look:
    def __init__(self, employees: list[Employee], connection: Connection):
        ids = [employee.id for employee in employees]
        self.connection, self.defaults = connection, licences.Defaults(connection)
        self.with_manager = "manager" in fields.chosen(connection)
        self.accounts = _accounts_of(connection, [*ids, *(one.manager_id for one in employees if one.manager_id)])
        known = _operations.rows(employees=Several(ids), connection=connection.id)
        self.operations = {operation.employee_id: operation for operation in known}
        mine = set(ids)
        accounts = Several(account.id for number, account in self.accounts.items() if number in mine)
        self.mails = {mail.account_id: mail for mail in _mails.rows(accounts=accounts)}
        # Most have the same licences.
        self._named = cache(lambda ids: ", ".join(names_of(connection, ids).values()))

    def at(self, employee: Employee) -> Starter:
        account = self.accounts.get(employee.id)
        has_account = account is not None and account.read_at is not None
        parts: dict[str, Part | None] = {ACCOUNT: _account_part(account, self.operations.get(employee.id))}
        parts[LICENCE] = self._licence_part(employee, account)
        if account is not None:
            parts[LOGIN] = _mail_part(account, self.mails.get(account.id), employee)
            parts[MANAGER] = self._manager_part(employee, account)
        parts[RECORD] = _record_part(employee, self.connection, has_account=has_account)
        return Starter(employee, has_account, {label: part for label, part in parts.items() if part is not None})

    def _licence_part(self, employee: Employee, account: Account | None) -> Part | None:
        if account is not None and account.licence_ids:
            return Part(Level.READY, self._named(tuple(account.licence_ids)))
        if not SERVICES[self.connection.service].capabilities.has_licences:
            return None
        wanted = self.defaults.of(employee)
        if account is None:
            # A licence that is chosen comes with the account.
            return Part(Level.MISSING, wanted.reason) if wanted.licence_id is None else None
        as_chosen = wanted.licence_id == NO_LICENCE and not licences.lacks_country(employee, self.connection)
        return (
            Part(Level.READY, _("None, as chosen")) if as_chosen else Part(Level.MISSING, pgettext("licences", "None"))
        )

    def _manager_part(self, employee: Employee, account: Account) -> Part | None:
        if not self.with_manager or employee.manager_id is None:
            return None
        name = employee.manager.name
        if account.manager_remote_id:
            return Part(Level.READY, name)
        # The portal sets it as soon as both have an account.
        return Part(
            Level.COMING, name if employee.manager_id in self.accounts else _("%(name)s has no account yet", name=name)
        )


def _account_part(account: Account | None, operation: Operation | None) -> Part:
    if account is not None and account.read_at is not None:
        if account.waits_for_start:
            return Part(Level.COMING, _("%(username)s, blocked until the first day", username=account.username))
        active = account.status == Status.ACTIVE
        return Part(Level.READY if active else Level.MISSING, account.username if active else _(Status.DEACTIVATED))
    if operation is not None and operation.state in OPEN:
        waits = operation.state == State.WAITING and operation.message
        return Part(Level.COMING, _("Waiting: %(message)s", message=operation.message) if waits else _("Under way"))
    if operation is not None and operation.verb == Verb.CREATE and operation.state == State.FAILED:
        return Part(Level.MISSING, _("Not created: %(message)s", message=operation.message))
    return Part(Level.MISSING, _(Status.NO_ACCESS))


HANDED_OVER = {MailState.SENT: _("Sent"), MailState.SHOWN: _("Shown to an Admin"), MailState.OPENED: _("Opened")}


def _mail_part(account: Account, mail: LoginMail | None, employee: Employee) -> Part | None:
    start = employee.start_date
    if account.waits_for_start:
        opens = sign_in_opens(employee)
        # On a morning that has passed nothing went out: somebody has to look.
        late = opens is None or opens <= now()
        return Part(Level.MISSING, _("Not sent yet")) if late else Part(Level.COMING, _("Goes out"), opens)
    if mail is None:
        # The password of an account that was there before is known already; one that is being made has none yet.
        return Part(Level.MISSING, _("Not sent yet")) if account.created_by_portal and account.read_at else None
    if mail.state in HANDED_OVER:
        return Part(Level.READY, HANDED_OVER[MailState(mail.state)], mail.opened_at or mail.sent_at)
    if mail.state == MailState.PAUSED:
        return Part(Level.MISSING, _("Paused: it was due while nothing was connected,"), mail.send_at)
    if mail.state == MailState.UNKNOWN:
        return Part(Level.MISSING, _("May have been sent, but the mail server did not confirm it:"), mail.sent_at)
    if mail.state == MailState.TO_OPEN:
        return Part(Level.COMING, _("Link sent, not opened yet:"), mail.sent_at)
    if mail.state in (MailState.SCHEDULED, MailState.SENDING):
        day = mail.send_at.astimezone(employee.organisation.zone).date()
        late = start is not None and day > start
        if mail.state == MailState.SCHEDULED and mail.problem:
            # Overdue: why it is not there yet is on the tab.
            return Part(Level.MISSING, _("Not sent yet: the mail server does not accept it"))
        words = _("Goes out after the first day:") if late else _("Goes out")
        return Part(Level.MISSING if late else Level.COMING, words, mail.send_at)
    told = {MailState.TO_SHOW: _("Waiting to be shown"), MailState.FAILED: _("Could not be sent")}
    return Part(Level.MISSING, told.get(MailState(mail.state), _("Cancelled, not sent")))


def _record_part(employee: Employee, connection: Connection, *, has_account: bool) -> Part | None:
    no_email = not employee.personal_email and not has_account
    if licences.lacks_country(employee, connection):
        return Part(Level.MISSING, _("No personal email and no country") if no_email else _("No country"))
    return Part(Level.MISSING, _("No personal email")) if no_email else None


def _accounts_of(connection: Connection, employee_ids: list[int]) -> dict[int, Account]:
    found = _accounts.rows(employees=Several(employee_ids), connection=connection.id)
    return {account.employee_id: account for account in found}


@kept
def _accounts(*, employees: Any, connection: Any) -> Any:
    mine = one_of(Account.employee, employees) & (Account.connection == connection) & Account.detached_at.is_null()
    return Account.select(*OF_AN_ACCOUNT).where(mine)


@kept
def _operations(*, employees: Any, connection: Any) -> Any:
    """The oldest first, so that the latest of each employee is the last."""
    mine = one_of(Operation.employee, employees) & (Operation.connection == connection)
    known = (Operation.employee, Operation.verb, Operation.state, Operation.message)
    return Operation.select(*known).where(mine).order_by(Operation.id)


@kept
def _mails(*, accounts: Any) -> Any:
    mine = one_of(LoginMail.account, accounts)
    return LoginMail.select(*OF_A_MAIL).where(mine).order_by(LoginMail.id)
