"""What the pages show of Runs: how many are in which state, seats, the time left, lines page by page, the report."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import SQL, fn

from portal import counting
from portal.asking import Several, kept, one_of
from portal.connections.offer import names_of
from portal.csv_lines import csv_line, words_of
from portal.database import now
from portal.languages import N_, ngettext, number, pgettext, read
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.paging import Page, begun, every, kept_page, page_of
from portal.people.models import Employee
from portal.people.searching import Sight
from portal.runs.models import LineState, Run, RunLine, RunState

FINISHED = (LineState.DONE, LineState.FAILED, LineState.CANCELLED)
# The parts of the bar that shows how far a Run is, from left to right.
OUTCOMES = (
    LineState.DONE, LineState.FAILED, LineState.UNDER_WAY, LineState.WAITING, LineState.CANCELLED, LineState.LEFT_OUT,
)  # fmt: skip
# Nobody joins or leaves a Run that is in one of these.
ENDED = (RunState.DONE, RunState.CANCELLED)
# What a tab of the run's page lists.
SHOWN: dict[str, tuple[LineState, ...]] = {
    "planned": (LineState.UNPLANNED, LineState.PLANNED, LineState.WAITING),
    "under way": (LineState.UNDER_WAY,),
    "left out": (LineState.LEFT_OUT,),
    "done": (LineState.DONE,),
    "failed": (LineState.FAILED,),
    "cancelled": (LineState.CANCELLED,),
}


# How people say a state, where it is not its own word.
WORDS = {LineState.LEFT_OUT: "skipped", LineState.UNPLANNED: "not checked yet", LineState.UNDER_WAY: "in progress"}
# As a page shows them; the other states are in macros/ui.html.
SHOWN_AS = {"skipped": N_("Skipped"), "not checked yet": N_("Not checked yet"), "in progress": N_("In progress")}


def said(state: str) -> str:
    """A state of a line, or the name of a tab, as people say it."""
    return WORDS.get(LineState(state), state)


class Counts(Counter):
    """How many lines of a Run are in which state."""

    @property
    def finished(self) -> int:
        return sum(self[state] for state in FINISHED)

    @property
    def carried_out(self) -> int:
        """How many came to their own end, good or bad."""
        return self[LineState.DONE] + self[LineState.FAILED]

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Everybody by outcome, in the order of a bar: state, how many."""
        waiting = self[LineState.WAITING] + self[LineState.PLANNED] + self[LineState.UNPLANNED]
        found = {**self, LineState.WAITING: waiting}
        return [(state, found[state]) for state in OUTCOMES if found.get(state)]

    @property
    def people(self) -> int:
        """All whom the Run is carried out for."""
        return self.total() - self[LineState.LEFT_OUT]

    @property
    def planned(self) -> int:
        """How many have been looked at."""
        return self.total() - self[LineState.UNPLANNED]

    def shown(self, tab: str) -> int:
        return sum(self[state] for state in SHOWN[tab])


def counts(run: Run) -> Counts:
    rows: Any = RunLine.select(RunLine.state, fn.COUNT(RunLine.id)).where(RunLine.run == run).group_by(RunLine.state)
    return Counts({LineState(state): count for state, count in rows.tuples()})


@dataclass(frozen=True)
class Seats:
    """Seats of one licence: how many the plan needs, and how many are free; None when the application does not say."""

    name: str
    needed: int
    free: int | None

    @property
    def short(self) -> int:
        return 0 if self.free is None else max(0, self.needed - self.free)

    @property
    def words(self) -> str:
        if self.free is None:
            return _("%(needed)s needed, free seats unknown", needed=number(self.needed))
        return _("%(needed)s needed, %(free)s free", needed=number(self.needed), free=number(self.free))


def seats(run: Run) -> list[Seats]:
    """For each licence that the plan gives away."""
    if run.state not in (RunState.PLANNED, RunState.TO_APPROVE):
        return []
    planned: Any = RunLine.select(RunLine.seats, fn.COUNT(RunLine.id)).where(
        RunLine.run == run, RunLine.state == LineState.PLANNED, RunLine.seats != ""
    )
    needed: Counter[str] = Counter()
    for licence_ids, count in planned.group_by(RunLine.seats).tuples():
        needed.update(dict.fromkeys(licence_ids.split(), count))
    free = {plan["id"]: plan["free"] for plan in run.connection.licences}
    return [Seats(name, needed[key], free.get(key, 0)) for key, name in names_of(run.connection, needed).items()]


def is_moving(run: Run, found: Counts) -> bool:
    """Whether it changes without a user, so that a page asks for it every second."""
    if run.state == RunState.PLANNING:
        return not run.problem
    return run.state == RunState.RUNNING or found[LineState.UNDER_WAY] > 0


def time_left(run: Run, found: Counts) -> str:
    """About how long it still takes, by how long it has taken since it was last set going; empty when unknown."""
    done = found.finished - run.counted_done
    if run.state != RunState.RUNNING or run.counted_from is None or done < 1 or run.connection.problem:
        return ""
    seconds = (now() - run.counted_from).total_seconds() / done * (found.people - found.finished)
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("about %(num)s minute left", "about %(num)s minutes left", minutes)
    hours = round(timedelta(minutes=minutes) / timedelta(hours=1))
    return ngettext("about %(num)s hour left", "about %(num)s hours left", hours)


def lines(run: Run, tab: str, *, after: int | None, among: Any = None) -> Page[RunLine]:
    """One page of the lines of a tab.

    among: a select of the employees whose lines are looked for; None for all lines.
    """
    query = RunLine.select(RunLine, Employee).join(Employee)
    query = query.where(RunLine.run == run, RunLine.state.in_(SHOWN[tab]))
    if among is not None:
        query = query.where(RunLine.employee.in_(among.select(Employee.id)))
    return page_of(query, RunLine.id, after)


class RunRow(NamedTuple):
    """What a row of the page shows of a Run, by the names of the record. people: how many it is for."""

    id: int
    verb: str
    state: str
    source: str
    reason: str
    by_name: str
    created_at: datetime
    people: int = 0

    title = Run.title


def runs_of(sight: Sight, *, before: int | None) -> Page[RunRow]:
    """One page of the runs of the organisation, or of those held to a part of it, newest first."""
    held = {"part": str(sight.reach), "own": sight.own} if sight.is_part else {}
    page: Page[RunRow] = kept_page(_latest, RunRow, before, sight.is_part, organisation=sight.organisation, **held)
    people = _people_of(page.rows)
    page.rows = [run._replace(source=read(run.source), people=people.get(run.id, 0)) for run in page.rows]
    return page


def _people_of(runs: list[RunRow]) -> dict[int, int]:
    """How many people each is for. Those that have ended do not change any more, however many people they were for."""
    ended = [run.id for run in runs if run.state in ENDED]
    key = ("people of runs", *ended)
    found = counting.remembered(key, lambda: _counted(ended), size=lambda people: sum(people.values()))
    return found | _counted([run.id for run in runs if run.state not in ENDED])


def _counted(runs: list[int]) -> dict[int, int]:
    return dict(_people.rows(runs=Several(runs))) if runs else {}


@kept
def _latest(begins: bool, held: bool, *, organisation: Any, start: Any, part: Any = "", own: Any = "") -> Any:
    runs = Run.select(*(getattr(Run, name) for name in RunRow._fields[:-1])).where(Run.organisation == organisation)
    if held:
        runs = runs.where(Run.part == part, Run.part_value == own)
    return begun(runs, Run.id, begins, start, newest_first=True)


@kept
def _people(*, runs: Any) -> Any:
    mine = one_of(RunLine.run, runs) & (RunLine.state != LineState.LEFT_OUT)
    return RunLine.select(RunLine.run, fn.COUNT(SQL("1"))).where(mine).group_by(RunLine.run).tuples()


def to_approve(organisation: Organisation) -> int:
    """How many runs wait for a second Admin."""
    return int(_to_approve.first(organisation=organisation.id)[0])


@kept
def _to_approve(*, organisation: Any) -> Any:
    return waiting_runs(organisation).select(fn.COUNT(SQL("1"))).order_by().tuples()


def waiting_runs(organisation: Organisation) -> Any:
    """The runs that wait for a second Admin."""
    return Run.select().where(Run.organisation == organisation, Run.state == RunState.TO_APPROVE)


COLUMNS = {
    "employee number": _("Employee number"), "employee": _("Employee"), "before": pgettext("state", "Before"),
    "after": pgettext("state", "After"), "state": _("State"), "reason": _("Reason"), "receipt": _("Receipt"),
}  # fmt: skip


def report(run: Run, among: Any = None) -> Iterator[str]:
    """Every line of the Run as CSV, read part by part. among: as in `lines`."""
    yield csv_line(words_of(COLUMNS))
    query = RunLine.select(RunLine, Employee).join(Employee).where(RunLine.run == run)
    if among is not None:
        query = query.where(RunLine.employee.in_(among.select(Employee.id)))
    for line in every(query, RunLine.id):
        who = (line.employee.employee_number, line.employee.name)
        yield csv_line((*who, line.before, line.after, said(line.state), line.reason, line.operation_id))
