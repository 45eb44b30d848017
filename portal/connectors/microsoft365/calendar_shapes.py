"""What Graph's answers about a person's own calendar look like, as far as the portal reads them.

https://learn.microsoft.com/graph/api/resources/event
"""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from portal.connectors.microsoft365.mailbox_shapes import ItemId
from portal.connectors.microsoft365.shapes import Address, Moment
from portal.connectors.shape import Shape


class Time(Shape):
    """In UTC: no other zone is asked for."""

    dateTime: Moment
    timeZone: Literal["UTC", "Etc/GMT"] = "UTC"


class Email(Shape):
    address: Address | None = None


class Response(Shape):
    response: str | None = None
    time: Moment | None = None


class Attendee(Shape):
    emailAddress: Email | None = None
    status: Response | None = None


class Online(Shape):
    joinUrl: str | None = None


class Place(Shape):
    displayName: str | None = None


class Event(Shape):
    id: ItemId
    iCalUId: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,500}$")]
    start: Time
    end: Time
    isCancelled: bool | None = None
    location: Place | None = None
    onlineMeeting: Online | None = None
    webLink: str | None = None
    attendees: list[Attendee] | None = None


class Events(Shape):
    value: list[Event]


class Zone(Shape):
    name: str | None = None


class Hours(Shape):
    timeZone: Zone | None = None


class Entry(Shape):
    scheduleId: str
    availabilityView: str | None = None
    workingHours: Hours | None = None
    error: dict[str, Any] | None = None


class Schedule(Shape):
    value: list[Entry]
