"""What the worker does for the audit log: counts of refusals, and the end of each organisation's in the log."""

from huey import crontab

from portal import audit, refusals
from portal.logs import log
from portal.organisations.models import Organisation
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="2"))
@job
def every_hour() -> None:
    refusals.write_down()
    log_ends()


def log_ends() -> None:
    """The last line of each, for `portal audit verify --from`: who can change the database cannot change the log."""
    for organisation in list(Organisation.select()):
        log.info("end of audit log", organisation=organisation.key, line=audit.last_line(organisation))
