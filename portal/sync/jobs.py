"""What the worker does to keep both sides in step: asks for changes, and sends the HR records that changed."""

import threading

from huey import crontab

from portal.connections import health
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.logs import log
from portal.operations.jobs import AGAIN, wake
from portal.provisioning import updates
from portal.sync import differences
from portal.sync import tenant as sync
from portal.worker import job, queue

# The connections whose changes this process reads at the moment.
_read_now: set[int] = set()
_taking = threading.Lock()


@queue.task(priority=AGAIN)
@job
def sync_changes(connection_id: int) -> None:
    """Read one tenant's changes, unless that is being done: a slow one would be read by one thread after the other."""
    with _taking:
        if connection_id in _read_now:
            return
        _read_now.add(connection_id)
    try:
        _sync_changes(connection_id)
    finally:
        _read_now.discard(connection_id)


def _sync_changes(connection_id: int) -> None:
    connection = Connection.get_or_none(Connection.id == connection_id, Connection.disconnected_at.is_null())
    if connection is None:
        return
    try:
        sync.sync_changes(connection)
        granted = for_connection(connection).granted()
    except ConnectorError as error:
        health.note(connection, error)
        # The Add-ons page says it. Where in the code it was noticed would be the same each time.
        log.warning(
            "changes not read", connection=connection.id, kind=type(error).__name__, code=error.code,
            reason=error.message,
        )  # fmt: skip
        return
    health.note(connection, None, granted)


@queue.periodic_task(crontab(minute="*/5"))
@job
def sync_all_changes() -> None:
    """Every tenant's changes, every few minutes."""
    for connection in list(Connection.select(Connection.id).where(Connection.disconnected_at.is_null())):
        sync_changes(connection.id)


@queue.periodic_task(crontab(minute="*"))
@job
def send_changed_records() -> None:
    """Start an update for each account whose HR record changed, except the fields whose difference is ignored."""
    waiting = updates.backlog()
    for account in updates.changed():
        update = updates.request_update(account, but=differences.ignored_of(account))
        if update is not None:
            wake(update, behind=waiting[account.connection_id])
            waiting[account.connection_id] += 1
