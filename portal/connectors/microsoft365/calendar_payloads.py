"""Meetings as Graph writes them: between its JSON and the portal's own words. Nothing here asks anything.

https://learn.microsoft.com/graph/api/resources/event
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global

from portal.connectors.calendars import Event, Meeting, Said, Slot
from portal.connectors.microsoft365.mailbox_payloads import web_link
from portal.connectors.microsoft365.moments import moment

# https://learn.microsoft.com/graph/api/resources/extended-properties-overview: no guest sees it.
MARKER = "String {5d1a2f6c-7d0b-4c1e-9a57-2f8f4f1c3b60} Name PortalInterview"
# https://learn.microsoft.com/graph/api/resources/scheduleinformation: availabilityView
SLOTS = {"0": Slot.FREE, "1": Slot.TENTATIVE, "2": Slot.BUSY, "3": Slot.AWAY}
# https://learn.microsoft.com/graph/api/resources/responsestatus
ANSWERS = {"accepted": Said.YES, "tentativelyAccepted": Said.MAYBE, "declined": Said.NO}


def event(meeting: Meeting, key: str, *, zone: str = "") -> dict[str, Any]:
    """zone: another one to write the times in."""
    return {
        "subject": meeting.subject,
        "body": {"contentType": "text", "content": meeting.text},
        **times(meeting, zone=zone),
        "attendees": [
            {"emailAddress": {"address": guest.address, "name": guest.name or guest.address}, "type": "required"}
            for guest in meeting.guests
        ],
        "hideAttendees": False,
        "allowNewTimeProposals": False,
        **({"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"} if meeting.online else {}),
        "transactionId": key,
        "singleValueExtendedProperties": [{"id": MARKER, "value": key}],
    }  # fmt: skip


def times(meeting: Meeting, *, zone: str = "") -> dict[str, Any]:
    return {
        "start": _wall(meeting.starts, zone or meeting.zone),
        "end": _wall(meeting.ends, zone or meeting.zone),
        "location": {"displayName": meeting.place},
    }


def _wall(when: datetime, zone: str) -> dict[str, str]:
    """https://learn.microsoft.com/graph/api/resources/datetimetimezone: the time on the wall, without an offset."""
    return {"dateTime": when.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": zone}


def in_utc(when: datetime) -> dict[str, str]:
    return _wall(when.astimezone(UTC), "UTC")


def found(shown: dict[str, Any]) -> Event:
    """Graph writes times in UTC unless another zone was asked for."""
    starts, ends = moment(shown["start"]["dateTime"]), moment(shown["end"]["dateTime"])
    if starts is None or ends is None:
        raise ValueError("An event has a start and an end.")
    answers = {}
    for guest in shown.get("attendees") or ():
        address, status = (guest.get("emailAddress") or {}).get("address") or "", guest.get("status") or {}
        said = ANSWERS.get(status.get("response") or "", Said.NOTHING)
        answers[address.casefold()] = (said, moment(status.get("time")) if said != Said.NOTHING else None)
    return Event(
        shown["id"], shown["iCalUId"], starts, ends, place=(shown.get("location") or {}).get("displayName") or "",
        join_url=web_link((shown.get("onlineMeeting") or {}).get("joinUrl") or ""),
        web_link=web_link(shown.get("webLink") or ""), called_off=bool(shown.get("isCancelled")), answers=answers,
    )  # fmt: skip


def slots(entry: dict[str, Any], count: int) -> tuple[Slot, ...]:
    """Of one entry of a schedule; what is wrong with it, or missing, is not known."""
    view = "" if entry.get("error") else entry.get("availabilityView") or ""
    return tuple(SLOTS.get(view[number : number + 1], Slot.UNKNOWN) for number in range(count))


def zone_of(entry: dict[str, Any]) -> str:
    """The IANA name of the zone in which the person works; empty for one of their own making."""
    name = ((entry.get("workingHours") or {}).get("timeZone") or {}).get("name") or ""
    if name == "UTC" or "/" in name:
        return str(name)
    return str(get_global("windows_zone_mapping").get(name) or "")
