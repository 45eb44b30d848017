"""The digest: who starts, who leaves, and what waits, on the morning of the organisation."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.connections.models import Connection
from portal.database import now, transaction
from portal.home import needs
from portal.languages import current, full_day, in_language, joined
from portal.languages import gettext as _
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

    def said(self) -> "Section":
        """In the language that is spoken now."""
        return Section(in_language(self.title, current()), tuple(in_language(line, current()) for line in self.lines))


def is_due(organisation: Organisation, rhythm: str, moment: datetime) -> bool:
    """Whether a digest of this rhythm is due: from 07:30 on by the clocks of the organisation, whatever they do."""
    there = moment.astimezone(organisation.zone)
    fits = rhythm == Rhythm.DAILY or (rhythm == Rhythm.WEEKLY and there.weekday() == MONDAY)
    return fits and there.time() >= AT


def take(organisation: Organisation, whose: str) -> bool:
    """Whether the digest of today was not sent to them yet; from now on it was. whose: such as "user 5"."""
    with transaction():
        return Told.is_news(organisation, f"digest {whose}", organisation.today.isoformat())


def give_back(organisation: Organisation, whose: str) -> None:
    """The digest of today was not sent to them after all: the next round tries again."""
    with transaction():
        Told.delete().where(Told.organisation == organisation, Told.key == f"digest {whose}").execute()


def sections(organisation: Organisation) -> list[Section]:
    """What there is to say; nothing when there is nothing."""
    today = now().astimezone(organisation.zone).date()
    connections = Connection.all_live_of(organisation)
    visible = Employee.select().where(Employee.organisation == organisation)
    waiting = tuple(
        joined(need.words, need.who, by=": ")
        for need in needs.of(organisation, visible, connections, Sight(Reach.ALL, organisation.id), systems=True)
    )
    found = [
        Section(_("Start today"), _people(visible, Employee.start_date, today, today)),
        Section(_("Start this week"), _people(visible, Employee.start_date, today + timedelta(days=1), _end(today))),
        Section(_("Last day today"), _people(visible, Employee.end_date, today, today)),
        Section(_("Leave this week"), _people(visible, Employee.end_date, today + timedelta(days=1), _end(today))),
        Section(_("Waits for you"), waiting),
    ]
    return [section for section in found if section.lines]


def _end(today: date) -> date:
    return today + timedelta(days=DAYS - 1)


def _people(visible: Any, field: Any, first: date, last: date) -> tuple[str, ...]:
    query = visible.where(field.between(first, last)).order_by(field, Employee.sort_name)
    found = list(query.limit(MOST_NAMES + 1))
    lines = tuple(joined(_who(each), full_day(getattr(each, field.name)), by=", ") for each in found[:MOST_NAMES])
    return (*lines, _("and more: see the Employee List")) if len(found) > MOST_NAMES else lines


def _who(employee: Employee) -> str:
    return f"{employee.name} ({employee.job_title})" if employee.job_title else employee.name


def note_of(organisation: Organisation, found: list[Section]) -> Note:
    """The digest as a channel is told it."""
    lines = tuple(joined(section.title, line, by=": ") for section in found for line in section.lines)
    return Note(title_of(organisation), lines)


def title_of(organisation: Organisation) -> str:
    return _("%(organisation)s: who starts, who leaves, what waits", organisation=organisation.name)
