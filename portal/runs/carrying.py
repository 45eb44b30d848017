"""Carries a Run out: a portion of its people at a time, each by the operation that a single press would start.

The worker with the Run's lease starts operations; a line and its operation are written together, so that no one is
started twice, whatever dies in between. Operations that have to wait, or that a worker left behind which died, go on
in a turn of their Run, with all others of it. Those of a Run that is not running any more are carried on one by one.
"""

import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from portal.asking import kept
from portal.committing import write
from portal.connectors import SERVICES
from portal.database import now, transaction
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.logs import log
from portal.operations import bulk, registry
from portal.operations import jobs as single
from portal.operations.models import OPEN, Operation, State
from portal.organisations.plans import Feature
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions
from portal.runs import planning, queries
from portal.runs.models import AFTER_A_BREAK, LineState, Run, RunLine, RunState
from portal.runs.planners import LeftOut
from portal.writing import save_each

# So many are taken at a time; after each it is looked at how the Run goes.
PORTION = 50
# Before so many have ended no more than these are under way.
FIRST_PORTION = 40
# A turn ends after a portion by which so many seconds have passed: few while others wait for theirs. As it ends, fewer
# and fewer people are under way, so one that nobody waits for goes on as a new one would, without an end.
LONGEST_TURN, TURN_OF_MANY = 45.0, 4.0
# A turn waits no longer than this for the application to take changes again: a later one goes on.
SHORT_WAIT = 3.0
# Once the quota has run out, so many people are begun together, so that their calls share requests.
VOLLEY = 10
# A run that fails for most of its first people is stopped before it does so for all.
BRAKE_FROM, BRAKE_SHARE = 20, 0.5
AGAIN_SOON, AGAIN_LATER = 2.0, 5.0


class Others(Enum):
    """Others of whom a turn has to think.

    None; some that may want their turn after it; some that wait for a place in this worker; a worker that wants this
    Run, because it has fewer.
    """

    NONE = 1
    MAY_COME = 2
    WAIT = 3
    ASK = 4


def carry_on(
    run: Run, others: Callable[[], Others] = lambda: Others.MAY_COME, handed_over: Callable[[], None] = lambda: None
) -> float | None:
    """Carry one turn out. Returns after how many seconds to come back; None when there is nothing more to do.

    None too when another worker holds it. others: asked again as the turn goes on. handed_over: called when another
    worker may take the Run while the last people of this turn end.
    """
    if not run.claim():
        return None
    pause: float | None = AFTER_A_BREAK
    try:
        settle(run)
        begun = 0
        if run.state == RunState.RUNNING and _may_go_on(run):
            turn = _Turn(run, others, handed_over)
            begun = bulk.carry_out_many(
                run.connection, turn.people(), lambda line: _start(run, line),
                ended=turn.note, come_back=lambda operation: None,
            )  # fmt: skip
            settle(run)
        pause = _what_next(run, begun > 0) if run.is_ours else None
    finally:
        run.let_go(pause=pause)
    return pause


def _may_go_on(run: Run) -> bool:
    """False for a run whose tenant or plan has gone: it is stopped, and says why."""
    if not run.connection.is_live:
        words = _("The add-on was disconnected, so the portal cancelled the rest.")
        with transaction():
            run.become(RunState.CANCELLED, problem=words, finished_at=now())
            waiting = RunLine.update(state=LineState.CANCELLED)
            waiting.where(RunLine.run == run, RunLine.state == LineState.WAITING).execute()
        return False
    if not run.organisation.has(Feature.ACCOUNT_PROVISIONING):
        return not run.become(RunState.PAUSED, problem=_("Account provisioning is no longer part of your plan."))
    return True


def _what_next(run: Run, begun: bool) -> float | None:
    run = Run.get_by_id(run.id)
    found = queries.counts(run)
    if run.state != RunState.RUNNING:
        return AGAIN_LATER if found[LineState.UNDER_WAY] else None
    if found[LineState.WAITING]:
        problem = _why_to_brake(run, found)
        if problem and run.become(RunState.PAUSED, problem=problem):
            return None
        return max(0.0, _busy_for(run, VOLLEY * _changes_of(run)) - SHORT_WAIT)
    if found[LineState.UNDER_WAY]:
        return AGAIN_SOON if begun else AGAIN_LATER
    run.become(RunState.DONE, finished_at=now())
    return None


def _why_to_brake(run: Run, found: queries.Counts) -> str:
    """Why the run had better stop; empty when it had not. What was before a user pressed Resume does not count."""
    failed, finished = found[LineState.FAILED] - run.counted_failed, found.finished - run.counted_done
    if failed < BRAKE_FROM or failed <= BRAKE_SHARE * finished:
        return ""
    numbers = {"failed": failed, "finished": finished}
    if run.counted_done:
        words = N_(
            "It failed for %(failed)s of the last %(finished)s people, so the portal stopped it. See why under Failed."
        )
    else:
        words = N_(
            "It failed for %(failed)s of the first %(finished)s people, so the portal stopped it. See why under Failed."
        )
    return _(words, **numbers)


def settle(run: Run) -> None:
    """Note on the lines what has become of their operations, also of one that was tried again from its receipt."""
    needed = RunLine.id, RunLine.state, Operation.state, Operation.message, Operation.next_step
    query = RunLine.select(*needed).join(Operation).where(RunLine.run == run)
    ended_now = (RunLine.state == LineState.UNDER_WAY) & Operation.state.not_in(OPEN)
    done_later = (RunLine.state == LineState.FAILED) & (Operation.state == State.DONE)
    ended = list(query.where(ended_now | done_later))
    for line in ended:
        operation: Any = line.operation
        line.state = {State.DONE: LineState.DONE, State.CANCELLED: LineState.CANCELLED}.get(
            operation.state, LineState.FAILED
        )
        line.reason = "" if line.state == LineState.DONE else joined(operation.message, operation.next_step)
    if ended:
        write(lambda: save_each(ended, (RunLine.state, RunLine.reason)))


def _left_to_runs() -> Any:
    """The operations that a turn of their Run carries on."""
    lines = RunLine.select(RunLine.operation).join(Run).where(Run.state == RunState.RUNNING)
    return Operation.id.in_(lines.where(RunLine.state == LineState.UNDER_WAY, RunLine.operation.is_null(False)))


single.CARRIED_ELSEWHERE.append(_left_to_runs)


def _busy_for(run: Run, changes: int) -> float:
    """Seconds until the application takes so many changes in the Run's tenant; 0.0 when it does now."""
    return SERVICES[run.connection.service].busy_for(run.connection.tenant_id, changes)


def _changes_of(run: Run, operation: Operation | None = None) -> int:
    """How many changes at the application one person takes, by what was done for another; the most, without one."""
    plan = registry.plan_of(operation or Operation(verb=run.verb))
    steps = plan.steps if operation is None else plan.steps_for(operation)
    return max(1, sum(step.changes and not step.local for step in steps))


class _Turn:
    """Whom to begin in one turn of a Run, by how it has gone with those before. under_way, ended, failed: how many."""

    def __init__(self, run: Run, others: Callable[[], Others], handed_over: Callable[[], None]):
        self.run, self._others, self._handed_over = run, others, handed_over
        self._changes, self._has_run_out = _changes_of(run), False
        self.under_way = 0
        self._begin()

    def _begin(self) -> None:
        """As a new turn, also while people of the last are under way."""
        self._began, self.ended, self.failed = time.monotonic(), 0, 0
        self._ended_before = queries.counts(self.run).finished - self.run.counted_done
        self._promised, self._made_before = self.under_way * self._changes, self._made

    def people(self) -> Iterator[RunLine | bulk.Later]:
        """One after the other, managers before their reports.

        Nobody is begun while most of this turn fail, nor whom the quota would not reach to the end.
        """
        for portion in self._portions():
            for line in portion:
                while not (has_room := self._has_room()) or (wait := self._quota_in()):
                    if self.under_way:
                        yield bulk.Later(wait if has_room else None)
                    elif not has_room or not self._waited(wait):
                        return
                self.under_way += 1
                self._promised += self._changes
                yield line

    def note(self, operation: Operation | None) -> None:
        """One has come as far as it gets. operation: None where none was begun, which changed nothing."""
        self.run.hold_in_time()
        self.under_way -= 1
        if not self.under_way:
            self._promised, self._made_before = 0, self._made
        self.ended += 1
        self.failed += operation is not None and operation.state == State.FAILED
        if operation is not None:
            self._changes = _changes_of(self.run, operation)

    def _portions(self) -> Iterator[list[RunLine]]:
        """Who was begun earlier and goes on now, then who waits; and so again while the turn may go on."""
        yield _to_go_on(self.run)
        portion = _portion(self.run)
        while portion:
            yield portion
            if not _goes_well(self.run):
                return
            others = self._others()
            if self._is_over(others):
                if others != Others.NONE or not self._begins_again():
                    self._hand_over(others)
                    return
                yield _to_go_on(self.run)
            portion = _portion(self.run, after=portion[-1])

    def _begins_again(self) -> bool:
        """Whether the Run may have its next turn at once, which has begun then."""
        if not self.run.hold(turn_at=now()) or not _may_go_on(Run.get_by_id(self.run.id)):
            return False
        self._begin()
        return True

    def _hand_over(self, others: Others) -> None:
        """Let a worker that asks for the Run have it at once, where the quota reaches for the people of both."""
        of_both = (self.under_way + bulk.SIDE_BY_SIDE) * self._changes
        if others == Others.ASK and self._is_tried and not _busy_for(self.run, of_both):
            self.run.let_go()
            self._handed_over()

    @property
    def _is_tried(self) -> bool:
        """Whether so many have ended that more may be under way."""
        return self._ended_before + self.ended >= FIRST_PORTION

    def _has_room(self) -> bool:
        return (self._is_tried or self.under_way < FIRST_PORTION) and self.failed <= BRAKE_SHARE * self.ended

    def _quota_in(self) -> float:
        """Seconds until the quota reaches for one person more than are under way, or for several once it ran out."""
        owed = min(max(0, self._promised - self._made + self._made_before), self.under_way * self._changes)
        wait = _busy_for(self.run, owed + (VOLLEY if self._has_run_out else 1) * self._changes)
        self._has_run_out = wait > 0
        return wait

    @property
    def _made(self) -> int:
        return SERVICES[self.run.connection.service].changes_made(self.run.connection.tenant_id)

    def _waited(self, seconds: float) -> bool:
        """Waits for these seconds. False when it did not, or when the turn is over."""
        others = self._others()
        if seconds > SHORT_WAIT or self._is_over(others) or others == Others.WAIT:
            return False
        time.sleep(seconds)
        return self.run.hold_in_time() and _is_running(self.run)

    def _is_over(self, others: Others) -> bool:
        # One that is asked for tries its first people before it goes to the other worker.
        asked = 0.0 if self._is_tried else LONGEST_TURN
        lasts = {Others.WAIT: TURN_OF_MANY, Others.ASK: asked}.get(others, LONGEST_TURN)
        return time.monotonic() - self._began > lasts


def _to_go_on(run: Run) -> list[RunLine]:
    """Who was begun, and whose operation is due again: it had to wait, or its worker died."""
    due = Operation.due().select(Operation.id).order_by()
    lines = RunLine.select(RunLine, Operation).join(Operation)
    mine = (RunLine.run == run) & (RunLine.state == LineState.UNDER_WAY) & RunLine.operation.in_(due)
    return list(lines.where(mine).order_by(RunLine.level, RunLine.id).limit(bulk.SIDE_BY_SIDE))


def _portion(run: Run, *, after: RunLine | None = None) -> list[RunLine]:
    further = {"level": after.level, "after": after.id} if after is not None else {}
    chosen = _waiting.rows(PORTION, bool(further), run=run.id, **further)
    # Only one level at a time, so that every manager's account is there when a report's is made.
    level = [line for line in chosen if line.level == chosen[0].level]
    return [] if after is None and level and level[0].level and _is_busy(run) else level


@kept
def _waiting(most: int, further: bool, *, run: Any, level: Any = None, after: Any = None) -> Any:
    waiting = (RunLine.run == run) & (RunLine.state == LineState.WAITING)
    if further:
        waiting &= (RunLine.level == level) & (RunLine.id > after)
    lines = RunLine.select(RunLine, Employee).join(Employee).where(waiting)
    return lines.order_by(RunLine.level, RunLine.id).limit(most)


def _goes_well(run: Run) -> bool:
    """Whether it may continue: no user has stopped it, and it does not fail for most."""
    settle(run)
    return _is_running(run) and not _why_to_brake(run, queries.counts(run))


def _is_running(run: Run) -> bool:
    return bool(Run.select(Run.id).where(Run.id == run.id, Run.state == RunState.RUNNING).exists())


def _is_busy(run: Run) -> bool:
    """Whether an operation is being carried out. One that waits holds up no other: a manager may be set later."""
    lines = RunLine.select().join(Operation).where(RunLine.run == run, RunLine.state == LineState.UNDER_WAY)
    return lines.where(Operation.state == State.RUNNING).exists()


def _start(run: Run, line: RunLine) -> Operation | None:
    """Write the line's operation down; None when it could not be. The one that it has, where it goes on."""
    if line.operation_id:
        return line.operation
    line.employee.organisation = run.organisation

    def begin() -> Operation:
        if run.part and not run.staff.where(Employee.id == line.employee_id).exists():
            raise Problem(run.not_in_part)
        operation = planning.planner_of(run).begin(run, line)
        mine = RunLine.update(state=LineState.UNDER_WAY, operation=operation, reason="")
        if not mine.where(RunLine.id == line.id, RunLine.state == LineState.WAITING).execute():
            raise actions.Busy()
        return operation

    try:
        return write(begin)
    except Problem as problem:
        _could_not(line, joined(problem.message, problem.next_step))
        return None
    except LeftOut as reason:
        _could_not(line, reason.args[0], LineState.LEFT_OUT)
        return None
    except Exception:
        log.exception("line could not be started", run=run.id, line=line.id)
        _could_not(line, _("The portal met an error it did not expect. Ask your IT team: the log says more."))
        return None


def _could_not(line: RunLine, words: str, state: LineState = LineState.FAILED) -> None:
    ended = RunLine.update(state=state, reason=words)
    ended.where(RunLine.id == line.id, RunLine.state == LineState.WAITING).execute()
