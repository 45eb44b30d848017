"""Carries a Run out: a portion of its people at a time, each by the operation that a single press would start.

Whoever holds the Run's lease starts operations; a line and its operation are written down together, so that nobody is
started twice, whatever dies in between. Operations left behind are taken over as any others are.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.database import now, transaction
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions, bulk, licences
from portal.provisioning.actions import AccountRequest
from portal.provisioning.models import OPEN, Operation, State, Verb
from portal.runs import queries
from portal.runs.models import LineState, Run, RunLine, RunState

LEASE = timedelta(seconds=90)
PORTION = 200
# A run that fails for most of its first people is stopped before it does so for all.
BRAKE_FROM, BRAKE_SHARE = 20, 0.5
START_OF_DAY = 8


def carry_on(run: Run) -> float | None:
    """Carry one portion out. Returns after how many seconds to come back; None when there is nothing more to do.

    None too when somebody else is at it.
    """
    until = now() + LEASE
    free = Run.lease_until.is_null() | (Run.lease_until < now())
    if not Run.update(lease_until=until).where(Run.id == run.id, Run.state == RunState.RUNNING, free).execute():
        return None
    try:
        settle(run)
        lines = _portion(run)
        begun = bulk.carry_out_many(
            run.connection, lines, lambda line: _start(run, line), progress=lambda: _hold(run, until)
        )
        settle(run)
        return _what_next(run, begun > 0)
    finally:
        Run.update(lease_until=None).where(Run.id == run.id).execute()


def _hold(run: Run, since: datetime) -> None:
    """Hold on to the lease while the portion goes on."""
    if now() > since - LEASE / 2:
        Run.update(lease_until=now() + LEASE).where(Run.id == run.id).execute()


def _what_next(run: Run, started: bool) -> float | None:
    run = Run.get_by_id(run.id)
    found = queries.counts(run)
    if run.state != RunState.RUNNING:
        return 5.0 if found[LineState.UNDER_WAY] else None
    failed = found[LineState.FAILED]
    if failed >= BRAKE_FROM and failed > BRAKE_SHARE * found.finished and found[LineState.WAITING]:
        words = (
            f"It failed for {failed} of the first {found.finished} people, so it has stopped by itself. Look at why."
        )
        run.become(RunState.PAUSED, problem=words)
        return None
    if found[LineState.WAITING]:
        return 0.0
    if found[LineState.UNDER_WAY]:
        return 2.0 if started else 5.0
    run.become(RunState.DONE, finished_at=now())
    return None


def settle(run: Run) -> None:
    """Note on the lines what has become of their operations."""
    query = RunLine.select(RunLine, Operation).join(Operation)
    under_way = query.where(RunLine.run == run, RunLine.state == LineState.UNDER_WAY, Operation.state.not_in(OPEN))
    ended = list(under_way)
    for line in ended:
        operation: Any = line.operation
        line.state = {State.DONE: LineState.DONE, State.CANCELLED: LineState.CANCELLED}.get(
            operation.state, LineState.FAILED
        )
        line.reason = "" if line.state == LineState.DONE else f"{operation.message} {operation.next_step}".strip()
    if ended:
        with transaction():
            RunLine.bulk_update(ended, (RunLine.state, RunLine.reason), batch_size=100)


def _portion(run: Run) -> list[RunLine]:
    """The next few people whose operations are to be begun, managers before their reports."""
    query = RunLine.select(RunLine, Employee).join(Employee)
    waiting = query.where(RunLine.run == run, RunLine.state == LineState.WAITING)
    chosen = list(waiting.order_by(RunLine.level, RunLine.id).limit(PORTION))
    # Only one level at a time, so that every manager's account is there when a report's is made.
    level = [line for line in chosen if line.level == chosen[0].level]
    return [] if level and level[0].level and _is_under_way(run) else level


def _is_under_way(run: Run) -> bool:
    return RunLine.select().where(RunLine.run == run, RunLine.state == LineState.UNDER_WAY).exists()


def _start(run: Run, line: RunLine) -> Operation | None:
    line.employee.organisation = run.organisation
    try:
        with transaction():
            operation = STARTS[Verb(run.verb)](run, line)
            mine = RunLine.update(state=LineState.UNDER_WAY, operation=operation, reason="")
            if not mine.where(RunLine.id == line.id, RunLine.state == LineState.WAITING).execute():
                raise actions.Busy()
    except Problem as problem:
        words = f"{problem.message} {problem.next_step}".strip()
        RunLine.update(state=LineState.FAILED, reason=words).where(
            RunLine.id == line.id, RunLine.state == LineState.WAITING
        ).execute()
        return None
    return operation


def _create(run: Run, line: RunLine) -> Operation:
    request = AccountRequest(
        username=line.username,
        plan_id=line.licence,
        plan_name=licences.name_of(run.connection, line.licence) if line.licence else "",
        update_company_email=bool(run.options.get("update_company_email")),
        send_at=send_at(run.options.get("send", "now"), line.employee, run.organisation.zone),
    )
    return actions.create_account(line.employee, request, by=run.starter, at_once=False)


def send_at(when: str, employee: Employee, zone: ZoneInfo) -> datetime | None:
    """When the login information goes out; None for at once. when: "now", "start", or a moment in ISO 8601."""
    if when == "start":
        start = employee.start_date
        moment = datetime(start.year, start.month, start.day, START_OF_DAY, tzinfo=zone) if start else None
        return moment if moment and moment > now() else None
    return None if when == "now" else datetime.fromisoformat(when)


def _change_licences(run: Run, line: RunLine) -> Operation:
    add, remove = run.options.get("add", []), run.options.get("remove", [])
    return actions.change_licences(line.employee, add=add, remove=remove, by=run.starter, at_once=False)


STARTS: dict[Verb, Callable[[Run, RunLine], Operation]] = {
    Verb.CREATE: _create,
    Verb.LINK: lambda run, line: actions.link_account(line.employee, line.remote_id, by=run.starter, at_once=False),
    Verb.DEACTIVATE: lambda run, line: actions.deactivate_account(line.employee, by=run.starter, at_once=False),
    Verb.REACTIVATE: lambda run, line: actions.reactivate_account(line.employee, by=run.starter, at_once=False),
    Verb.UPDATE: lambda run, line: actions.update_account(line.employee, by=run.starter, at_once=False),
    Verb.LICENCE: _change_licences,
}


def due() -> list[Run]:
    """Runs that are to be carried on, and those that a worker left behind."""
    free = Run.lease_until.is_null() | (Run.lease_until < now())
    moving = Run.select().where(Run.state == RunState.RUNNING, free)
    left = RunLine.select(RunLine.run).where(RunLine.state == LineState.UNDER_WAY).distinct()
    stopped = Run.select().where(Run.state.in_((RunState.PAUSED, RunState.CANCELLED)), Run.id.in_(left))
    return [*moving, *stopped]
