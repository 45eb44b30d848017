"""Licences that waited for a seat are given as soon as there is one."""

from huey import crontab

from portal.accounts.models import Account
from portal.connections import offer
from portal.connectors.errors import ConnectorError, TryLater
from portal.leaving import actions, snapshots
from portal.leaving.models import WAITS, Snapshot
from portal.logs import log
from portal.problems import Problem
from portal.vault import CannotOpen
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*/10"))
@job
def give_waiting_licences() -> None:
    silent: set[int] = set()
    for noted in list(Snapshot.select().where(Snapshot.waits_for_seats == WAITS, Snapshot.ended_at.is_null())):
        try:
            if noted.connection_id not in silent and _has_a_seat(noted):
                actions.give_waiting_licences(noted, by="portal")
        except (ConnectorError, Problem) as problem:
            if isinstance(problem, TryLater):
                # Each further one would wait for it as long.
                silent.add(noted.connection_id)
            log.info("licence waits on", snapshot=noted.id, reason=str(problem))
        except CannotOpen:
            log.exception("licence waits on", snapshot=noted.id)


def _has_a_seat(noted: Snapshot) -> bool:
    """Whether a licence that was noted, and that the account lacks, has a seat left now. Raises ConnectorError."""
    connection, account = noted.connection, Account.live_of(noted.employee, noted.connection)
    if account is None or not connection.is_live:
        return False
    offer.read(connection)
    wanted = snapshots.contents_of(noted).licences.keys() - set(account.licence_ids)
    return any(licence["id"] in wanted and offer.has_seat(licence) for licence in connection.licences)
