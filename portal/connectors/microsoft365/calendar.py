"""A person's own calendar at Exchange Online, in the portal's words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from portal.connectors.calendars import Event, Meeting, Slot
from portal.connectors.errors import AlreadyDone, NotFound, NotUnderstood
from portal.connectors.microsoft365 import calendar_payloads as payloads
from portal.connectors.microsoft365.calendar_client import CalendarClient
from portal.languages import gettext as _

# https://learn.microsoft.com/graph/api/calendar-getschedule: so many addresses at once.
AT_ONCE = 20
GONE = _("The interview is no longer in the calendar.")
SOMEBODY = _("Its organiser may have deleted it in Outlook.")


class OutlookCalendar:
    """The PersonalCalendar of Microsoft 365."""

    client: CalendarClient

    def busy(
        self, addresses: Sequence[str], starts: datetime, ends: datetime, minutes: int
    ) -> dict[str, tuple[Slot, ...]]:  # fmt: skip
        """An address that Exchange does not know is an error inside a good answer."""
        count = -(-(ends - starts) // timedelta(minutes=minutes))
        found = dict.fromkeys(addresses, (Slot.UNKNOWN,) * count)
        by_folded = {address.casefold(): address for address in addresses}
        for first in range(0, len(addresses), AT_ONCE):
            for entry in self.client.schedule(addresses[first : first + AT_ONCE], starts, ends, minutes):
                address = by_folded.get(entry["scheduleId"].casefold())
                if address is not None:
                    found[address] = payloads.slots(entry, count)
        return found

    def zone(self, address: str) -> str:
        """From the working hours: the setting itself would need another permission."""
        today = datetime.now(UTC)
        entries = self.client.schedule([address], today, today + timedelta(hours=1), 60)
        return payloads.zone_of(entries[0]) if entries else ""

    def invite(self, meeting: Meeting, key: str) -> Event:
        """The key is the transaction, and the marker by which the event is found again."""
        try:
            made = self._create(meeting, key)
        except AlreadyDone:
            event = self.meeting(key=key)
            if event is None:
                raise NotFound(GONE, next_step=SOMEBODY) from None
            return event
        return payloads.found(made)

    def _create(self, meeting: Meeting, key: str) -> dict:
        try:
            return self.client.create_event(payloads.event(meeting, key))
        except NotUnderstood:
            # Not every zone of the portal is one of Exchange's: the same moments are written in UTC.
            return self.client.create_event(payloads.event(meeting, key, zone="UTC"))

    def meeting(self, event_id: str = "", *, key: str = "") -> Event | None:
        if not event_id:
            return next((payloads.found(shown) for shown in self.client.events_with_marker(key)), None)
        try:
            return payloads.found(self.client.event(event_id))
        except NotFound:
            return None

    def move(self, event_id: str, meeting: Meeting) -> Event:
        """In one change, so that guests are told once. A text without the link of a video call would end the link."""
        try:
            try:
                changed = self.client.change_event(event_id, payloads.times(meeting))
            except NotUnderstood:
                changed = self.client.change_event(event_id, payloads.times(meeting, zone="UTC"))
        except NotFound as error:
            raise error.worded(GONE, next_step=SOMEBODY) from error
        return payloads.found(changed)

    def call_off(self, event_id: str, words: str) -> None:
        try:
            self.client.cancel_event(event_id, words)
        except NotFound:
            return
