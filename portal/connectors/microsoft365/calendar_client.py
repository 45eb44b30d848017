"""A person's own calendar in Microsoft Graph v1.0, one method per call. Each names the page it follows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from portal.connectors.microsoft365 import calendar_shapes as shapes
from portal.connectors.microsoft365.calendar_payloads import MARKER, in_utc
from portal.connectors.microsoft365.client import quoted, with_query
from portal.connectors.microsoft365.mailbox_client import MailClient

OF_EVENT = "id,iCalUId,start,end,isCancelled,location,onlineMeeting,webLink,attendees"


def _event(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"


class CalendarClient(MailClient):
    """Calls about one person's mail and calendar."""

    def create_event(self, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-post-events: guests are invited at once."""
        return self._call("POST", "/me/events", body, shape=shapes.Event)

    def event(self, event_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/event-get"""
        return self._call("GET", with_query(_event(event_id), select=OF_EVENT), shape=shapes.Event)

    def events_with_marker(self, marker: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get"""
        condition = f"singleValueExtendedProperties/Any(ep: ep/id eq {quoted(MARKER)} and ep/value eq {quoted(marker)})"
        path = with_query("/me/events", filter=condition, select=OF_EVENT, top=10)
        return self._call("GET", path, shape=shapes.Events)["value"]

    def change_event(self, event_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/event-update: guests are told of other times or another place."""
        return self._call("PATCH", _event(event_id), body, shape=shapes.Event)

    def cancel_event(self, event_id: str, words: str) -> None:
        """https://learn.microsoft.com/graph/api/event-cancel"""
        self._call("POST", f"{_event(event_id)}/cancel", {"Comment": words})

    def schedule(
        self, addresses: Sequence[str], starts: datetime, ends: datetime, minutes: int
    ) -> list[dict[str, Any]]:  # fmt: skip
        """https://learn.microsoft.com/graph/api/calendar-getschedule: nothing is written by it."""
        body = {
            "Schedules": list(addresses), "StartTime": in_utc(starts), "EndTime": in_utc(ends),
            "AvailabilityViewInterval": minutes,
        }  # fmt: skip
        return self._call("POST", "/me/calendar/getSchedule", body, shape=shapes.Schedule)["value"]
