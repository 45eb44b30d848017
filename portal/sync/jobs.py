"""Asks each connected application for changes, every few minutes."""

from huey import crontab

from portal.connections import health
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.sync import tenant as sync
from portal.worker import job, queue


@queue.task()
@job
def bring_in_step(connection_id: int) -> None:
    connection = Connection.get_or_none(Connection.id == connection_id, Connection.disconnected_at.is_null())
    if connection is None:
        return
    try:
        sync.bring_in_step(connection)
        granted = for_connection(connection).granted()
    except ConnectorError as error:
        health.note(connection, error)
        raise
    health.note(connection, None, granted)


@queue.periodic_task(crontab(minute="*/5"))
@job
def bring_all_in_step() -> None:
    """Every tenant's changes, every few minutes."""
    for connection in list(Connection.select(Connection.id).where(Connection.disconnected_at.is_null())):
        bring_in_step(connection.id)
