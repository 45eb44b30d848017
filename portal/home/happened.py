"""What happened, by day: a bulk action is one line, everything that a person did for one employee another."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import fn

from portal.audit import AuditEntry
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.home.words import OF_THE_LOG, did, did_alone, did_many
from portal.languages import begun, joined, ngettext
from portal.operations.models import Operation, State
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.runs.models import LineState, Run, RunLine, RunState

DAYS = 7
# One page shows no more than this; earlier days are a page of their own.
MOST = 200


@dataclass(frozen=True)
class Happening:
    """One line. state: of an operation or a bulk action. endpoint, values: the page with all about it.

    application: at which it was done, where the organisation has had several.
    """

    at: datetime
    words: str
    by: str = ""
    state: str = ""
    note: str = ""
    application: str = ""
    endpoint: str = ""
    values: dict[str, Any] | None = None


@dataclass(frozen=True)
class Period:
    """Whole days in the organisation's zone, both inclusive."""

    since: date
    until: date

    @classmethod
    def of(cls, since: date | None, until: date | None, *, today: date) -> "Period":
        """The days that were asked for; the last seven when none were."""
        last = until or (max(today, since) if since else today)
        first = since or last - timedelta(days=DAYS - 1)
        return cls(min(first, last), max(first, last))

    def contains(self, moment: Any, organisation: Organisation) -> Any:
        """The condition that a column's moment is within the days."""
        zone = organisation.zone
        end = datetime.combine(self.until + timedelta(days=1), time(), zone)
        return (moment >= datetime.combine(self.since, time(), zone)) & (moment < end)


def by_day(organisation: Organisation, period: Period) -> tuple[dict[date, list[Happening]], date | None]:
    """What happened in the period, newest day first; and the day at which an earlier page would have to end, if any."""
    named = _applications(organisation)
    found = [
        *_runs(organisation, period, named), *_operations(organisation, period, named), *_log(organisation, period),
    ]  # fmt: skip
    found.sort(key=lambda happening: happening.at, reverse=True)
    days: dict[date, list[Happening]] = defaultdict(list)
    for happening in found[:MOST]:
        days[happening.at.astimezone(organisation.zone).date()].append(happening)
    return days, min(days) if len(found) > MOST else None


def of_employee(employee: Employee, *, before: int | None = None, most: int = 50) -> tuple[list[Happening], int | None]:
    """Every operation about this person, newest first, and where the next page begins."""
    query = Operation.select().where(Operation.employee == employee)
    rows = list((query.where(Operation.id < before) if before else query).order_by(Operation.id.desc()).limit(most + 1))
    for row in rows:
        row.employee = employee
    named = _applications(employee.organisation)
    # The page names the person already: each line says only what was done, or was to be done.
    told = [
        replace(_of_operation(row, named), words=did_alone(row.verb) if row.state == State.DONE else begun(row.words))
        for row in rows[:most]
    ]
    return told, rows[most - 1].id if len(rows) > most else None


def _applications(organisation: Organisation) -> dict[int, str]:
    """The application of each connection there was, by name; empty when it has only ever been one."""
    found = Connection.select(Connection.id, Connection.service).where(Connection.organisation == organisation)
    services = {connection.id: connection.service for connection in found}
    return {id: SERVICES[key].name for id, key in services.items() if len(set(services.values())) > 1}


def _operations(organisation: Organisation, period: Period, named: dict[int, str]) -> list[Happening]:
    """Those that no bulk action started."""
    of_a_run = RunLine.select(RunLine.id).where(RunLine.operation == Operation.id)
    query = Operation.select(Operation, Employee).join(Employee).where(
        Operation.organisation == organisation, period.contains(Operation.created_at, organisation),
        ~fn.EXISTS(of_a_run),
    )  # fmt: skip
    return [_of_operation(row, named) for row in query.order_by(Operation.id.desc()).limit(MOST + 1)]


def _of_operation(row: Operation, named: dict[int, str]) -> Happening:
    return Happening(
        row.created_at, did(row.verb, row.state, row.employee.name), row.done_by, row.state,
        row.message if row.state in ("failed", "waiting") else "", named.get(row.connection_id, ""),
        "operations.receipt", {"operation_id": row.id},
    )  # fmt: skip


def _runs(organisation: Organisation, period: Period, named: dict[int, str]) -> list[Happening]:
    mine = (Run.organisation == organisation) & period.contains(Run.started_at, organisation)
    runs = list(Run.select().where(mine).order_by(Run.id.desc()).limit(MOST + 1))
    if not runs:
        return []
    lines: Any = RunLine.select(RunLine.run, RunLine.state, fn.COUNT(RunLine.id)).where(
        RunLine.run.in_([run.id for run in runs]), RunLine.state != LineState.LEFT_OUT
    )  # fmt: skip
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for run_id, state, count in lines.group_by(RunLine.run, RunLine.state).tuples():
        counts[run_id][state] = count
    return [_of_run(run, counts[run.id], named) for run in runs]


def _of_run(run: Run, counts: dict[str, int], named: dict[int, str]) -> Happening:
    people, done = sum(counts.values()), counts.get(LineState.DONE, 0)
    words: str = ngettext("%(title)s: %(num)s person", "%(title)s: %(num)s people", people, title=run.title)
    if done and run.state in (RunState.DONE, RunState.CANCELLED):
        words = did_many(run.verb, done)
    failed, rest = counts.get(LineState.FAILED), counts.get(LineState.CANCELLED)
    note = joined(
        ngettext("%(num)s failed", "%(num)s failed", failed) if failed else "",
        ngettext("%(num)s not begun", "%(num)s not begun", rest) if rest else "",
        by=", ",
    )
    state = RunState.DONE if done == people else run.state
    return Happening(
        run.started_at, words, run.by_name, state, note, named.get(run.connection_id, ""), "runs.show",
        {"run_id": run.id},
    )  # fmt: skip


def _log(organisation: Organisation, period: Period) -> list[Happening]:
    """What else is worth a line: imports, connections, users."""
    query = AuditEntry.select().where(
        AuditEntry.organisation == organisation, AuditEntry.action.in_(list(OF_THE_LOG)),
        period.contains(AuditEntry.at, organisation),
    )  # fmt: skip
    rows = query.order_by(AuditEntry.number.desc()).limit(MOST + 1)
    return [Happening(row.at, OF_THE_LOG[row.action](row), row.by_name) for row in rows]
