"""A person's own calendar at a connected application, used in that person's name and only with their agreement.

Nothing here knows which application it is. Reading verbs are safe to repeat. Each writing verb says what to look for
before it is repeated: applications mail everybody who is invited, with every write.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Slot(StrEnum):
    """What a person does at a time. UNKNOWN: the application does not say; never to be taken for free."""

    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"
    AWAY = "away"
    UNKNOWN = "not known"


class Said(StrEnum):
    """What somebody answered to an invitation."""

    NOTHING = "nothing"
    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Guest:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it is to be. starts, ends: moments. zone: the IANA name of the zone in which they are written.

    online: with a link of the application's own for a video call.
    """

    subject: str
    text: str
    starts: datetime
    ends: datetime
    zone: str
    guests: tuple[Guest, ...]
    place: str = ""
    online: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting as it is in the calendar now. uid: the same in everybody's calendar. answers: by folded address."""

    id: str
    uid: str
    starts: datetime
    ends: datetime
    place: str = ""
    join_url: str = ""
    web_link: str = ""
    called_off: bool = False
    answers: dict[str, tuple[Said, datetime | None]] = field(default_factory=dict)


class PersonalCalendar(Protocol):
    """One person's calendar. Every method may raise ConnectorError; ReconnectNeeded when only the person can help."""

    def busy(
        self, addresses: Sequence[str], starts: datetime, ends: datetime, minutes: int
    ) -> dict[str, tuple[Slot, ...]]:
        """What each does in each span of so many minutes, as far as the application says."""

    def zone(self, address: str) -> str:
        """The IANA name of the zone in which the owner of the address works; empty when it is not known."""

    def invite(self, meeting: Meeting, key: str) -> Event:
        """Put a meeting into the calendar and invite the guests.

        The same key never makes a second one, and leads to the first. Look for the key with `meeting` before repeating.
        Raises NotFound when the key made one that is gone.
        """

    def meeting(self, event_id: str = "", *, key: str = "") -> Event | None:
        """The meeting as it is now, by its id or by its key; None when it is not in the calendar any more."""

    def move(self, event_id: str, meeting: Meeting) -> Event:
        """Give a meeting other times and another place; its text stays, and guests are told.

        Look with `meeting` whether it is there already before repeating. Raises NotFound.
        """

    def call_off(self, event_id: str, words: str) -> None:
        """Call a meeting off; guests read the words. One that is gone is done. Look with `meeting` before repeating."""
