"""Where rows about others name a person: as their manager, in an answer of the tenant, in a line of the audit log."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import fn

from portal.accounts.models import Account
from portal.audit import AuditEntry
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import lock_row
from portal.matching.models import FoundAccount, Reading
from portal.operations.models import Operation, Step
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.runs.models import Run, RunLine

# A table, the columns of it that may name another person, and the id of a row.
Row = tuple[Any, tuple[Any, ...], int]
ERASED = "Erased"
# Each table with the columns that may name another person, and the way to its organisation.
PLACES: tuple[tuple[Any, tuple[Any, ...], Any], ...] = (
    (Step, (Step.calls, Step.before, Step.after, Step.note), Operation),
    (
        Operation,
        (Operation.requested, Operation.username, Operation.results, Operation.message, Operation.next_step),
        None,
    ),
    (Account, (Account.manager_shown,), None),
    (RunLine, (RunLine.before, RunLine.after, RunLine.reason), Run),
    (Run, (Run.unknown, Run.problem, Run.reason), None),
    (FoundAccount, (FoundAccount.evidence, FoundAccount.doubt), Reading),
    (Connection, (Connection.connected_as,), None),
)  # fmt: skip
# Lines about who may do what, and about what is connected. A name in them is not believed to be this person's: anybody
# may be called like a setting or like an Admin. An address is.
OF_ACCESS = frozenset((
    "User", "Invitation", "Organisation", "PendingChange", "Connection", "ApiToken", "Receiver", "Target", "Feed",
    "ScimClient", "GroupLevel", "Allowance", "MailSettings",
))  # fmt: skip
# In the names of details that hold a person's number or name.
OF_PEOPLE = ("name", "number", "mobile", "manager", "successor", "employee", "person")


def addresses_of(employee: Employee) -> set[str]:
    """The addresses of the record, as those of users are kept."""
    return {employee.personal_email.casefold(), employee.company_email.casefold()} - {""}


def users_of(employee: Employee) -> Any:
    """The sign-ins to the portal that are theirs, or that nobody else's record has and their address, as a select."""
    untied = User.employee.is_null() & User.email.in_(addresses_of(employee))
    mine = (User.employee == employee) | untied
    return User.select().where(User.organisation == employee.organisation_id, mine)


@dataclass(frozen=True)
class Words:
    """What names a person. parts: found anywhere, as a word of its own. wholes: only as a whole value, being short."""

    parts: tuple[str, ...]
    wholes: frozenset[str]

    @classmethod
    def of(cls, employee: Employee) -> "Words":
        parts = {employee.name, f"{employee.first_name} {employee.last_name}".strip()}
        parts |= {employee.personal_email, employee.company_email}
        for account in list(Account.select().where(Account.employee == employee)):
            parts |= {account.remote_id, account.username, account.email, account.display_name}
        parts |= {user.email for user in list(users_of(employee))}
        longest_first = sorted({part for part in parts if len(part) > 1}, key=lambda part: (-len(part), part))
        return cls(tuple(longest_first), frozenset({employee.employee_number, employee.mobile} - {""}))

    def without(self, value: Any) -> Any:
        """The same value, or JSON, without the person's name."""
        if isinstance(value, dict):
            # What programs call their fields names nobody, whatever people are called.
            named = ((name if name.isidentifier() else self.without(name), item) for name, item in value.items())
            return {name: self.without(item) for name, item in named}
        if isinstance(value, list):
            return [self.without(item) for item in value]
        if not isinstance(value, str):
            return value
        return ERASED if value in self.wholes else self._pattern.sub(ERASED, value)

    def are_in(self, value: Any, key: str = "") -> bool:
        """Whether the detail of a line names the person. key: under which the value is.

        A number or a single word does only where people are named: others have the same ones.
        """
        if isinstance(value, dict):
            return any(self.are_in(item, name) or self.are_in(name, "" if name.isidentifier() else name)
                       for name, item in value.items())  # fmt: skip
        if isinstance(value, list):
            return any(self.are_in(item, key) for item in value)
        if not isinstance(value, str):
            return False
        if any(word in key for word in OF_PEOPLE):
            return self.without(value) != value
        return Words(tuple(part for part in self.parts if not part.isalnum()), frozenset()).without(value) != value

    @property
    def addresses(self) -> "Words":
        """The email addresses among them."""
        return Words(tuple(part for part in self.parts if "@" in part), frozenset())

    @property
    def _pattern(self) -> re.Pattern[str]:
        # re keeps what it compiled.
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, self.parts)) or '(?!)'})(?!\w)", re.IGNORECASE)

    def may_be_in(self, columns: tuple[Any, ...]) -> Any:
        """Rows in which one of the parts occurs, as it is or as JSON writes it."""
        written = {*self.parts, *(json.dumps(part)[1:-1] for part in self.parts)}
        conditions = [column.cast("TEXT").contains(part) for column in columns for part in written]
        return reduce(or_, conditions)


def rows_in(organisation: Organisation, words: Words) -> Iterator[Row]:
    """Every row of the organisation that names them. Only reads; goes over all receipts."""
    for model, columns, parent in PLACES:
        query = model.select(model.id, *columns)
        query = query.join(parent) if parent else query
        query = query.where((parent or model).organisation == organisation, words.may_be_in(columns))
        for row in list(query) if words.parts else ():
            if _changed(row, columns, words):
                yield model, columns, row.id


def wipe(rows: list[Row], words: Words) -> None:
    """Take their name out of these rows, as they are now."""
    for model, columns, row_id in rows:
        lock_row(model, row_id)
        for row in list(model.select(model.id, *columns).where(model.id == row_id)):
            if changed := _changed(row, columns, words):
                model.update(changed).where(model.id == row_id).execute()


def _changed(row: Any, columns: tuple[Any, ...], words: Words) -> dict[str, Any]:
    values = {column.name: getattr(row, column.name) for column in columns}
    return {name: words.without(value) for name, value in values.items() if words.without(value) != value}


def last_line(organisation: Organisation) -> int:
    """The id of the newest line of the audit log."""
    return AuditEntry.select(fn.MAX(AuditEntry.id)).where(AuditEntry.organisation == organisation).scalar() or 0


def lines_of_trail(words: Words, employee: Employee, *, after: int = 0) -> list[int]:
    """The ids of the lines whose values name them, even where the line is about another person."""
    columns = (
        AuditEntry.id,
        AuditEntry.subject_kind,
        AuditEntry.subject_id,
        AuditEntry.subject_name,
        AuditEntry.detail,
    )
    newer = AuditEntry.id > after
    entries = AuditEntry.select(*columns).where(AuditEntry.organisation == employee.organisation_id, newer)
    return [entry.id for entry in entries.iterator() if _names(entry, words, employee)]


def _names(entry: AuditEntry, words: Words, employee: Employee) -> bool:
    if entry.subject_kind in OF_ACCESS:
        return words.addresses.without([entry.subject_name, entry.detail]) != [entry.subject_name, entry.detail]
    # Another employee may have the same name: it is theirs.
    is_anothers = entry.subject_kind == "Employee" and entry.subject_id != employee.id
    return words.are_in(entry.detail) or (not is_anothers and words.are_in(entry.subject_name, "name"))
