"""What importing a file would do, and what has to be asked first."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from portal.columns import layouts
from portal.columns.answers import WhoQuestion
from portal.columns.known import Refusal
from portal.import_plans import objections
from portal.import_plans.spellings import Spelling
from portal.organisations.models import Organisation
from portal.people import rules
from portal.people.models import Employee
from portal.people.searching import Reach, Sight, seen
from portal.tables import HowRead

FIELDS = (*rules.TEXTS, *rules.DATES)
BLANK = {**dict.fromkeys(rules.TEXTS, ""), **dict.fromkeys(rules.DATES)}


class Entry(NamedTuple):
    """What a line makes of an employee. record: a value for each of FIELDS.

    manager, second: a number, None to leave it.
    changes: {field: [before, after]} of an employee who is known already. was: their number, where they get another.
    """

    line: int
    record: tuple[Any, ...]
    manager: str | None
    changes: dict[str, list[Any]] | None = None
    was: str = ""
    second: str | None = None

    @property
    def employee_number(self) -> str:
        return self.record[0]

    @property
    def employee(self) -> Employee:
        """The employee as the line has them, not saved."""
        return Employee(**dict(zip(FIELDS, self.record, strict=True)))


@dataclass
class ImportPlan:
    """What importing a file would do. unchanged: how many lines say what the record says already. left_out: how many a
    person chose to leave out. notes: sentences about what was assumed. numbers: of everybody whom the file names, as
    they will be. order: of day and month in its dates, where it shows one.
    sight: of the user who imports; None for who sees everybody.

    What has to be asked first, in this order: how the file is read; layout, with a sample of lines; of the file as a
    whole: dates (an example that may be two days), zeros (numbers and what they were), words (of the status column),
    spellings (of departments and other lists); at last leavers (names) and who (lines that may be about a known person,
    and have no answer yet).
    """

    organisation: Organisation
    sight: Sight | None = None
    added: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    left_out: int = 0
    refused: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    order: str = ""
    header_line: int = 1
    how: HowRead = field(default_factory=HowRead)
    layout: layouts.Layout | None = None
    sample: list[list[str]] = field(default_factory=list)
    dates: str = ""
    zeros: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    spellings: list[Spelling] = field(default_factory=list)
    leavers: list[str] = field(default_factory=list)
    who: list[WhoQuestion] = field(default_factory=list)

    @property
    def people(self) -> Any:
        """The employees whom the file can be about: whom the user sees."""
        return seen(**(self.sight or Sight(Reach.ALL, self.organisation.id))._asdict())

    @property
    def asks(self) -> str:
        """What has to be answered before anything else: "encoding", "columns", "file", "people", or nothing."""
        if self.how.asks:
            return "encoding"
        if self.layout is not None and self.layout.problem:
            return "columns"
        if self.dates or self.zeros or self.words or self.spellings:
            return "file"
        return "people" if self.leavers or self.who else ""

    @property
    def ready(self) -> bool:
        """Whether it can be imported as it is."""
        return not (self.refused or self.asks)

    @property
    def objections(self) -> list[Refusal]:
        """What keeps it from being imported as it is: lines that are refused, and questions without an answer."""
        return [*self.refused, *objections.of(self)]

    @property
    def digest(self) -> str:
        """The same for plans that do the same."""
        seen = hashlib.sha256()
        for entry in (*self.added, *self.changed):
            seen.update(
                repr((entry.line, entry.record, entry.manager, entry.changes, entry.was, entry.second)).encode()
            )
        return seen.hexdigest()
