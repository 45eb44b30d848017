"""A day of those who come: who is busy when, as far as calendars say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.auth.models import User
from portal.connectors.calendars import Slot
from portal.connectors.errors import ConnectorError
from portal.interviews import planning
from portal.languages import gettext as _
from portal.languages import joined
from portal.mailboxes.models import Mailbox
from portal.mailboxes.opening import opened

FIRST, LAST, STEP = time(8), time(18), 30
PATIENCE = 3.0
NOBODY_ASKED = _("Nobody’s calendar can be read before you have connected Outlook under “Your sign-in”.")


@dataclass(frozen=True)
class Line:
    """A time of the day. slots: what each does for as long as the interview takes. all: the same of all together."""

    at: str
    slots: tuple[Slot, ...]
    all: Slot


@dataclass(frozen=True)
class Day:
    """problem: why calendars were not read, as a sentence."""

    people: tuple[User, ...]
    lines: tuple[Line, ...]
    problem: str = ""


def of_day(day: date, zone: str, minutes: int, people: Iterable[User], *, by: User) -> Day:
    """Each half hour of the day, and who could come then."""
    people = tuple(people)
    starts = datetime.combine(day, FIRST, ZoneInfo(zone))
    count = (LAST.hour - FIRST.hour) * 60 // STEP
    # A later start needs what comes after the last line, too.
    needed = count + -(-minutes // STEP)
    found, problem = busy(people, starts, starts + timedelta(minutes=STEP * needed), STEP, by=by)
    spans = [found[user.id] for user in people]
    width = -(-minutes // STEP)
    lines = []
    for number in range(count):
        slots = tuple(worst(span[number : number + width]) for span in spans)
        at = (starts.replace(tzinfo=None) + timedelta(minutes=STEP * number)).strftime("%H:%M")
        lines.append(Line(at, slots, worst(slots)))
    return Day(people, tuple(lines), problem)


# What counts when several come together: a certain no before a perhaps, and only what is certain is free.
ORDER = (Slot.BUSY, Slot.AWAY, Slot.TENTATIVE, Slot.UNKNOWN)


def worst(slots: Iterable[Slot]) -> Slot:
    there = set(slots)
    return next((one for one in ORDER if one in there), Slot.FREE if there else Slot.UNKNOWN)


def busy(
    people: tuple[User, ...], starts: datetime, ends: datetime, minutes: int, *, by: User
) -> tuple[dict[int, tuple[Slot, ...]], str]:  # fmt: skip
    """What each does in each span, by the user's id, read from the asker's own calendar; and why it is not known."""
    unknown = (Slot.UNKNOWN,) * -(-(ends - starts) // timedelta(minutes=minutes))
    nothing = {user.id: unknown for user in people}
    mailbox = Mailbox.of(by)
    if mailbox is None:
        return nothing, NOBODY_ASKED
    addresses = {user.id: planning.address_of(user) for user in people}
    try:
        with opened(mailbox, patience=PATIENCE) as calendar:
            found = calendar.busy(list(dict.fromkeys(addresses.values())), starts, ends, minutes)
    except ConnectorError as error:
        return nothing, joined(_("Calendars could not be read."), error.message, error.next_step)
    return {user_id: found[address] for user_id, address in addresses.items()}, ""


def not_free(people: tuple[User, ...], spans: list[tuple[datetime, datetime]], *, by: User) -> list[tuple[User, Slot]]:
    """Who has something else at that time, as calendars say now."""
    seen: dict[int, list[Slot]] = {user.id: [] for user in people}
    for starts, ends in spans:
        found, _problem = busy(people, starts, ends, max(5, (ends - starts) // timedelta(minutes=1)), by=by)
        for user in people:
            seen[user.id] += found[user.id]
    said = [(user, worst(seen[user.id])) for user in people]
    return [(user, slot) for user, slot in said if slot not in (Slot.FREE, Slot.UNKNOWN)]
