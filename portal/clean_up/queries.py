"""The four lists of Clean-up: why each account is on it, for how long, and what it costs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from peewee import JOIN, Cast, fn

from portal.accounts.models import Account
from portal.clean_up.models import KeptAccount, LastSeen, UseReading
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.connections.settings import settings_of
from portal.connectors.last_use import Source
from portal.connectors.values import Protection
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined
from portal.matching import queries as matching
from portal.matching.models import FoundAccount
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.paging import Page, page_of
from portal.people.models import Employee

LEFT, LICENSED, NOBODY, UNUSED = "left", "licensed", "nobody", "unused"
# The tabs, in their order, and how each is called.
TABS = {
    LEFT: _("Left, still enabled"),
    LICENSED: _("Blocked, still licensed"),
    NOBODY: _("No employee"),
    UNUSED: _("Not used for 90 days"),
}
# The same in the middle of a sentence.
LISTS = {
    LEFT: _("left, still enabled"),
    LICENSED: _("blocked, still licensed"),
    NOBODY: _("no employee"),
    UNUSED: _("not used for 90 days"),
}
UNUSED_DAYS = 90
BLOCKS = (Verb.DEACTIVATE, Verb.LEAVE)
NOTHING_RECORDED: dict[str, str] = {
    Source.SIGN_INS: _("No sign-in is recorded."),
    Source.REPORT: _("No activity in the last 180 days is recorded."),
}


@dataclass(frozen=True)
class Row:
    """An account on a list. since: from when the reason holds; None where that is not known.

    employee_id: None where no employee has it. cost: each month; None where a price is missing.
    """

    remote_id: str
    username: str
    name: str
    reason: str
    since: date | None = None
    employee_id: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class Scope:
    """What the lists are of. visible: a select of the employees that the user may see."""

    connection: Connection
    visible: Any
    today: date
    reading: UseReading | None

    @property
    def prices(self) -> Mapping[str, str]:
        return settings_of(self.connection).prices


def kept(scope: Scope) -> Any:
    """Accounts that are kept today, as a select."""
    mine = (KeptAccount.connection == scope.connection) & (KeptAccount.until >= scope.today)
    return KeptAccount.select().where(mine)


def _not_kept(scope: Scope, remote_id: Any) -> Any:
    return ~fn.EXISTS(kept(scope).where(KeptAccount.remote_id == remote_id))


def _accounts(scope: Scope) -> Any:
    """The accounts of employees who are not on leave of absence."""
    away = (Employee.leave_from <= scope.today) & (Employee.leave_to.is_null() | (Employee.leave_to > scope.today))
    return (
        Account.select(Account, Employee)
        .join(Employee)
        .where(
            Account.connection == scope.connection,
            Account.detached_at.is_null(),
            Account.read_at.is_null(False),
            Employee.id.in_(scope.visible.select(Employee.id)),
            Employee.leave_from.is_null() | ~away,
            _not_kept(scope, Account.remote_id),
        )
    )


def _left(scope: Scope) -> Any:
    return _accounts(scope).where(Account.enabled, Employee.end_date < scope.today)


def _licensed(scope: Scope) -> Any:
    """Blocked accounts with a licence; not those that are made ahead of a first day."""
    return _accounts(scope).where(~Account.enabled, ~Account.waits_for_start, Cast(Account.licence_ids, "TEXT") != "[]")


def _nobodys(scope: Scope) -> Any:
    shown = matching.shown(scope.connection)
    if shown is None:
        return FoundAccount.select().where(FoundAccount.id == 0)
    found = matching.found(shown, matching.NOBODYS).where(FoundAccount.barred != Protection.GUEST)
    return found.where(_not_kept(scope, FoundAccount.remote_id))


def _unused(scope: Scope) -> Any:
    """Enabled accounts that were last used long ago, or whose use is not recorded.

    Of the latter not those of people who began lately, nor those that the portal made lately: nobody may have had the
    time. Leavers are on a list of their own.
    """
    long_ago = now() - timedelta(days=UNUSED_DAYS)
    began = scope.today - timedelta(days=UNUSED_DAYS)
    same = (LastSeen.remote_id == Account.remote_id) & (LastSeen.reading == scope.reading)
    known = _accounts(scope).switch(Account).join(LastSeen, JOIN.INNER, on=same)
    new = Operation.select().where(
        Operation.employee == Account.employee, Operation.connection == Account.connection,
        Operation.verb == Verb.CREATE, Operation.finished_at > long_ago,
    )  # fmt: skip
    long_here = Employee.start_date.is_null() | (Employee.start_date <= began)
    silent = LastSeen.used_at.is_null() & long_here & ~fn.EXISTS(new)
    stays = Employee.end_date.is_null() | (Employee.end_date >= scope.today)
    return known.where(Account.enabled, stays, (LastSeen.used_at < long_ago) | silent)


SELECTS: dict[str, tuple[Callable[[Scope], Any], Any]] = {
    LEFT: (_left, Account.id),
    LICENSED: (_licensed, Account.id),
    NOBODY: (_nobodys, FoundAccount.id),
    UNUSED: (_unused, Account.id),
}


def counts(scope: Scope) -> dict[str, int]:
    return {tab: select(scope).count() for tab, (select, _) in SELECTS.items()}


def some(scope: Scope, tab: str, *, after: int | None) -> Page[Row]:
    """One page of a list."""
    select, key = SELECTS[tab]
    found = page_of(select(scope), key, after)
    return Page(_rows(scope, tab, found.rows), found.start, found.further)


def _rows(scope: Scope, tab: str, found: list[Any]) -> list[Row]:
    if tab == NOBODY:
        return [_of_nobody(one) for one in found]
    say = {LEFT: _why_left, LICENSED: _why_licensed, UNUSED: _why_unused}[tab](scope, found)
    prices = scope.prices
    return [
        Row(
            one.remote_id, one.username, one.employee.name, *say(one),
            employee_id=one.employee_id, cost=monthly(prices, one.licence_ids),
        )
        for one in found
    ]  # fmt: skip


def _of_nobody(found: FoundAccount) -> Row:
    about = f"{found.about}." if found.about else ""
    state = (
        _("Sign-in is allowed.") if found.enabled else _("Sign-in is blocked. It may be a shared mailbox or a room.")
    )
    since = found.created_at.date() if found.created_at else None
    return Row(
        found.remote_id,
        found.username,
        found.display_name,
        joined(_("No employee has it."), about, state),
        since,
    )


Said = Callable[[Account], tuple[str, date | None]]


def _why_left(scope: Scope, found: list[Account]) -> Said:
    return lambda account: (_("Their last day has passed."), account.employee.end_date)


def _why_licensed(scope: Scope, found: list[Account]) -> Said:
    blocked = _blocked_at(scope, found)

    def say(account: Account) -> tuple[str, date | None]:
        held = ", ".join(names_of(scope.connection, account.licence_ids).values())
        at = blocked.get(account.employee_id)
        return _("The sign-in is blocked. It still has %(held)s.", held=held), at.date() if at else None

    return say


def _why_unused(scope: Scope, found: list[Account]) -> Said:
    ids = [account.remote_id for account in found]
    seen = LastSeen.select().where(LastSeen.reading == scope.reading, LastSeen.remote_id.in_(ids))
    used = {one.remote_id: one.used_at for one in seen}
    nothing = NOTHING_RECORDED.get(scope.reading.source, "") if scope.reading else ""

    def say(account: Account) -> tuple[str, date | None]:
        at = used.get(account.remote_id)
        return (_("Last used then."), at.date()) if at else (nothing, None)

    return say


def _blocked_at(scope: Scope, accounts: list[Account]) -> dict[int, datetime]:
    """Employee -> when the portal last blocked the account. Who was blocked elsewhere is not in it."""
    ids = [account.employee_id for account in accounts]
    found: Any = (
        Operation.select(Operation.employee, fn.MAX(Operation.finished_at))
        .where(
            Operation.connection == scope.connection,
            Operation.employee.in_(ids),
            Operation.verb.in_(BLOCKS),
            Operation.state == State.DONE,
        )
        .group_by(Operation.employee)
    )
    return {employee_id: moment for employee_id, moment in found.tuples() if isinstance(moment, datetime)}


def monthly(prices: Mapping[str, str], licence_ids: Iterable[str]) -> Decimal | None:
    """What these licences cost each month; None where the price of one is missing, or there is none."""
    ids = list(licence_ids)
    if not ids or any(key not in prices for key in ids):
        return None
    return sum((Decimal(prices[key]) for key in ids), Decimal(0))


def account_of(scope: Scope, remote_id: str) -> Row | None:
    """An account that may be kept: one of an employee in sight, or one that no employee has."""
    for select, model in ((_accounts, Account), (_nobodys, FoundAccount)):
        found = select(scope).where(model.remote_id == remote_id).first()
        if isinstance(found, Account):
            return Row(found.remote_id, found.username, found.employee.name, "", employee_id=found.employee_id)
        if found is not None:
            return Row(found.remote_id, found.username, found.display_name, "")
    return None
