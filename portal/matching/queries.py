"""What the page of existing accounts shows: the suggestions by their evidence, and accounts without an employee."""

from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, SQL, fn

from portal import counting
from portal.accounts.models import Account
from portal.asking import kept
from portal.connections.models import Connection
from portal.languages import gettext as _
from portal.matching.models import FoundAccount, Reading, ReadingState, Rule
from portal.paging import PER_PAGE, Page, begun, page_of_rows
from portal.people.models import Employee
from portal.theirs.models import Declined

NOBODYS, DECLINED = "nobody", "declined"
# The tabs, in their order, and how each is called.
TABS: dict[str, str] = {
    Rule.NUMBER: _("Same employee number"),
    Rule.ADDRESS: _("Same company email"),
    Rule.NAME: _("Same name and department"),
    Rule.DOUBT: _("Not certain"),
    NOBODYS: _("Accounts without an employee"),
    DECLINED: _("Declined"),
}
# Those that can all be linked at once, in the middle of a sentence.
IN_A_SENTENCE: dict[str, str] = {
    Rule.NUMBER: _("same employee number"),
    Rule.ADDRESS: _("same company email"),
    Rule.NAME: _("same name and department"),
}
# A page is looked for among so many accounts first, then among so many: who expects few would join all of them.
NEAR = (120, 1_200)
# What can be linked all at once.
SURE = (Rule.NUMBER, Rule.ADDRESS, Rule.NAME)


def shown(connection: Connection) -> Reading | None:
    """The reading whose outcome the page shows: the last that came to its end."""
    return Reading.latest_of(connection, ReadingState.READ)


def _still_free(reading: Any, connection: Any) -> Any:
    """Accounts of the reading that no employee has got since. Both by their numbers."""
    held = (
        (Account.connection == connection)
        & (Account.remote_id == FoundAccount.remote_id)
        & Account.detached_at.is_null()
    )
    query = FoundAccount.select(FoundAccount, Employee).join(Account, JOIN.LEFT_OUTER, on=held).switch(FoundAccount)
    query = query.join(Employee, JOIN.LEFT_OUTER).switch(FoundAccount)
    return query.where(FoundAccount.reading == reading, Account.id.is_null())


def _is_declined(connection: Any) -> Any:
    said = Declined.select().where(
        Declined.connection == connection,
        Declined.remote_id == FoundAccount.remote_id,
        Declined.employee == FoundAccount.employee,
    )
    return fn.EXISTS(said)


def _employee_has_one(connection: Any) -> Any:
    other = Account.alias()
    has_one = other.select().where(
        other.connection == connection, other.employee == FoundAccount.employee, other.detached_at.is_null()
    )
    return fn.EXISTS(has_one)


def found(reading: Reading, tab: str) -> Any:
    """The accounts of one tab, as a select."""
    return _found(tab, reading.id, reading.connection_id)


def _found(tab: str, reading: Any, connection: Any) -> Any:
    query = _still_free(reading, connection)
    proposed = FoundAccount.employee.is_null(False) & ~_employee_has_one(connection)
    if tab == DECLINED:
        return query.where(proposed, _is_declined(connection))
    if tab == NOBODYS:
        return query.where(~proposed)
    return query.where(FoundAccount.rule == tab, proposed, ~_is_declined(connection))


class Proposal(NamedTuple):
    """The account that is proposed for an employee."""

    remote_id: str
    username: str
    evidence: str


def proposed_for(reading: Reading, rule: str, employees: list[int]) -> dict[int, Proposal]:
    """What is proposed by the rule for these employees, by their numbers in the database."""
    query = found(reading, rule).where(FoundAccount.employee.in_(employees))
    columns = (getattr(FoundAccount, name) for name in Proposal._fields)
    return {employee: Proposal(*rest) for employee, *rest in query.select(FoundAccount.employee, *columns).tuples()}


def counts(reading: Reading) -> dict[str, int]:
    """How many accounts each tab has."""
    key = ("matching", reading.connection_id, reading.id)
    return counting.remembered(key, lambda: _counts(reading), size=_size(reading))


def _size(reading: Reading) -> Any:
    """Counting goes through all that was read, however few are left to decide about."""
    return lambda _counted: reading.accounts


def _counts(reading: Reading) -> dict[str, int]:
    asked = {"reading": reading.id, "connection": reading.connection_id}
    return {tab: _count.first(str(tab), **asked)[0] for tab in TABS}


@kept
def _count(tab: str, *, reading: Any, connection: Any) -> Any:
    return _found(tab, reading, connection).select(fn.COUNT(SQL("1"))).tuples()


class Line(NamedTuple):
    """What a row of the page shows of an account, by the names of the records."""

    id: int
    remote_id: str
    username: str
    display_name: str
    about: str
    enabled: bool
    barred: str
    created_at: datetime | None
    evidence: str
    doubt: str
    employee_id: int | None
    employee_number: str | None
    department: str | None
    first_name: str | None
    last_name: str | None
    preferred_name: str | None

    name = Employee.name


def some(reading: Reading, tab: str, text: str = "", *, after: int | None) -> Page[Line]:
    """One page of a tab. text: words that the account or its employee must have."""
    if not text:
        return page_of_rows(_first(reading, tab, after), after)
    query = found(reading, tab)
    for word in text.split():
        named = Employee.search_text.contains(word.casefold())
        query = query.where(
            FoundAccount.username.contains(word) | FoundAccount.display_name.contains(word)
            | FoundAccount.about.contains(word) | named
        )  # fmt: skip
    return page_of_rows([Line(*row) for row in begun(_columns(query), FoundAccount.id, bool(after), after)], after)


def _first(reading: Reading, tab: str, after: int | None) -> list[Line]:
    """A page of a tab, and one more."""
    asked = {"reading": reading.id, "connection": reading.connection_id, "start": after or 0}
    rows: list[Line] = []
    for near in (*(near for near in NEAR if reading.accounts > near), 0):
        rows = _some.made(Line, bool(after), str(tab), near, **asked)
        if len(rows) > PER_PAGE:
            break
    return rows


@kept
def _some(begins: bool, tab: str, near: int, *, reading: Any, connection: Any, start: Any) -> Any:
    found = _found(tab, reading, connection)
    if near:
        one = FoundAccount.alias()
        there = one.select(one.id).where(one.reading == reading, *([one.rule == tab] if tab in list(Rule) else []))
        there = there.where(one.id > start) if begins else there
        found = found.where(FoundAccount.id.in_(there.order_by(one.id).limit(near)))
    return begun(_columns(found), FoundAccount.id, begins, start)


def _columns(query: Any) -> Any:
    own = (getattr(FoundAccount, name) for name in Line._fields[:10])
    named = (Employee.employee_number, Employee.department)
    names = (Employee.first_name, Employee.last_name, Employee.preferred_name)
    return query.select(*own, FoundAccount.employee, *named, *names)


def one(connection: Connection, found_id: int) -> FoundAccount | None:
    """An account of the shown reading of this organisation's tenant."""
    reading = shown(connection)
    if reading is None:
        return None
    free = _still_free(reading.id, reading.connection_id)
    account: FoundAccount | None = free.where(FoundAccount.id == found_id).first()
    return account


def without_account(connection: Connection, reading: Reading) -> int:
    """How many employees have no account at the tenant."""
    asked = {"organisation": connection.organisation_id, "connection": connection.id}
    key = ("matching", connection.id, "without")
    return counting.remembered(key, lambda: int(_without_account.first(**asked)[0]), size=_size(reading))


@kept
def _without_account(*, organisation: Any, connection: Any) -> Any:
    has_one = Account.select().where(
        Account.connection == connection, Account.employee == Employee.id, Account.detached_at.is_null()
    )
    staff = Employee.select(fn.COUNT(SQL("1"))).where(Employee.organisation == organisation)
    return staff.where(~fn.EXISTS(has_one)).tuples()
