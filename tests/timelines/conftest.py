from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import carrying, following, planning, settling
from portal.timelines.models import PlannedStep
from tests.provisioning.conftest import connection, impatient, tab, wei, wei_active  # noqa: F401

LAST_DAY = date(2027, 3, 26)
BEFORE = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("UTC"))


class Clock:
    """The clock of the portal, which only a test moves, and that of the sandbox, which moves with it."""

    def __init__(self, traveller, sandbox):
        self.traveller, self.sandbox = traveller, sandbox
        self.at = datetime.fromisoformat(sandbox.moment().replace("Z", "+00:00"))

    def move_to(self, moment):
        self.sandbox.advance((moment - self.at).total_seconds())
        self.traveller.move_to(moment)
        self.at = moment


@pytest.fixture
def in_march(sandbox):
    """The first of March, before anything of a timeline of that month is due."""
    with time_machine.travel(BEFORE, tick=False) as traveller:
        clock = Clock(traveller, sandbox)
        clock.move_to(BEFORE)
        yield clock


@pytest.fixture
def leavers(acme):
    """Acme makes timelines for those who leave."""
    saving.switch_on(acme, Kind.LEAVER, by="test")


def turn(app) -> int:
    """What the worker does in a minute."""
    with app.app_context():
        settling.settle()
        following.follow_changes()
        return sum(carrying.take_turn(found) for found in carrying.connections_with_due_steps())


def leave(employee, day=LAST_DAY, **options):
    """Give the employee a last day, and let the timeline follow."""
    employee.end_date = day
    employee.save()
    planning.follow(employee, **options)


def step(employee, key) -> PlannedStep:
    return PlannedStep.get(PlannedStep.employee == employee, PlannedStep.key == key)
