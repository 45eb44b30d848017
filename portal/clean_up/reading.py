"""Reads when the accounts of a connection were last used. Nothing is changed by it."""

from portal import audit
from portal.auth.models import User
from portal.clean_up.models import LastSeen, UseReading, UseState
from portal.connections.doctor import next_step_of
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.connectors.last_use import LastUse
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.languages import joined
from portal.logs import log

AT_ONCE = 500


def ask(connection: Connection, *, by: User) -> None:
    """Have the worker read it; nothing where a reading is under way."""
    with transaction():
        values = {"organisation": connection.organisation_id, "connection": connection}
        UseReading.insert(**values, state=UseState.READ).on_conflict_ignore().execute()
        mine = (UseReading.connection == connection) & (UseReading.state != UseState.READING)
        if UseReading.update(state=UseState.READING, problem="").where(mine).execute():
            audit.record(by, "read last use of accounts", connection)


def of(connection: Connection) -> UseReading | None:
    return UseReading.get_or_none(UseReading.connection == connection)


def read(reading: UseReading) -> None:
    """Carry the reading out. What was known before stays where it fails."""
    if not reading.claim():
        return
    try:
        found = for_connection(reading.connection).last_used()
    except ConnectorError as error:
        reading.release(state=UseState.FAILED, problem=joined(error.message, next_step_of(error)))
        return
    except Exception:
        log.exception("reading the last use failed", reading=reading.id)
        words = _("The portal met an error it did not expect. Try again, or ask your IT team: the log says more.")
        reading.release(state=UseState.FAILED, problem=words)
        return
    with transaction():
        _keep(reading, found)


def _keep(reading: UseReading, found: LastUse) -> None:
    words = {"source": found.source, "why_not": found.why_not, "what_to_do": found.what_to_do}
    if not reading.release(state=UseState.READ, read_at=now(), problem="", **words):
        return
    LastSeen.delete().where(LastSeen.reading == reading).execute()
    rows = [{"reading": reading.id, "remote_id": key, "used_at": moment} for key, moment in found.used.items()]
    for start in range(0, len(rows), AT_ONCE):
        LastSeen.insert_many(rows[start : start + AT_ONCE]).execute()
