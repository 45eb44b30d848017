"""The manager hears of a newcomer before the first day, and the newcomer is welcomed on its morning: each once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.mail import lane
from portal.notices.models import Notice
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines import carrying, planning
from portal.timelines.models import StepState
from tests.timelines.conftest import in_march, step, turn  # noqa: F401

FIRST_DAY = date(2027, 3, 22)
LONDON = ZoneInfo("Europe/London")


def at_eight(day):
    return datetime(2027, 3, day, 8, 1, tzinfo=LONDON)


@pytest.fixture
def nia(in_march, acme, cast, connection, sandbox, mailbox, app):  # noqa: F811
    """She starts on 22 March and reports to Kim; her account is there, and blocked."""
    saving.switch_on(acme, Kind.JOINER, by="test")
    kim = cast.employee(acme, "Kim", "Boss", company_email="kim@acme.example")
    nia = cast.employee(
        acme, "Nia", "New", start_date=FIRST_DAY, personal_email="nia@home.example", manager=kim, job_title="Buyer"
    )
    planning.follow(nia)
    in_march.move_to(datetime(2027, 3, 15, 9, 1, tzinfo=LONDON))
    turn(app)
    assert step(nia, "create_blocked").state == StepState.DONE
    mailbox.clear()
    return nia


def on_the(clock, app, day):
    """What the worker does in the minutes after eight on this day of March."""
    clock.move_to(at_eight(day))
    for _ in range(3):
        turn(app)
        lane.join()


def to(mailbox, address):
    return [message for message in mailbox.messages if message["To"] == address]


def test_the_manager_is_told_two_days_before_at_the_company_address_and_once(app, in_march, nia, mailbox):  # noqa: F811
    on_the(in_march, app, 20)
    (message,) = to(mailbox, "kim@acme.example")
    assert message["Subject"] == "Nia New starts on 22 March 2027"
    assert "nia.new@acme.example" in mailbox.text(message)
    told = step(nia, "tell_manager")
    assert (told.state, told.reason) == (StepState.DONE, "An email went to kim@acme.example.")


def test_the_welcome_goes_to_the_private_address_when_the_sign_in_is_allowed(app, in_march, nia, mailbox):  # noqa: F811
    on_the(in_march, app, 22)
    (message,) = [one for one in to(mailbox, "nia@home.example") if one["Subject"] == "Welcome to Acme"]
    assert "nia.new@acme.example" in mailbox.text(message)
    assert step(nia, "welcome_mail").state == StepState.DONE


def test_the_welcome_waits_while_the_sign_in_is_not_allowed(app, in_march, nia, mailbox, sandbox):  # noqa: F811
    sandbox.give_role("nia.new@acme.example", "Global Administrator")
    on_the(in_march, app, 22)
    assert step(nia, "allow_sign_in").state == StepState.FAILED
    assert "“Allow the sign-in” failed" in step(nia, "welcome_mail").reason
    assert not to(mailbox, "nia@home.example")


def test_without_a_manager_the_step_is_skipped_and_says_so(app, in_march, nia, mailbox):  # noqa: F811
    nia.manager = None
    nia.save()
    on_the(in_march, app, 20)
    told = step(nia, "tell_manager")
    assert (told.state, told.reason) == (StepState.SKIPPED, "Nia New has no manager, so no email was sent.")
    assert not mailbox.messages


def test_without_an_address_the_step_fails_and_can_be_done_later(app, in_march, nia, mailbox, alice):  # noqa: F811
    nia.manager.company_email = ""
    nia.manager.save()
    on_the(in_march, app, 20)
    told = step(nia, "tell_manager")
    assert told.state == StepState.FAILED
    assert "Kim Boss has no company email. Enter it on their Profile" in told.reason
    nia.manager.company_email = "kim.boss@acme.example"
    nia.manager.save()
    with app.app_context():
        carrying.carry_out(told, by=alice.user, asked=True)
    on_the(in_march, app, 20)
    assert len(to(mailbox, "kim.boss@acme.example")) == 1
    assert step(nia, "tell_manager").state == StepState.DONE


def test_an_address_that_is_refused_fails_the_step_until_a_person_sees_to_it(app, in_march, nia, mailbox, alice):  # noqa: F811
    mailbox.refuse("550 5.1.1 nobody here")
    on_the(in_march, app, 20)
    told = step(nia, "tell_manager")
    assert told.state == StepState.FAILED
    assert "The email to kim@acme.example was not sent" in told.reason
    with app.app_context():
        carrying.carry_out(told, by=alice.user, asked=True)
    on_the(in_march, app, 20)
    assert len(to(mailbox, "kim@acme.example")) == 1


def test_a_worker_that_died_after_it_put_the_email_in_line_sends_it_once(app, in_march, nia, mailbox):  # noqa: F811
    on_the(in_march, app, 20)
    told = step(nia, "tell_manager")
    told.state = StepState.PLANNED
    told.save()
    on_the(in_march, app, 20)
    assert len(to(mailbox, "kim@acme.example")) == 1
    assert Notice.select().count() == 1
    assert step(nia, "tell_manager").state == StepState.DONE
