"""Where rows about others name a person: as their manager, in an answer of the tenant, in a line of the audit log."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from portal.accounts.models import Account
from portal.audit import AuditEntry
from portal.auth.models import User
from portal.connections.models import Connection
from portal.matching.models import FoundAccount, Reading
from portal.operations.models import Operation, Step
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.runs.models import Run, RunLine

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
        parts |= {user.email for user in list(User.select().where(User.employee == employee))}
        longest_first = sorted({part for part in parts if len(part) > 1}, key=lambda part: (-len(part), part))
        return cls(tuple(longest_first), frozenset({employee.employee_number, employee.mobile} - {""}))

    def without(self, value: Any) -> Any:
        """The same value, or JSON, without the person's name."""
        if isinstance(value, dict):
            return {self.without(name): self.without(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.without(item) for item in value]
        if not isinstance(value, str):
            return value
        return ERASED if value in self.wholes else self._pattern.sub(ERASED, value)

    @property
    def _pattern(self) -> re.Pattern[str]:
        # re keeps what it compiled.
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, self.parts)) or '(?!)'})(?!\w)", re.IGNORECASE)

    def may_be_in(self, columns: tuple[Any, ...]) -> Any:
        """Rows in which one of the parts occurs, as it is or as JSON writes it."""
        written = {*self.parts, *(json.dumps(part)[1:-1] for part in self.parts)}
        conditions = [column.cast("TEXT").contains(part) for column in columns for part in written]
        return reduce(or_, conditions)


def changes(words: Words, organisation: Organisation) -> Iterator[tuple[Any, int, dict[str, Any]]]:
    """(table, id, new values) of every row of the organisation that names them. Only reads; goes over all receipts."""
    for model, columns, parent in PLACES:
        query = model.select(model.id, *columns)
        query = query.join(parent) if parent else query
        query = query.where((parent or model).organisation == organisation, words.may_be_in(columns))
        for row in list(query) if words.parts else ():
            values = {column.name: getattr(row, column.name) for column in columns}
            changed = {name: words.without(value) for name, value in values.items() if words.without(value) != value}
            if changed:
                yield model, row.id, changed


def lines_of_trail(words: Words, organisation: Organisation) -> list[int]:
    """The ids of the lines whose values name them, even where the line is about another person."""
    entries = AuditEntry.select(AuditEntry.id, AuditEntry.subject_name, AuditEntry.detail)
    entries = entries.where(AuditEntry.organisation == organisation)
    return [
        entry.id
        for entry in entries.iterator()
        if words.without([entry.subject_name, entry.detail]) != [entry.subject_name, entry.detail]
    ]
