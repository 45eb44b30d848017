"""What the activity of an organisation shows: its operations, filtered and page by page, and their export."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from portal import params
from portal.asking import as_text, kept
from portal.connections.models import Connection
from portal.csv_lines import csv_line, word_of, words_of
from portal.database import is_sqlite
from portal.filters import Filter
from portal.languages import begun as capital
from portal.languages import gettext as _
from portal.operations.models import Operation, Step
from portal.operations.waiting import awaited_by, waits_for
from portal.organisations.models import Organisation
from portal.paging import PER_PAGE, Page, begun, kept_page, page_of_rows
from portal.people.models import Employee
from portal.people.searching import Sight, within


@dataclass(frozen=True)
class Filters(Filter):
    """What of the activity is looked for. q: words of the record. by: part of a name. app: key of an application.

    since, until: days in the organisation's zone.
    """

    verb: str = ""
    state: str = ""
    waiting: str = ""
    q: str = ""
    by: str = ""
    app: str = ""
    since: str = ""
    until: str = ""

    def applied(self, organisation: Any, sight: Sight) -> Any:
        """The operations that match the filters, with their employees and the service of their connections.

        sight: whose.
        """
        query = Operation.select(Operation, Employee, Connection.id, Connection.service).join(Employee)
        query = query.switch(Operation).join(Connection).where(Operation.organisation == organisation)
        if not sight.is_whole:
            query = query.where(within(sight.reach, sight.own))
        if self.app:
            query = query.where(Connection.service == self.app)
        if self.verb:
            query = query.where(Operation.verb == self.verb)
        if self.state:
            query = query.where(Operation.state == self.state)
        if self.waiting:
            query = query.where(waits_for(self.waiting))
        if self.by:
            query = query.where(Operation.by_name.contains(self.by))
        if (since := params.day(self.since)) is not None:
            query = query.where(Operation.created_at >= datetime.combine(since, time(), organisation.zone))
        if (until := params.day(self.until)) is not None:
            after = datetime.combine(until + timedelta(days=1), time(), organisation.zone)
            query = query.where(Operation.created_at < after)
        for word in self.q.casefold().split():
            query = query.where(Employee.search_text.contains(word))
        return query


class Line(NamedTuple):
    """What a row of the page shows of an operation, by the names of the record."""

    id: int
    employee_id: int
    verb: str
    state: str
    by_name: str
    message: str
    error_kind: str
    not_before: datetime
    created_at: datetime
    run_id: int | None
    service: str
    first_name: str
    last_name: str
    preferred_name: str

    name = Employee.name
    is_open, done_by, words = Operation.is_open, Operation.done_by, Operation.words
    awaited = property(awaited_by)


def activity(organisation: Organisation, filters: Filters, sight: Sight, *, before: int | None = None) -> Page[Line]:
    """The organisation's operations that match the filters, newest first: one page. sight: about whom."""
    if not filters.values() and sight.is_whole:
        return kept_page(_latest, _line, before, organisation=organisation.id)
    found = _columns(filters.applied(organisation, sight))
    rows = begun(found, Operation.id, bool(before), before, newest_first=True)
    return page_of_rows([_line(*row) for row in rows], before)


@kept
def _latest(begins: bool, *, organisation: Any, start: Any) -> Any:
    found = _columns(Operation.select().join(Employee).switch(Operation).join(Connection))
    own, both = Operation.organisation == organisation, Operation.organisation.between(organisation, organisation)
    # What is one number PostgreSQL leaves out of the order, and then goes through all that is newer of the others.
    found = found.where(own if is_sqlite() else both)
    if begins:
        found = found.where(Operation.id < start)
    return found.order_by(Operation.organisation.desc(), Operation.id.desc()).limit(PER_PAGE + 1).tuples()


def _columns(query: Any) -> Any:
    named = (Employee.first_name, Employee.last_name, Employee.preferred_name)
    own = (name for name in Line._fields[:9])
    return query.select(
        *(getattr(Operation, name) for name in own), as_text(Operation.asked_as()), Connection.service, *named
    )


def _line(*row: Any) -> Line:
    *own, asked, service, first_name, last_name, preferred_name = row
    return Line._make([*own, Operation.run_in(json.loads(asked)), service, first_name, last_name, preferred_name])


def steps_of(operation: Operation) -> list[Step]:
    return list(operation.steps.order_by(Step.id))


COLUMNS = {
    "operation": _("Receipt"), "at": _("When"), "employee number": _("Employee number"), "employee": _("Employee"),
    "verb": _("What"), "state": _("State"), "by": _("Done by"), "finished": _("Finished"), "reason": _("Reason"),
    "waits for": _("Waits for"), "request id": _("Request id"),
}  # fmt: skip


def activity_lines(organisation: Organisation, filters: Filters, sight: Sight) -> Iterator[str]:
    """The activity that matches the filters as CSV lines, oldest first. A cell that looks like a formula is quoted."""
    yield csv_line(words_of(COLUMNS))
    for row in filters.applied(organisation, sight).order_by(Operation.id).iterator():
        yield csv_line(
            (row.id, row.created_at.isoformat(timespec="seconds"), row.employee.employee_number, row.employee.name,
             word_of(row.verb, capital(row.words)), word_of(row.state, _(row.state.capitalize())),
             word_of(row.by_name, _(row.done_by)),
             row.finished_at and row.finished_at.isoformat(timespec="seconds"),
             row.message, awaited_by(row), row.error_request_id)
        )  # fmt: skip
