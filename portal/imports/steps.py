"""A large import in steps, each a short transaction, so that no other user waits long to save.

All steps are written down before the first one is done, and each takes itself away in the transaction in which it is
done. A worker that dies leaves the others, and the next one continues with them. An employee whom another user changed
in between is left alone, and the page says so.
"""

import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import Any

from peewee import BlobField, ForeignKeyField, IntegerField, chunked

from portal.asking import Several, kept, one_of
from portal.columns.known import MANAGER, SECOND
from portal.database import BaseModel, now, transaction
from portal.import_plans.plans import FIELDS, Entry, ImportPlan
from portal.imports.storing import derived, moves, set_managers, store
from portal.imports.uploads import Import
from portal.organisations.models import Organisation
from portal.people import rules
from portal.people.actions import hold_records
from portal.people.models import Employee

# How many people are imported in one transaction; more are imported in steps of this size.
AT_ONCE, STEP = 1_000, 2_000
# Behind each step there is a moment for a thread that has just come. Once steps have taken so many seconds together,
# there is a pause that no thread misses: one that waits for SQLite asks again after a tenth of a second at the latest.
MOMENT, LONGEST_TURN, PAUSE = 0.005, 0.4, 0.1
PLACES_OF_DAYS = [FIELDS.index(name) for name in rules.DATES]
BEFORE_LOCATIONS = 12
PEOPLE, HIRED, MANAGERS, SECONDS = "people", "hired", "managers", "second managers"


class ImportStep(BaseModel):
    """A step that is still to be done."""

    import_ = ForeignKeyField(Import, column_name="import_id", on_delete="CASCADE")
    number = IntegerField()
    data = BlobField()

    class Meta:
        indexes = ((("import_", "number"), True),)


@dataclass(frozen=True)
class Step:
    """kind: PEOPLE, HIRED for those who are new and come with their managers, MANAGERS of the others, or SECONDS, where
    an entry has the second manager as its manager.

    since: leaves alone who was changed later than this. moment: when the import begins.
    """

    kind: str
    since: datetime
    moment: datetime
    entries: list[Entry]
    number: int = 0

    @cached_property
    def derived(self) -> dict[int, tuple[str, str]]:
        """By line, what is kept beside a record to sort and to find it by."""
        return {entry.line: derived(entry.record) for entry in self.entries}

    def get_ready(self) -> None:
        """Work out what the step writes."""
        if self.kind in (PEOPLE, HIRED):
            _ = self.derived

    def packed(self) -> bytes:
        rows = [
            [entry.line, entry.record if self.kind in (PEOPLE, HIRED) else entry.record[:1], entry.manager,
             None if entry.changes is None else MANAGER in entry.changes, entry.was]
            for entry in self.entries
        ]  # fmt: skip
        plain = [self.kind, self.since.isoformat(), self.moment.isoformat(), rows]
        return zlib.compress(json.dumps(plain, default=date.isoformat).encode(), 3)

    @classmethod
    def unpacked(cls, data: bytes, number: int) -> "Step":
        kind, since, moment, rows = json.loads(zlib.decompress(data))
        entries = [
            Entry(line, _record(record), manager, None if moved is None else {MANAGER: []} if moved else {}, was)
            for line, record, manager, moved, was in rows
        ]
        return cls(kind, datetime.fromisoformat(since), datetime.fromisoformat(moment), entries, number)


def _record(values: list[Any]) -> tuple[Any, ...]:
    if len(values) == BEFORE_LOCATIONS:
        # Written down by a version without these fields.
        values = [*values[:10], "", "", "", *values[10:], None, None]
    if len(values) == len(FIELDS):
        for place in PLACES_OF_DAYS:
            values[place] = values[place] and date.fromisoformat(values[place])
    return tuple(values)


def is_large(plan: ImportPlan) -> bool:
    return len(plan.added) + len(plan.changed) > AT_ONCE


def of(plan: ImportPlan, since: datetime | None) -> Iterator[Step]:
    """What has to be done, people first and then who reports to whom. since: when the last employee was changed."""
    moment, number = now(), 0
    seconds = [entry._replace(manager=entry.second) for entry in moves([*plan.added, *plan.changed], SECOND)]
    for kind, some in (
        (PEOPLE, plan.changed), (HIRED, _managers_first(plan.added)), (MANAGERS, list(moves(plan.changed))),
        (SECONDS, seconds),
    ):  # fmt: skip
        for portion in chunked(some, STEP):
            yield Step(kind, since or moment, moment, portion, number)
            number += 1


def _managers_first(added: list[Entry]) -> list[Entry]:
    """Those who are new, each behind the manager, so that nearly all are added with theirs."""
    above = {entry.employee_number: entry.manager or "" for entry in added}
    depths: dict[str, int] = {}
    for number in above:
        upwards: list[str] = []
        while number in above and number not in depths:
            depths[number] = 0
            upwards.append(number)
            number = above[number]
        for place, one in enumerate(reversed(upwards), 1):
            depths[one] = depths.get(number, 0) + place
    return sorted(added, key=lambda entry: depths[entry.employee_number])


def carry_out(
    todo: Iterable[Step],
    organisation: Organisation,
    still: Callable[[], dict[str, str]],
    noted: Callable[[Step, list[int]], None],
) -> None:
    """Do each step in a transaction of its own, and let others have their turn between two of them.

    still: who will report to whom by all steps. noted: is told, within its transaction, which lines of a step were left
    alone, because another user changed these employees meanwhile.
    """
    managers: dict[str, str] | None = None
    steps = iter(todo)
    step = next(steps, None)
    taken = 0.0
    while step is not None:
        begun = time.monotonic()
        if step.kind == MANAGERS and managers is None:
            managers = still()
        with transaction():
            hold_records(organisation)
            noted(step, _do(step, organisation, managers or {}))
        written = time.monotonic()
        taken += written - begun
        pause, taken = (PAUSE, 0.0) if taken >= LONGEST_TURN else (MOMENT, taken)
        step = next(steps, None)
        if step is not None:
            # What needs no transaction is worked out while others have their turn.
            step.get_ready()
        time.sleep(max(0.0, pause - (time.monotonic() - written)))


def _do(step: Step, organisation: Organisation, managers: dict[str, str]) -> list[int]:
    if step.kind in (PEOPLE, HIRED):
        return _do_people(step, organisation)
    return (
        _do_seconds(step, organisation) if step.kind == SECONDS else _do_managers(step, organisation, managers)
    )  # fmt: skip


def _do_seconds(step: Step, organisation: Organisation) -> list[int]:
    pairs = {entry.employee_number: entry.manager or "" for entry in step.entries}
    found = Employee.select(Employee.employee_number).where(
        Employee.organisation == organisation,
        Employee.employee_number.in_({number for pair in pairs.items() for number in pair if number}),
    )
    here = {"", *found.scalars()}
    mine = [entry for entry in step.entries if {entry.employee_number, pairs[entry.employee_number]} <= here]
    set_managers(organisation, ((entry.employee_number, entry.manager or "") for entry in mine), SECOND)
    return sorted({entry.line for entry in step.entries} - {entry.line for entry in mine})


def _do_people(step: Step, organisation: Organisation) -> list[int]:
    numbers = {number for entry in step.entries for number in (entry.employee_number, entry.was) if number}
    changed_at = dict(_changed_at.rows(organisation=organisation.id, numbers=Several(numbers)))

    def is_as_planned(entry: Entry) -> bool:
        is_new_number = entry.changes is None or bool(entry.was)
        if is_new_number and entry.employee_number in changed_at:
            return False
        known = entry.was or entry.employee_number
        return entry.changes is None or (known in changed_at and changed_at[known] <= step.since)

    mine = [entry for entry in step.entries if is_as_planned(entry)]
    alone = store(organisation, mine, step.moment, with_managers=step.kind == HIRED, beside=step.derived)
    done = {entry.line for entry in mine} - {entry.line for entry in alone}
    return sorted({entry.line for entry in step.entries} - done)


@kept
def _changed_at(*, organisation: Any, numbers: Any) -> Any:
    mine = (Employee.organisation == organisation) & one_of(Employee.employee_number, numbers)
    return Employee.select(Employee.employee_number, Employee.changed_at).where(mine).tuples()


def _do_managers(step: Step, organisation: Organisation, still: dict[str, str]) -> list[int]:
    pairs = {entry.employee_number: entry.manager or "" for entry in step.entries}
    above = _above(organisation, pairs, still)
    mine = [entry for entry in step.entries if _may_report(entry.employee_number, pairs[entry.employee_number], above)]
    set_managers(organisation, ((entry.employee_number, entry.manager or "") for entry in mine))
    return sorted({entry.line for entry in step.entries} - {entry.line for entry in mine})


def _above(organisation: Organisation, pairs: dict[str, str], still: dict[str, str]) -> dict[str, str]:
    """Of all in the pairs and above them: the manager, as it will be. Without those who are not there."""
    manager: Any = Employee.alias()
    above: dict[str, str] = {}
    waiting = {number for pair in pairs.items() for number in pair if number}
    while waiting:
        found: Any = (
            Employee.select(Employee.employee_number, manager.employee_number)
            .left_outer_join(manager, on=(Employee.manager == manager.id))
            .where(Employee.organisation == organisation, Employee.employee_number.in_(waiting))
        )
        here = {number: still.get(number, now_under or "") for number, now_under in found.tuples()}
        above |= here
        waiting = {over for over in here.values() if over and over not in above}
    return above


def _may_report(number: str, manager: str, above: dict[str, str]) -> bool:
    """Whether both are there, and neither comes to report to themselves."""
    if number not in above or (manager and manager not in above):
        return False
    seen: set[str] = set()
    while manager and manager not in seen:
        if manager == number:
            return False
        seen.add(manager)
        manager = above.get(manager, "")
    return True


def managers_of(steps: Iterable[Step]) -> dict[str, str]:
    """Who will report to whom by these steps."""
    entries = chain.from_iterable(step.entries for step in steps if step.kind == MANAGERS)
    return {entry.employee_number: entry.manager or "" for entry in entries}
