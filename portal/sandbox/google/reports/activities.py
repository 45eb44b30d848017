"""The admin log.

https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list
"""

import re
from datetime import datetime
from typing import Any

from portal.sandbox.google import unverified
from portal.sandbox.google.calls import Asked, call, client, state
from portal.sandbox.google.directory.keys import user_of
from portal.sandbox.google.paging import paged
from portal.sandbox.google.refusals import Refusal, invalid
from portal.sandbox.google.state import Customer, people
from portal.sandbox.google.state.models import Event

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)")
FILTER = re.compile(r"([A-Z_]+)(==|<>)(.+)")


@call("reports.activities.list")
def list_activities(asked: Asked) -> dict[str, Any]:
    """Newest first. Applications other than admin have nothing to tell here."""
    customer, options = asked.caller.need_admin(), asked.options
    if options.get("customerId") not in (None, "my_customer", customer.id):
        raise invalid("Invalid value for customerId.")
    begin, end = _moment(options, "startTime"), _moment(options, "endTime")
    now = state().clock.time()
    if begin is not None and begin >= (now if end is None else end):
        raise Refusal(400, "invalid", "Start time must be before end time.", where=("parameter", "startTime"))
    found = [] if asked.names["applicationName"] != "admin" else _events(asked, customer, begin, end)
    part, token = paged(found, options)
    answer: dict[str, Any] = {"kind": "admin#reports#activities", "etag": people.etag(customer.id, now)}
    if part:
        answer["items"] = [_shown(customer, event) for event in part]
    return {**answer, "nextPageToken": token} if token else answer


def _moment(options: dict[str, Any], name: str) -> float | None:
    """Raises Refusal."""
    text = options.get(name)
    if not text:
        return None
    if not MOMENT.fullmatch(text):
        raise Refusal(400, "invalid", f"Invalid value '{text}'.", where=("parameter", name))
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _events(asked: Asked, customer: Customer, begin: float | None, end: float | None) -> list[Event]:
    now = state().clock.time()
    wanted = (Event.customer == customer.id) & (Event.shown_at <= now) & (Event.at > now - unverified.LOG_LIFE)
    if begin is not None:
        wanted &= Event.at >= begin
    if end is not None:
        wanted &= Event.at < end
    if asked.names["userKey"] != "all":
        wanted &= Event.actor == user_of(state(), asked.caller, asked.names["userKey"]).id
    if asked.options.get("eventName"):
        wanted &= Event.name == asked.options["eventName"]
    found = list(Event.select().where(wanted).order_by(Event.at.desc(), Event.seq.desc()))
    for text in (asked.options.get("filters") or "").split(","):
        if text:
            found = [event for event in found if _fits(event, text)]
    return found


def _fits(event: Event, text: str) -> bool:
    """One filter: USER_EMAIL==somebody. Raises Refusal."""
    read = FILTER.fullmatch(text)
    if read is None:
        raise Refusal(400, "invalid", f"Invalid value '{text}'.", where=("parameter", "filters"))
    name, sign, value = read.groups()
    held = any(item["name"] == name and item["value"] == value for item in event.parameters)
    return held == (sign == "==")


def _shown(customer: Customer, event: Event) -> dict[str, Any]:
    # Unique as a number of 64 bits is, and negative half of the time.
    own = str(10**15 * (-1) ** event.seq + event.seq)
    return {
        "kind": "admin#reports#activity", "etag": people.etag("event", event.seq),
        "id": {"time": people.written(event.at), "uniqueQualifier": own, "applicationName": "admin",
               "customerId": customer.id},
        "actor": {"callerType": "USER", "email": event.actor_address, "profileId": event.actor,
                  "applicationInfo": {"oauthClientId": client().client_id, "applicationName": client().name}},
        "ipAddress": "127.0.0.1",
        "events": [{"type": event.kind, "name": event.name, "parameters": event.parameters}],
    }  # fmt: skip
