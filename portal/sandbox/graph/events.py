"""The calendar of the person in whose name the application asks.

https://learn.microsoft.com/graph/api/resources/calendar
"""

import re
import secrets
from collections.abc import Callable

from flask import Response, request

from portal.sandbox.calendar import invitations, items, schedule, shapes, zones
from portal.sandbox.clock import read
from portal.sandbox.graph.calls import answer, nothing, of_person, sent, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.mail import letters
from portal.sandbox.mail.items import recipient
from portal.sandbox.mail.queries import PROPERTY
from portal.sandbox.mail.shapes import folded_property
from portal.sandbox.mail.transport import own_addresses
from portal.sandbox.refusals import Refusal, malformed
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User
from portal.sandbox.state.models import CalendarEvent

READ = ("Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite")
WRITE = ("Calendars.ReadWrite",)
KNOWN = {"$select", "$filter", "$orderby", "$top", "$skip", "$expand", "$count"}
JOIN = "Join the meeting: "


def _select(more: tuple[str, ...] = ()) -> tuple[str, ...]:
    for name in request.args:
        if name not in KNOWN and name not in more:
            raise malformed(f"Unrecognized query argument specified: '{name}'.")
    return tuple(part.strip() for part in request.args.get("$select", "").split(",") if part.strip())


def _page(user: User, found: list[CalendarEvent], select: tuple[str, ...], what: str) -> Response:
    if not re.fullmatch(r"[1-9]\d{0,2}|1000", request.args.get("$top", "10")):
        raise malformed("The query specified in the URI is not valid. Invalid value for $top.")
    shown = [shapes.event_shape(user, event, select) for event in found[: int(request.args.get("$top", "10"))]]
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/{what}", "value": shown})


@of_person("GET", "/me/events", needs=READ)
def events(_caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-events: found by an extended property, or by its uid."""
    select, test = _select(), _condition(request.args.get("$filter", "").strip())
    held = list(items.of(user).order_by(CalendarEvent.starts.desc(), CalendarEvent.seq))
    return _page(user, [event for event in held if test(event)], select, "events")


def _condition(text: str) -> Callable[[CalendarEvent], bool]:
    """Raises Refusal."""
    if not text:
        return lambda _event: True
    if found := PROPERTY.fullmatch(text):
        key, value = folded_property(found.group(2).replace("''", "'")), found.group(3).replace("''", "'").casefold()
        return lambda event: (
            value in [held.casefold() for name, held in event.properties.items() if folded_property(name) == key]
        )
    if found := re.fullmatch(r"iCalUId eq '([^']+)'", text):
        uid = found.group(1)
        return lambda event: event.uid == uid
    raise Refusal(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")


@of_person("POST", "/me/events", needs=WRITE)
def create(_caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-post-events: attendees are invited at once."""
    body = sent()
    moments, values = items.times(body), items.written(body)
    moments["join_url"] = _join_url(user) if values.get("isOnlineMeeting") else ""
    properties = {item["id"]: item["value"] for item in body.get("singleValueExtendedProperties") or ()}
    transaction = str(body.get("transactionId") or "")
    event = items.add(state(), user, values, transaction=transaction, properties=properties, **moments)
    _with_link(event)
    invitations.tell(state(), user, event, invitations.REQUEST, items.guests(event))
    return _entity(user, event, 201)


def _join_url(user: User) -> str:
    """Empty for whom Teams is not allowed: the event is made all the same, without a word about it."""
    return "" if state().kept(f"no teams {user.id}") else f"https://teams.example/l/meetup-join/{secrets.token_hex(8)}"


def _with_link(event: CalendarEvent) -> None:
    """Exchange writes how to join below the text."""
    if event.join_url:
        text = letters.as_html(event.body.get("body") or {})
        blob = f'<div>{letters.RULER}<br>{JOIN}<a href="{event.join_url}">{event.join_url}</a></div>'
        content = text.replace("</body>", f"{blob}</body>")
        items.change(state(), event, {"body": {"contentType": "html", "content": content}})


def _entity(user: User, event: CalendarEvent, status: int = 200) -> Response:
    shown = shapes.event_shape(user, event, _select())
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/events/$entity", **shown}, status)


@of_person("GET", "/me/events/<name>", needs=READ)
def event(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/event-get"""
    return _entity(user, items.find(user, name))


@of_person("PATCH", "/me/events/<name>", needs=WRITE)
def update(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/event-update"""
    body, found = sent(), items.find(user, name)
    if "transactionId" in body and body["transactionId"] != found.transaction:
        raise Refusal(400, "ErrorInvalidPropertySet", "The property 'transactionId' cannot be changed.")
    moments, values = items.times(body, found), items.written(body)
    if values.get("isOnlineMeeting") and not found.join_url:
        moments["join_url"] = _join_url(user)
    elif found.join_url and "body" in values and found.join_url not in (values["body"].get("content") or ""):
        # A text without the link takes the link away.
        moments["join_url"] = ""
    invitations.update(state(), user, found, values, **moments)
    return _entity(user, found)


@of_person("DELETE", "/me/events/<name>", needs=WRITE)
def delete(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/event-delete: by its organiser, it is called off without a word."""
    found = items.find(user, name)
    if found.organiser:
        invitations.cancel(state(), user, found)
    else:
        items.remove(state(), found)
    return nothing()


@of_person("POST", "/me/events/<name>/cancel", needs=WRITE)
def cancel(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/event-cancel"""
    given = {key.casefold(): value for key, value in (sent() if request.get_data() else {}).items()}
    found = items.find(user, name)
    if not found.organiser:
        words = "Your request can't be completed. You need to be an organizer to cancel a meeting."
        raise Refusal(400, "ErrorInvalidRequest", words)
    invitations.cancel(state(), user, found, str(given.get("comment") or ""))
    return nothing(202)


@of_person("GET", "/me/calendarView", needs=READ)
def view(_caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-calendarview"""
    select = _select(("startDateTime", "endDateTime"))
    try:
        starts, ends = (read(request.args[name].rstrip("Z") + "Z") for name in ("startDateTime", "endDateTime"))
    except (KeyError, ValueError):
        raise malformed("This request requires a time window specified by startDateTime and endDateTime.") from None
    inside = (CalendarEvent.starts < ends) & (CalendarEvent.ends > starts)
    found = list(items.of(user).where(inside).order_by(CalendarEvent.starts, CalendarEvent.seq))
    return _page(user, found, select, "calendarView")


@of_person("GET", "/me/calendar", needs=READ)
def calendar(_caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/calendar-get"""
    select = _select()
    with_teams = not state().kept(f"no teams {user.id}")
    shown = {
        "id": f"AAMkAC{user.id.replace('-', '')}=", "name": "Calendar", "color": "auto", "isDefaultCalendar": True,
        "hexColor": "", "changeKey": "AAA=", "canShare": True, "canViewPrivateItems": True, "canEdit": True,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"] if with_teams else [],
        "defaultOnlineMeetingProvider": "teamsForBusiness" if with_teams else "unknown",
        "isTallyingResponses": True, "isRemovable": False,
        "owner": recipient(own_addresses(user)[0], user.body.get("displayName") or "")["emailAddress"],
    }  # fmt: skip
    kept = {name: value for name, value in shown.items() if not select or name in (*select, "id")}
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/calendar/$entity", **kept})


@of_person("POST", "/me/calendar/getSchedule", needs=READ)
def get_schedule(caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/calendar-getschedule"""
    found = schedule.answer(caller.tenant, user, sent())
    context = f"{CONTEXT}Collection(microsoft.graph.scheduleInformation)"
    return answer({"@odata.context": context, "value": found})


@of_person(
    "GET", "/me/outlook/supportedTimeZones()", "/me/outlook/supportedTimeZones",
    needs=("User.Read", "User.Read.All", "User.ReadBasic.All"),
)  # fmt: skip
def supported_zones(_caller: Caller, _user: User) -> Response:
    """https://learn.microsoft.com/graph/api/outlookuser-supportedtimezones"""
    found = [{"alias": name, "displayName": name} for name in sorted(zones.WINDOWS)]
    return answer({"@odata.context": f"{CONTEXT}Collection(microsoft.graph.timeZoneInformation)", "value": found})
