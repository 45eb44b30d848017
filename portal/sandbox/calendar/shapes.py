"""Events as Graph shows them.

https://learn.microsoft.com/graph/api/resources/event
"""

import re
from typing import Any

from flask import request

from portal.sandbox.calendar import zones
from portal.sandbox.clock import written
from portal.sandbox.mail import letters
from portal.sandbox.mail.items import recipient
from portal.sandbox.mail.shapes import body_shape, prefers
from portal.sandbox.mail.transport import own_addresses
from portal.sandbox.state import User
from portal.sandbox.state.models import CalendarEvent


def preferred_zone() -> str:
    """The zone that the caller asks for."""
    found = re.search(r'outlook\.timezone="([^"]+)"', request.headers.get("Prefer", ""))
    return found.group(1) if found else "UTC"


def event_shape(user: User, event: CalendarEvent, select: tuple[str, ...] = ()) -> dict[str, Any]:
    """select: names, empty for all."""
    body, zone = event.body, preferred_zone()
    text = body.get("body") or {"contentType": "html", "content": ""}
    place = body.get("location") or {"displayName": ""}
    found = {
        "@odata.etag": f'W/"{event.seq}.{event.changed}"',
        "id": event.immutable if prefers("IdType=ImmutableId") else event.id,
        "createdDateTime": written(event.created), "lastModifiedDateTime": written(event.changed),
        "changeKey": f"CQAAABYAAA{event.seq}", "categories": body.get("categories") or [],
        "transactionId": event.transaction or None, "originalStartTimeZone": event.start_zone,
        "originalEndTimeZone": event.end_zone, "iCalUId": event.uid, "isReminderOn": True,
        "reminderMinutesBeforeStart": 15, "hasAttachments": False, "subject": body.get("subject") or "",
        "bodyPreview": letters.as_text(text)[:255], "importance": "normal", "sensitivity": "normal",
        "isAllDay": False, "isCancelled": False, "isOrganizer": event.organiser,
        "responseRequested": body.get("responseRequested", True), "showAs": body.get("showAs") or "busy",
        "type": "singleInstance", "onlineMeetingUrl": None, "isDraft": False,
        "webLink": f"https://outlook.office365.com/owa/?itemid={event.id}&exvsurl=1&path=/calendar/item",
        "isOnlineMeeting": bool(event.join_url), "hideAttendees": bool(body.get("hideAttendees")),
        "onlineMeetingProvider": "teamsForBusiness" if event.join_url else "unknown",
        "allowNewTimeProposals": bool(body.get("allowNewTimeProposals", True)),
        "responseStatus": {"response": "organizer" if event.organiser else "notResponded",
                           "time": "0001-01-01T00:00:00Z"},
        "body": body_shape(text), "start": zones.shown(event.starts, zone), "end": zones.shown(event.ends, zone),
        "location": {"displayName": place.get("displayName") or "", "locationType": "default"},
        "attendees": body.get("attendees") or [],
        "organizer": recipient(own_addresses(user)[0], user.body.get("displayName") or "") if event.organiser else None,
        "onlineMeeting": {"joinUrl": event.join_url} if event.join_url else None,
    }  # fmt: skip
    if select:
        return {name: value for name, value in found.items() if name in (*select, "id") or name.startswith("@")}
    return found
