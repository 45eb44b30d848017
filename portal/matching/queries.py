"""What the page of existing accounts shows: the suggestions by their evidence, and accounts without an employee."""

from typing import Any

from peewee import JOIN, fn

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.matching.models import FoundAccount, Reading, ReadingState, Rule
from portal.paging import Page, page_of
from portal.people.models import Employee
from portal.theirs.models import Declined

NOBODYS, DECLINED = "nobody", "declined"
# The tabs, in their order, and how each is called.
TABS: dict[str, str] = {
    Rule.NUMBER: "Same employee number",
    Rule.ADDRESS: "Same company email",
    Rule.NAME: "Same name and department",
    Rule.DOUBT: "Not certain",
    NOBODYS: "Accounts without an employee",
    DECLINED: "Declined",
}
# What can be linked all at once.
SURE = (Rule.NUMBER, Rule.ADDRESS, Rule.NAME)


def shown(connection: Connection) -> Reading | None:
    """The reading whose outcome the page shows: the last that came to its end."""
    return Reading.latest_of(connection, ReadingState.READ)


def _still_free(reading: Reading) -> Any:
    """Accounts of the reading that no employee has got since."""
    held = (
        (Account.connection == reading.connection_id)
        & (Account.remote_id == FoundAccount.remote_id)
        & Account.detached_at.is_null()
    )
    query = FoundAccount.select(FoundAccount, Employee).join(Account, JOIN.LEFT_OUTER, on=held).switch(FoundAccount)
    query = query.join(Employee, JOIN.LEFT_OUTER).switch(FoundAccount)
    return query.where(FoundAccount.reading == reading, Account.id.is_null())


def _is_declined(reading: Reading) -> Any:
    said = Declined.select().where(
        Declined.connection == reading.connection_id,
        Declined.remote_id == FoundAccount.remote_id,
        Declined.employee == FoundAccount.employee,
    )
    return fn.EXISTS(said)


def _employee_has_one(reading: Reading) -> Any:
    other = Account.alias()
    has_one = other.select().where(
        other.connection == reading.connection_id, other.employee == FoundAccount.employee, other.detached_at.is_null()
    )
    return fn.EXISTS(has_one)


def found(reading: Reading, tab: str) -> Any:
    """The accounts of one tab, as a select."""
    query = _still_free(reading)
    proposed = FoundAccount.employee.is_null(False) & ~_employee_has_one(reading)
    if tab == DECLINED:
        return query.where(proposed, _is_declined(reading))
    if tab == NOBODYS:
        return query.where(~proposed)
    return query.where(FoundAccount.rule == tab, proposed, ~_is_declined(reading))


def counts(reading: Reading) -> dict[str, int]:
    return {tab: found(reading, tab).count() for tab in TABS}


def some(reading: Reading, tab: str, text: str = "", *, after: int | None) -> Page[FoundAccount]:
    """One page of a tab. text: words that the account or its employee must have."""
    query = found(reading, tab)
    for word in text.split():
        named = Employee.search_text.contains(word.casefold())
        query = query.where(
            FoundAccount.username.contains(word) | FoundAccount.display_name.contains(word)
            | FoundAccount.about.contains(word) | named
        )  # fmt: skip
    return page_of(query, FoundAccount.id, after)


def one(connection: Connection, found_id: int) -> FoundAccount | None:
    """An account of the shown reading of this organisation's tenant."""
    reading = shown(connection)
    return None if reading is None else _still_free(reading).where(FoundAccount.id == found_id).first()


def without_account(connection: Connection) -> int:
    """How many employees have no account at the tenant."""
    has_one = Account.select().where(
        Account.connection == connection, Account.employee == Employee.id, Account.detached_at.is_null()
    )
    staff = Employee.select().where(Employee.organisation == connection.organisation_id)
    return staff.where(~fn.EXISTS(has_one)).count()
