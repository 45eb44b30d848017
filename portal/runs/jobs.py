"""What the worker does for Runs. They give way to what a person waits for, and take turns: a portion each."""

from huey import crontab

from portal.runs import carrying, planning
from portal.runs.models import Run, RunState
from portal.worker import job, queue

BEHIND = -10


@queue.task(priority=BEHIND)
@job
def plan(run_id: int) -> None:
    run = Run.get_or_none(Run.id == run_id)
    if run is not None and run.state == RunState.PLANNING:
        planning.plan(run)


@queue.task(priority=BEHIND)
@job
def carry_on(run_id: int) -> None:
    run = Run.get_or_none(Run.id == run_id)
    if run is None:
        return
    if run.state != RunState.RUNNING:
        carrying.settle(run)
        return
    pause = carrying.carry_on(run)
    if pause is not None:
        carry_on.schedule((run_id,), delay=pause) if pause else carry_on(run_id)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_runs() -> None:
    """Pick up runs that a worker which died has left behind."""
    for run in carrying.due():
        carry_on(run.id)
