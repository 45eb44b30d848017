"""On a leaver's last day, those who report to them get the manager who was chosen for them."""

from huey import crontab

from portal.reporting_lines import successions
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*/5"))
@job
def move_reports() -> None:
    for leaver in successions.due():
        successions.move_due(leaver)
