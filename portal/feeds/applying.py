"""Taking over what a run changes: as what any other system says, some people in each transaction."""

from collections.abc import Callable, Iterator
from typing import Any

from peewee import chunked

from portal.columns.known import MANAGER, SECOND
from portal.database import transaction
from portal.feeds.changes import Trouble
from portal.feeds.models import Feed
from portal.import_plans.lines import label
from portal.import_plans.plans import FIELDS, Entry, ImportPlan
from portal.incoming import applying
from portal.incoming.differences import Difference
from portal.incoming.said import Said
from portal.languages import gettext as _
from portal.logs import log
from portal.people import actions
from portal.people.models import Employee

BATCH = 50
ROLES = {MANAGER: "manager", SECOND: "second_manager"}
UNEXPECTED = _("The portal met an error it did not expect. IT can find it in the log.")


class Lost(Exception):
    """Another worker holds the run by now."""


class Applying:
    """added, changed: how many people were. troubles: records that could not be taken over."""

    def __init__(self, feed: Feed, plan: ImportPlan):
        self.feed, self.plan = feed, plan
        self.source = applying.Source(feed.actor)
        self.added = self.changed = 0
        self.troubles: list[Trouble] = []
        self.ids: dict[str, int] = {}

    def carry_out(self, still_ours: Callable[[], bool]) -> None:
        """Add and change everybody; managers come before those who report to them. Raises Lost."""
        new = {entry.employee_number for entry in self.plan.added}
        added = [entry._replace(second=None) if entry.second in new else entry for entry in self.plan.added]
        entries = [*_managers_first(added), *self.plan.changed]
        # A second manager who is new too may come later than the person. Two who change places report to each other
        # for a moment: the second try finds the first one done.
        again = [e._replace(changes={SECOND: ["", e.second]}) for e in self.plan.added if e.second in new]
        for last, todo in ((False, entries), (True, again)):
            for batch in chunked(todo, BATCH):
                if not still_ours():
                    raise Lost()
                with transaction():
                    actions.hold_records(self.feed.organisation)
                    self._learn(batch)
                    again += [entry for entry in batch if not self._one(entry, last=last)]

    def _learn(self, batch: list[Entry]) -> None:
        """Find the rows of everybody whom the batch names."""
        numbers = {name for entry in batch for name in (entry.employee_number, entry.was, entry.manager, entry.second)}
        wanted = [number for number in numbers if number and number not in self.ids]
        rows: Any = Employee.select(Employee.employee_number, Employee.id).where(
            Employee.organisation == self.feed.organisation_id, Employee.employee_number.in_(wanted)
        )
        self.ids.update(rows.tuples())

    def _one(self, entry: Entry, *, last: bool) -> bool:
        """Take one record over. False when it is worth a second try. What goes wrong with it harms no other."""
        difference = Difference(Said(entry.employee_number))
        try:
            with transaction():
                self._take(entry, difference)
        except Exception:
            log.exception("record of a feed not taken over", feed=self.feed.id)
            difference.notes[""] = UNEXPECTED
        if "manager" in difference.notes and entry.changes is not None and MANAGER in entry.changes and not last:
            return False
        for field, reason in difference.notes.items():
            words = label({role: column for column, role in ROLES.items()}.get(field, field)) if field else ""
            self.troubles.append(Trouble(entry.employee_number, words, reason))
        return True

    def _take(self, entry: Entry, difference: Difference) -> None:
        record = dict(zip(FIELDS, entry.record, strict=True))
        if entry.changes is None:
            difference.values = {name: value for name, value in record.items() if value}
            columns = [column for column, number in ((MANAGER, entry.manager), (SECOND, entry.second)) if number]
        else:
            known = self.ids.get(entry.was or entry.employee_number)
            difference.employee = Employee.get_or_none(Employee.id == known) if known else None
            if difference.employee is None:
                difference.notes[""] = _("This employee is no longer in the Employee List.")
                return
            difference.values = {name: record[name] for name in entry.changes if name in record}
            columns = [column for column in ROLES if column in entry.changes]
        for column in columns:
            self._take_manager(entry, column, difference)
        employee = applying.apply(self.feed.organisation, difference, self.source)
        if employee is not None and entry.changes is None:
            self.ids[employee.employee_number] = employee.id
            self.added += 1
        elif employee is not None:
            self.changed += 1

    def _take_manager(self, entry: Entry, column: str, difference: Difference) -> None:
        """Note the manager whom the line names, where they are in the Employee List by now."""
        number = (entry.second if column == SECOND else entry.manager) or ""
        if number and number not in self.ids:
            difference.notes[ROLES[column]] = _(
                "The manager %(number)s is not in the Employee List yet.", number=number[:40]
            )
            return
        difference.values[ROLES[column]] = Employee.get_by_id(self.ids[number]) if number else None


def _managers_first(added: list[Entry]) -> Iterator[Entry]:
    """New people in an order in which nobody comes before their manager."""
    waiting = {entry.employee_number: entry for entry in added}
    for first in added:
        path: list[Entry] = []
        entry: Entry | None = waiting.get(first.employee_number)
        while entry is not None and entry not in path:
            path.append(entry)
            entry = waiting.get(entry.manager or "")
        for each in reversed(path):
            del waiting[each.employee_number]
            yield each
