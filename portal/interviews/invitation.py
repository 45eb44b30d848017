"""An interview as other calendars read it: iCalendar, by RFC 5545 and RFC 5546.

Times are in UTC, which no program can misread and which needs no table of a zone's past.
"""

from collections.abc import Iterable
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from portal.config import settings
from portal.database import now
from portal.interviews import words
from portal.interviews.models import Attendance, Interview
from portal.languages import in_language
from portal.mail.building import one_line, wire_address

REQUEST, CANCEL = "REQUEST", "CANCEL"
STATUS = {REQUEST: "CONFIRMED", CANCEL: "CANCELLED"}
PRODUCT = "-//HR portal//Interviews//EN"


def uid(interview: Interview) -> str:
    """The same for ever, whatever changes."""
    return f"{interview.key}@{urlsplit(settings().public_url).hostname or 'portal'}"


def sender() -> str:
    """The address that invites: programs warn of an organiser who is not the sender."""
    return wire_address(parseaddr(settings().mail_from)[1])


def sender_name(interview: Interview) -> str:
    return one_line(f"{interview.organiser_name} via {interview.organisation.name}")


def written(interview: Interview, method: str, guests: Iterable[Attendance], *, language: str = "en") -> bytes:
    """The invitation, or its end, for everybody who is to come."""
    # A large library, which is loaded when the first invitation is written.
    from icalendar import Calendar, Event

    event = Event()
    event.add("uid", uid(interview))
    event.add("dtstamp", now())
    event.add("dtstart", interview.starts_at)
    event.add("dtend", interview.ends_at)
    event.add("sequence", interview.sequence)
    event.add("status", STATUS[method])
    # The library keeps line breaks where the standard has none.
    event.add("summary", one_line(interview.subject))
    event.add("description", in_language(words.of(interview), language))
    if interview.place:
        event.add("location", one_line(interview.place))
    event["organizer"] = _address(sender(), sender_name(interview))
    for guest in guests:
        invited = _address(wire_address(guest.address), one_line(guest.name))
        invited.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
        event.add("attendee", invited, encode=False)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return calendar.to_ical()


def _address(address: str, name: str) -> Any:
    from icalendar import vCalAddress

    found = vCalAddress(f"mailto:{address}")
    # Programs do not agree about quotes within a name.
    found.params["CN"] = name.replace('"', "’")
    return found
