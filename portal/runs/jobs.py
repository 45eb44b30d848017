"""What the worker does for Runs: several have a turn at the same time, in threads of their own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, TypeVar

from huey import crontab
from peewee import Asc, fn

from portal.database import connection, is_sqlite, now
from portal.operations import bulk
from portal.runs import carrying, planning
from portal.runs.carrying import Others
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.worker import job, queue

BEHIND = -10
AT_ONCE = 8
# So many have a turn in one worker at the same time: mostly they wait, for their people or for the quota of a tenant.
# Each holds a connection to the database meanwhile, of which PostgreSQL has few.
SIDE_BY_SIDE, ON_POSTGRESQL = 12, 6
# A turn that this worker leaves to another one is offered again after so many seconds, so often in all; by then a sweep
# comes.
PASSES, PASSES_ON_AFTER = 20, 0.5
# A worker leaves a turn once for each that it has, and no more often: one with fewer takes it first. One for which
# another worker asked it leaves for longer.
LEAVES_AT_MOST, LEAVES_WHEN_ASKED = 3, 8
# A worker looks so often, in seconds, whether others have more turns.
ASKS_EVERY = 2.0


Had = TypeVar("Had")


class Room:
    """Room for so many turns at the same time in this process. threads: their own; without any, the caller's."""

    def __init__(self, most: int = 1, threads: ThreadPoolExecutor | None = None):
        self._most, self._threads, self._taken, self._given = most, threads, 0, 0
        self._lock, self._under_way = threading.Lock(), set[Future[None]]()
        self.is_closed = False

    @property
    def taken(self) -> int:
        """How many turns are under way here."""
        return self._taken

    @property
    def is_full(self) -> bool:
        """Whether the next turn has to wait for the end of another."""
        return self.is_closed or self._taken >= self._most

    def take(self) -> bool:
        """Take a place, for `use` or until `leave`. False when there is none."""
        with self._lock:
            taken = not self.is_full
            self._taken += taken
            return taken

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1

    def give(self, to: int) -> bool:
        """Whether a turn ends for a worker with so many: this one has at least two more, besides those it has given."""
        with self._lock:
            gives = self._taken - self._given >= to + self._given + 2
            self._given += gives
            return gives

    def has_given(self) -> None:
        """Such a turn has ended."""
        with self._lock:
            self._given -= 1

    def use(self, turn: Callable[[], Had], after: Callable[[Had], None]) -> None:
        """Have the turn in the place that was taken, leave it, and go on with what the turn returned."""

        def take_it() -> None:
            try:
                found = turn()
            finally:
                self.leave()
            after(found)

        if self._threads is None:
            take_it()
            return
        work = self._threads.submit(job(take_it))
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)

    def close(self) -> None:
        """Let no further turn begin, and those under way begin nobody more."""
        self.is_closed = True

    def join(self, seconds: float) -> None:
        """Wait for the turns under way, for so many seconds at the most."""
        wait(list(self._under_way), seconds)


room = Room()


def open_room() -> None:
    """Let this process, a worker, have its turns in threads of their own."""
    global room
    most = SIDE_BY_SIDE if is_sqlite() else ON_POSTGRESQL
    room = Room(most, ThreadPoolExecutor(most, thread_name_prefix="run"))


@queue.on_shutdown()
def close_room() -> None:
    room.close()


def due() -> Any:
    """The Runs that no worker holds and that have something to do now, in the order of their turns.

    The organisation that has waited longest comes first. One tenant is carried out for by one Run at a time.
    """
    moment, other, held = now(), Run.alias(), Run.alias()
    free = Run.is_free(moment)
    its_time = Run.not_before.is_null() | (Run.not_before <= moment)
    under_way = RunLine.select(RunLine.run).where(RunLine.state == LineState.UNDER_WAY)
    moving = (
        ((Run.state == RunState.PLANNING) & (Run.problem == ""))
        | (Run.state == RunState.RUNNING)
        | (Run.state.in_((RunState.PAUSED, RunState.CANCELLED)) & Run.id.in_(under_way))
    )
    taken = held.select(held.connection).where(held.state == RunState.RUNNING, Run.is_held(moment, of=held))
    its_own = (Run.state != RunState.RUNNING) | Run.connection.not_in(taken)
    last: Any = other.select(fn.MAX(other.turn_at)).where(other.organisation == Run.organisation)
    runs = Run.select().where(free, its_time, moving, its_own)
    return runs.order_by(Asc(last, nulls="first"), Run.turn_at.asc(nulls="first"), Run.id)


@queue.task(priority=BEHIND)
@job
def take_turn(passes: int = PASSES) -> None:
    """Give one Run its turn, whichever it is; as long as there are others, the next one follows.

    passes: how often a worker may still leave the turn to another one: whenever it has no room, and a few times when
    it has other turns, because another worker may have fewer.
    """
    if PASSES - passes >= _leaves() and room.take():
        room.use(_take_turn, _call_for_next)
    elif passes and due().exists():
        take_turn.schedule((passes - 1,), delay=PASSES_ON_AFTER)


def _leaves() -> int:
    """How often this worker leaves the next turn to another one."""
    if not room.taken:
        return 0
    run = due().first()
    is_asked_for = run is not None and run.asked_with is not None and run.asked_with < room.taken
    return LEAVES_WHEN_ASKED if is_asked_for else min(room.taken, LEAVES_AT_MOST)


def _take_turn() -> float | None:
    run = due().first()
    return _turn_of(run) if run is not None else None


def _call_for_next(pause: float | None) -> None:
    if due().exists():
        # The worker that has the room calls for the next turn.
        take_turn()
    if pause:
        # Also while others have their turns: when those are over, nobody else may call for this one.
        take_turn.schedule(delay=pause)


def _turn_of(run: Run) -> float | None:
    if run.state == RunState.PLANNING:
        return planning.plan(run)
    mine, gives = room, False

    def others() -> Others:
        nonlocal gives
        if mine.is_closed or (mine.is_full and due().exists()):
            return Others.WAIT
        gives = gives or _gives(run, mine)
        if gives:
            return Others.ASK
        return Others.MAY_COME if _keeps_others(run) else Others.NONE

    # This worker has one more now than when it asked.
    Run.update(asked_with=None).where((Run.asked_with == mine.taken - 1) | (Run.id == run.id)).execute()
    try:
        return carrying.carry_on(run, others, take_turn)
    finally:
        if gives:
            mine.has_given()


def keep_asking() -> None:
    """Let this process, a worker, notice every now and then that others have more turns than it has."""

    def look() -> None:
        while not room.is_closed:
            # While the database is away nobody has a turn; the watch over it says so.
            with suppress(Exception), connection():
                ask()
            time.sleep(ASKS_EVERY)

    threading.Thread(target=look, name="asks for turns", daemon=True).start()


def ask() -> None:
    """Ask for one of the turns of others, when one of them may have two more than this worker."""
    mine, moment = room, now()
    held = Run.is_held(moment) & (Run.state == RunState.RUNNING)
    if not mine.is_full and Run.select().where(held).count() >= 2 * mine.taken + 2:
        fewer = Run.asked_with.is_null() | (Run.asked_with > mine.taken)
        Run.update(asked_with=mine.taken).where(held, fewer).execute()


def _gives(run: Run, mine: Room) -> bool:
    """Whether this turn ends for a worker that has fewer and has asked. With few people left it would gain nothing."""
    asked = Run.select(Run.asked_with).where(Run.id == run.id).scalar()
    waiting = RunLine.select().where(RunLine.run == run, RunLine.state == LineState.WAITING)
    return asked is not None and waiting.count() > bulk.SIDE_BY_SIDE and mine.give(asked)


def _keeps_others(run: Run) -> bool:
    """Whether another Run in the tenant waits for the end of this one's turn."""
    same = (Run.connection == run.connection_id) & (Run.id != run.id)
    return bool(Run.select().where(same, Run.state == RunState.RUNNING).exists())


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_runs() -> None:
    """Wake up Runs that a worker which died, or a queue that was lost, has left behind."""
    for _ in range(due().limit(AT_ONCE).count()):
        take_turn()
