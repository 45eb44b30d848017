from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from tests.provisioning.conftest import connection, impatient, tab, wei, wei_active  # noqa: F401
from tests.timelines.conftest import in_march, step, turn  # noqa: F401

DAY = date(2027, 3, 15)


def morning(minutes=0, *, day=DAY, zone="Europe/London"):
    """06:00 of the day of the move, and so many minutes."""
    return datetime(day.year, day.month, day.day, 6, minutes, tzinfo=ZoneInfo(zone))


def page_of(employee):
    return f"/people/employees/{employee.id}/move"


def timeline_of(employee):
    return f"/people/employees/{employee.id}/timeline"


@pytest.fixture(autouse=True)
def march_for_all(in_march):  # noqa: F811
    """Everybody signs in then."""


@pytest.fixture
def movers(acme):
    """Acme makes timelines for those who move."""
    saving.switch_on(acme, Kind.MOVER, by="test")


@pytest.fixture
def moves(in_march, movers, wei_active, alice):  # noqa: F811
    """Wei moves from one department to another on the 15th of March."""
    wei_active.job_title, wei_active.department = "Analyst", "Sales"
    wei_active.save()
    alice.come_in()
    alice.get(page_of(wei_active))
    alice.press("Continue", {"Day of the move": DAY.isoformat(), "Job title": "Lead", "Department": "Finance"})
    alice.press("Confirm")
    return wei_active
