"""Events in calendars: making, changing and calling them off, and the copies that attendees have.

https://learn.microsoft.com/graph/api/user-post-events
"""

import re
import secrets
from typing import Any

from portal.sandbox.calendar import zones
from portal.sandbox.mail.items import address_of, folded, fresh_id
from portal.sandbox.refusals import Refusal
from portal.sandbox.state import State, User
from portal.sandbox.state.models import CalendarEvent

NOT_ANSWERED = {"response": "none", "time": "0001-01-01T00:00:00Z"}
WRITABLE = (
    "subject", "body", "location", "locations", "attendees", "isOnlineMeeting", "onlineMeetingProvider", "showAs",
    "hideAttendees", "allowNewTimeProposals", "responseRequested", "importance", "sensitivity", "categories",
    "isReminderOn", "reminderMinutesBeforeStart",
)  # fmt: skip
DUPLICATE = (
    "Your request can't be completed. The TransactionId specified in the request has already been used to create a "
    "different event."
)
ADDRESS = r"[^@\s<>,;]+@[^@\s<>,;]+"


def gone() -> Refusal:
    return Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def of(user: User) -> Any:
    """What is in a calendar, as a query; what was called off or deleted is in Deleted Items."""
    return CalendarEvent.select().where(CalendarEvent.user == user.id, ~CalendarEvent.gone)


def find(user: User, name: str) -> CalendarEvent:
    """By either kind of id. Raises Refusal."""
    found = of(user).where((CalendarEvent.id == name) | (CalendarEvent.immutable == name)).first()
    if found is None:
        raise gone()
    return found


def times(body: dict[str, Any], event: CalendarEvent | None = None) -> dict[str, Any]:
    """Columns for start and end. Raises Refusal."""
    found: dict[str, Any] = {}
    for name, column in (("start", "starts"), ("end", "ends")):
        if name in body or event is None:
            found[column], found[f"{name}_zone"] = zones.read(body.get(name))
    starts = found.get("starts", event.starts if event else 0)
    ends = found.get("ends", event.ends if event else 0)
    if ends < starts:
        raise Refusal(400, "ErrorPropertyValidationFailure", "At least one property failed validation.")
    return found


def written(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a body that is the event itself. Raises Refusal."""
    found = {name: value for name, value in body.items() if name in WRITABLE}
    for guest in found.get("attendees") or ():
        if not re.fullmatch(ADDRESS, address_of(guest)):
            raise Refusal(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    if "attendees" in found:
        found["attendees"] = [{"type": "required", "status": NOT_ANSWERED, **guest} for guest in found["attendees"]]
    return found


def add(
    state: State, user: User, body: dict[str, Any], *, organiser: bool = True, uid: str = "", transaction: str = "",
    properties: dict[str, str] | None = None, **columns: Any,
) -> CalendarEvent:  # fmt: skip
    """A new event. columns: of times(). Raises Refusal for a transaction that has made one already, called off or not.

    https://learn.microsoft.com/graph/api/resources/event: transactionId
    """
    mine = (CalendarEvent.user == user.id) & (CalendarEvent.transaction == transaction)
    if transaction and CalendarEvent.select().where(mine).exists():
        raise Refusal(409, "ErrorDuplicateTransactionId", DUPLICATE)
    moment = state.clock.time()
    return CalendarEvent.create(
        id=fresh_id(), immutable=fresh_id("AAkALg"), tenant=user.tenant, user=user.id, organiser=organiser,
        uid=uid or "040000008200E00074C5B7101A82E008" + secrets.token_hex(24).upper(), created=moment, changed=moment,
        transaction=transaction, properties=properties or {}, body=body, **columns,
    )  # fmt: skip


def change(state: State, event: CalendarEvent, values: dict[str, Any], **columns: Any) -> None:
    event.body, event.changed = {**event.body, **values}, state.clock.time()
    for name, value in columns.items():
        setattr(event, name, value)
    event.save()


def remove(state: State, event: CalendarEvent) -> None:
    change(state, event, {}, gone=True)


def guests(event: CalendarEvent) -> list[str]:
    return [address_of(guest) for guest in event.body.get("attendees") or ()]


def answer(state: State, event: CalendarEvent, address: str, response: str) -> bool:
    """Note an attendee's answer; False when they are none."""
    known, moment = False, state.clock.now()
    for guest in event.body.get("attendees") or ():
        if folded(address_of(guest)) == folded(address):
            guest["status"], known = {"response": response, "time": moment}, True
    if known:
        change(state, event, {})
    return known
