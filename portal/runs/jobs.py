"""What the worker does for Runs. They give way to what a person waits for, and take turns: a portion each."""

from huey import crontab

from portal.runs import carrying, planning, turns
from portal.runs.models import Run, RunState
from portal.worker import job, queue

BEHIND = -10
AT_ONCE = 8


@queue.task(priority=BEHIND)
@job
def take_turn() -> None:
    """Give one Run its turn, whichever it is; as long as there are others, the next one follows."""
    with turns.room() as taken:
        # Whoever has the room calls for the next turn.
        run = turns.due().first() if taken else None
        pause = _turn_of(run) if run is not None else None
    if taken and turns.due().exists():
        take_turn()
    elif pause is not None:
        take_turn.schedule(delay=pause)


def _turn_of(run: Run) -> float | None:
    if run.state == RunState.PLANNING:
        return planning.plan(run)
    return carrying.carry_on(run)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_runs() -> None:
    """Wake up Runs that a worker which died, or a queue that was lost, has left behind."""
    for _ in range(turns.due().limit(AT_ONCE).count()):
        take_turn()
