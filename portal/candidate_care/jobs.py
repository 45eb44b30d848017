"""What the worker does for candidates: emails, files that belong to nobody, and how long data is kept."""

from huey import crontab

from portal.candidate_care import letters, retention
from portal.recruitment import files
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def write_to_candidates() -> None:
    letters.sweep()


@queue.periodic_task(crontab(minute="37"))
@job
def keep_no_longer() -> None:
    files.sweep()
    retention.keep_up()
