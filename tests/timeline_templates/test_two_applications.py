"""With two applications connected, a joiner's steps say at which of them an account is created."""

from datetime import timedelta

import pytest

from portal.connections.settings import AddOnSettings, settings_of
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import planning, steps  # noqa: F401
from portal.timelines.models import PlannedStep
from tests.groups.conftest import at_google, at_microsoft, workspace  # noqa: F401

JOINER = "/settings/timelines/joiner"


@pytest.fixture
def newcomer(acme, cast, at_microsoft, at_google):  # noqa: F811
    """Nobody has said anything about new accounts at either application."""
    saving.switch_on(acme, Kind.JOINER, by="test")
    return cast.employee(acme, "Nia", "New", start_date=acme.today + timedelta(days=20))


def made_at(employee):
    planning.follow(employee)
    rows = PlannedStep.select().where(PlannedStep.key == "create_blocked")
    return sorted(row.connection.service for row in rows)


def test_an_account_is_created_only_where_a_rule_says_what_it_gets(newcomer, at_google, alice):  # noqa: F811
    AddOnSettings.update(default_licence=None).execute()
    settings = settings_of(at_google.connection)
    settings.default_unit = "/Staff"
    settings.save()
    assert "Their accounts are created in Google Workspace." in _offer(alice)
    assert made_at(newcomer) == ["google-workspace"]


def _offer(alice):
    saving.switch_off(alice.user.organisation, Kind.JOINER, by="test")
    text = alice.get(f"{JOINER}/switch").text
    saving.switch_on(alice.user.organisation, Kind.JOINER, by="test")
    return text


def test_without_any_rule_it_is_created_where_the_company_email_comes_from(newcomer, alice):
    alice.get(JOINER)
    assert "Nothing was changed." in alice.press("Save").text
    assert made_at(newcomer) == ["microsoft-365"]


def test_a_template_chooses_the_applications_and_needs_one(newcomer, alice):
    alice.get(JOINER)
    alice.press("Save", {"Google Workspace": True})
    assert made_at(newcomer) == ["google-workspace", "microsoft-365"]
    page = alice.press("Save", {"Google Workspace": False, "Microsoft 365": False})
    assert "Choose an application, or switch this step off." in page.text
