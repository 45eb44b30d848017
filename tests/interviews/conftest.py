from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal.interviews.models import Interview
from portal.mail import lane
from portal.recruitment.models import Part, TeamMember
from tests.addons.conftest import elsewhere, no_waiting  # noqa: F401
from tests.careers.conftest import Candidate, clock, link_in  # noqa: F401
from tests.mailboxes.conftest import allowed, microsoft, omars  # noqa: F401
from tests.recruitment.conftest import applied, nurse  # noqa: F401

DAY = "2031-03-31"
BERLIN = ZoneInfo("Europe/Berlin")
WHEN = "Monday 31 March 2031, 10:00 to 11:00 (Berlin)"


@pytest.fixture
def zoe(nurse, acme):  # noqa: F811
    """Zoë's application."""
    acme.time_zone = "Europe/Berlin"
    acme.save()
    return applied(nurse, email="zoe@outside.example")


@pytest.fixture
def team(nurse, acme, bob, carol):  # noqa: F811
    """Carol interviews; Bob leads."""
    for person, part in ((bob, Part.HIRING_MANAGER), (carol, Part.INTERVIEWER)):
        TeamMember.create(organisation=acme, vacancy=nurse, user=person.user, part=part)


def open_plan(person, application):
    person.get(f"/recruitment/candidates/{application.candidate_id}")
    return person.press("Plan interview for Night nurse")


def plan(person, application, *, who=(), day=DAY, time="10:00", press="Invite", **fields):
    """Plan an interview. who: names of those who come besides the person."""
    open_plan(person, application)
    given = {"Day": day, **{other.user.display_name: True for other in who}}
    given |= {name.replace("_", " "): value for name, value in fields.items()}
    given |= {time: True} if time in ("10:00", "11:00") else {"Another time": True, "Begins at": time}
    page = person.press(press, given)
    lane.join(10)
    return page


def interview(**where):
    return Interview.get(**where) if where else Interview.get()


def at(hour, minute=0, *, day=31, month=3, year=2031, zone=BERLIN):
    return datetime(year, month, day, hour, minute, tzinfo=zone)


def part(message, kind):
    """The content of a part of a mail."""
    return next((one for one in message.walk() if one.get_content_type() == kind), None)


def ics_of(message):
    return part(message, "text/calendar").get_content()
