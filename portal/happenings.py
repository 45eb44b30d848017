"""What happens in an organisation, told within the transaction of the change to those who want to hear of it.

tell(employee.organisation_id, "employee.created", employee_id=employee.id)

A listener writes rows and makes no remote call: when the change is taken back, so is what follows from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from portal.database import database, now


@dataclass(frozen=True)
class Happening:
    """kind: such as "employee.created". data: ids and words, never a secret or a private address; page: where to look.

    at: when it happened.
    """

    kind: str
    data: dict[str, Any]
    at: datetime = field(default_factory=now)


class Listener(Protocol):
    """wants: whether anybody of the organisation wants to hear of this subject, such as "employee"; asked first."""

    def wants(self, organisation_id: int, subject: str) -> bool: ...

    def hear(self, organisation_id: int, happenings: list[Happening]) -> None: ...


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have the listener told from now on."""
    _listeners.append(listener)


def tell(organisation_id: int, kind: str, **data: Any) -> None:
    """Tell of one thing. Must run inside the transaction of the change."""
    tell_all(organisation_id, kind.partition(".")[0], lambda: [Happening(kind, data)])


def tell_all(organisation_id: int, subject: str, found: Callable[[], Iterable[Happening]]) -> None:
    """Tell of many; they are made only when somebody wants to hear of them."""
    if not database.in_transaction():
        raise RuntimeError("what happens is told inside the transaction of the change")
    wanting = [listener for listener in _listeners if listener.wants(organisation_id, subject)]
    happenings = list(found()) if wanting else []
    for listener in wanting if happenings else ():
        listener.hear(organisation_id, happenings)
