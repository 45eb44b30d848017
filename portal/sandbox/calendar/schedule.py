"""Who is free when.

https://learn.microsoft.com/graph/api/calendar-getschedule
"""

from typing import Any

from portal.sandbox import mailboxes
from portal.sandbox.calendar import items, zones
from portal.sandbox.mail import transport
from portal.sandbox.refusals import Refusal
from portal.sandbox.state import Tenant, User
from portal.sandbox.state.models import CalendarEvent

MOST, LONGEST = 100, 62 * 86400.0
LEVELS = {"free": "0", "workingElsewhere": "0", "tentative": "1", "busy": "2", "oof": "3"}
UNKNOWN = "The mailbox could not be found. Please check the address."


def answer(tenant: Tenant, asker: User, body: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry per address. Raises Refusal."""
    given = {key.casefold(): value for key, value in body.items()}
    addresses = [str(one) for one in given.get("schedules") or ()]
    if not addresses or len(addresses) > MOST:
        raise Refusal(400, "ErrorMailboxDataArrayTooBig", f"The number of mailboxes must be between 1 and {MOST}.")
    if "availabilityviewinterval" in given and given["availabilityviewinterval"] is None:
        raise Refusal(500, "ErrorInternalServerError", "An internal server error occurred. The operation failed.")
    starts, ends = zones.read(given.get("starttime"))[0], zones.read(given.get("endtime"))[0]
    minutes = int(given.get("availabilityviewinterval", 30))
    if not 5 <= minutes <= 1440 or not 0 < ends - starts <= LONGEST or ends - starts < minutes * 60:
        raise Refusal(400, "ErrorInvalidTimeInterval", "The time interval is not valid.")
    return [_entry(tenant, asker, address, starts, ends, minutes * 60) for address in addresses]


def _entry(tenant: Tenant, asker: User, address: str, starts: float, ends: float, step: int) -> dict[str, Any]:
    holder = transport.holder(address)
    if holder is None or holder.tenant != tenant.id or not mailboxes.exists(tenant, holder):
        # Inside an answer that is otherwise good: nobody may take it for a free day.
        return {"scheduleId": address, "error": {"message": UNKNOWN, "responseCode": "5009"}}
    inside = (CalendarEvent.starts < ends) & (CalendarEvent.ends > starts)
    events = list(items.of(holder).where(inside).order_by(CalendarEvent.starts))
    settings = mailboxes.of(holder).settings
    return {
        "scheduleId": address,
        "availabilityView": "".join(
            _level(events, starts + number * step, min(ends, starts + (number + 1) * step))
            for number in range(int((ends - starts + step - 1) // step))
        ),
        "scheduleItems": [_item(event, own=holder.id == asker.id) for event in events],
        "workingHours": {
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000",
            "timeZone": {"name": settings.get("timeZone") or "UTC"},
        },
    }  # fmt: skip


def _level(events: list[CalendarEvent], starts: float, ends: float) -> str:
    return max(
        (LEVELS.get(_status(one), "2") for one in events if one.starts < ends and one.ends > starts), default="0"
    )


def _status(event: CalendarEvent) -> str:
    return event.body.get("showAs") or "busy"


def _item(event: CalendarEvent, *, own: bool) -> dict[str, Any]:
    """Colleagues see when, and not what."""
    more = {"subject": event.body.get("subject") or "", "isPrivate": False} if own else {}
    return {"status": _status(event), "start": zones.shown(event.starts), "end": zones.shown(event.ends), **more}
