"""The digest: who starts, who leaves, and what waits, on the morning of the organisation."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.connections.models import Connection
from portal.database import now, transaction
from portal.home import needs
from portal.mail import texts
from portal.notifications.bodies import Note
from portal.notifications.models import Rhythm, Told
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.people.searching import Reach, Sight

AT = time(7, 30)
MONDAY = 0
DAYS = 7
MOST_NAMES = 20


@dataclass(frozen=True)
class Section:
    """A part of a digest, with its lines."""

    title: str
    lines: tuple[str, ...]


def is_due(organisation: Organisation, rhythm: str, moment: datetime) -> bool:
    """Whether a digest of this rhythm is due: from 07:30 on by the clocks of the organisation, whatever they do."""
    there = moment.astimezone(organisation.zone)
    fits = rhythm == Rhythm.DAILY or (rhythm == Rhythm.WEEKLY and there.weekday() == MONDAY)
    return fits and there.time() >= AT


def take(organisation: Organisation, whose: str) -> bool:
    """Whether the digest of today was not sent to them yet; from now on it was. whose: such as "user 5"."""
    with transaction():
        return Told.is_news(organisation, f"digest {whose}", organisation.today.isoformat())


def sections(organisation: Organisation) -> list[Section]:
    """What there is to say; nothing when there is nothing."""
    today = now().astimezone(organisation.zone).date()
    connections = Connection.all_live_of(organisation)
    visible = Employee.select().where(Employee.organisation == organisation)
    waiting = tuple(
        f"{need.words}{f': {need.who}' if need.who else ''}"
        for need in needs.of(organisation, visible, connections, Sight(Reach.ALL, organisation.id), systems=True)
    )
    found = [
        Section("Start today", _people(visible, Employee.start_date, today, today)),
        Section("Start this week", _people(visible, Employee.start_date, today + timedelta(days=1), _end(today))),
        Section("Last day today", _people(visible, Employee.end_date, today, today)),
        Section("Leave this week", _people(visible, Employee.end_date, today + timedelta(days=1), _end(today))),
        Section("Waits for you", waiting),
    ]
    return [section for section in found if section.lines]


def _end(today: date) -> date:
    return today + timedelta(days=DAYS - 1)


def _people(visible: Any, field: Any, first: date, last: date) -> tuple[str, ...]:
    query = visible.where(field.between(first, last)).order_by(field, Employee.sort_name)
    found = list(query.limit(MOST_NAMES + 1))
    lines = tuple(f"{_who(each)}, {_day(getattr(each, field.name))}" for each in found[:MOST_NAMES])
    return (*lines, "and more: see the Employee List") if len(found) > MOST_NAMES else lines


def _who(employee: Employee) -> str:
    return f"{employee.name} ({employee.job_title})" if employee.job_title else employee.name


def _day(day: date) -> str:
    return f"{day:%A} {texts.long_date(day, 'en')}"


def note_of(organisation: Organisation, found: list[Section]) -> Note:
    """The digest as a channel is told it."""
    lines = tuple(f"{section.title}: {line}" for section in found for line in section.lines)
    return Note(title_of(organisation), lines)


def title_of(organisation: Organisation) -> str:
    return f"{organisation.name}: who starts, who leaves, what waits"
