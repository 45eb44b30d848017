"""What an operation that waits is waiting for: one of a few things, each with a name that a page can filter by."""

from enum import StrEnum
from typing import Any

from peewee import Expression

from portal.database import now
from portal.languages import gettext as _
from portal.operations.models import Operation, State


class Awaited(StrEnum):
    """The key is in addresses; the words of each are in WORDS."""

    SERVICE = "service"
    PERMISSION = "permission"
    CREDENTIALS = "credentials"
    TURN = "turn"


WORDS = {
    Awaited.SERVICE: _("The application"),
    Awaited.PERMISSION: _("A permission"),
    Awaited.CREDENTIALS: _("The portal’s own access"),
    Awaited.TURN: _("Its turn"),
}
# The kind of error with which the last try ended; every other kind is for the application to get over.
BY_KIND = {"NotPermitted": Awaited.PERMISSION, "BadCredentials": Awaited.CREDENTIALS, "": Awaited.TURN}


def go_on_with_credentials(connection: Any) -> int:
    """Within a transaction: what waits for the connection's sign-in is tried again at once. Returns how many wait."""
    mine = (Operation.connection == connection) & waits_for(Awaited.CREDENTIALS)
    return Operation.update(not_before=now()).where(mine).execute()


def awaited_by(operation: Any) -> str:
    """What the operation, or its line in the activity, waits for, in words; empty when it does not wait."""
    if operation.state != State.WAITING:
        return ""
    return WORDS[BY_KIND.get(operation.error_kind, Awaited.SERVICE)]


def waits_for(awaited: str) -> Expression:
    """The condition that an operation waits for this."""
    kinds = [kind for kind, named in BY_KIND.items() if named == awaited]
    fits = Operation.error_kind.in_(kinds) if kinds else Operation.error_kind.not_in(list(BY_KIND))
    return (Operation.state == State.WAITING) & fits
