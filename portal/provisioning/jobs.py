"""What the worker does: load by id, call, nothing more."""

from datetime import timedelta

from huey import crontab

from portal.addons import health
from portal.addons.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.database import now
from portal.provisioning import delivery, disagreements, engine, fields, pausing, registry, sync
from portal.provisioning.models import Operation
from portal.worker import job, queue


@queue.task()
@job
def carry_out(operation_id: int) -> None:
    operation = Operation.get_or_none(Operation.id == operation_id)
    if operation is not None:
        finish(engine.carry_out(operation, patience=engine.PATIENCE_IN_WORKER))


@queue.periodic_task(crontab(minute="*"))
@job
def sweep() -> None:
    """Pick up what is due, and what was left behind by a process that died."""
    for operation in engine.due():
        carry_out(operation.id)
    delivery.look_at_server()
    delivery.wake()
    for account in fields.changed():
        update = fields.request_update(account, but=disagreements.ignored_of(account))
        if update is not None:
            carry_out(update.id)
    delivery.wipe_secrets()
    pausing.wipe_secrets()


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


def finish(operation: Operation) -> None:
    """See to what comes next: the next try at its time, or what follows from being done."""
    if operation.is_open:
        # Not before whoever has it now would have lost it.
        due = max(operation.not_before, operation.lease_until or operation.not_before)
        carry_out.schedule((operation.id,), delay=max(due - now(), timedelta(seconds=0)))
    for further in registry.follow(operation):
        carry_out(further)
