"""A pass in place of a password: within the tenant's rules, behind a link, and nowhere in clear."""

from datetime import timedelta

import pytest
import time_machine

from portal.accounts.place import Place
from portal.database import now
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail, MailState
from portal.joining import passes
from portal.operations.models import Operation, Step
from portal.operations.requests import Verb
from portal.provisioning.actions import NothingToDo
from portal.timelines import catalogue
from portal.timelines.models import Itinerary, PlannedStep
from tests.cast import Person
from tests.joining.conftest import NIA
from tests.provisioning.conftest import at, tab
from tests.provisioning.test_hand_over_by_link import link_in
from tests.provisioning.worker import deliver

WEI = "wei.zhang@acme.example"
OFF = {"state": "disabled"}


def hand_out(alice, employee):
    alice.get(tab(employee))
    alice.press("Temporary Access Pass")
    return alice.press("Send the link")


def behind(app, link):
    """What somebody sees who follows the link and presses the button."""
    person = Person(app)
    person.get(link)
    return person.press("Show the login information").soup.select_one("code").get_text()


def test_l17_a_pass_goes_out_behind_a_link_and_opens_the_door(app, alice, wei_by_form, sandbox, mailbox):
    page = hand_out(alice, wei_by_form)
    assert "The pass has been made and an email has been sent to the employee." in page.text
    assert sandbox.sign_in(WEI, behind(app, link_in(mailbox))) == "pass"


def test_l17_the_pass_is_never_in_clear(app, alice, wei_by_form, sandbox, mailbox, tables, caplog):
    hand_out(alice, wei_by_form)
    held = "".join(
        str(tables.execute_sql(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
        for name in tables.get_tables() if not name.startswith("employee_search")
    )  # fmt: skip
    secret = behind(app, link_in(mailbox))
    receipt = alice.get(f"/provisioning/{Operation.get(Operation.verb == Verb.PASS).id}").html
    mails = "".join(mailbox.text(message) for message in mailbox.messages)
    assert not any(secret in place for place in (held, receipt, mails, caplog.text))
    assert LoginMail.get(LoginMail.secret == "pass").encrypted_password == ""


@pytest.mark.parametrize(
    ("policy", "minutes"),
    [
        ({}, 480),
        ({"maximumLifetimeInMinutes": 120}, 120),
        ({"minimumLifetimeInMinutes": 600, "maximumLifetimeInMinutes": 900}, 600),
    ],
)
def test_l17_the_lifetime_is_inside_the_policy(alice, wei_by_form, sandbox, mailbox, policy, minutes):
    sandbox.pass_policy(**policy)
    hand_out(alice, wei_by_form)
    [sent] = [line for line in sandbox.requests("POST") if "temporaryAccessPass" in line.path]
    assert (sent.status, f'"lifetimeInMinutes": {minutes}' in sent.body) == (201, True)


def test_l17_with_the_policy_off_a_password_goes_by_link_and_the_form_says_so_before(
    app,
    alice,
    wei_by_form,
    sandbox,
    mailbox,
):
    sandbox.pass_policy(**OFF)
    alice.get(tab(wei_by_form))
    page = alice.press("Temporary Access Pass")
    assert (
        "Your company’s rules allow this person no Temporary Access Pass, so a temporary password goes by link."
        in page.text
    )
    alice.press("Send the link")
    assert "Temporary password" not in mailbox.text(mailbox.messages[-1])
    assert sandbox.sign_in(WEI, behind(app, link_in(mailbox))) == "must change password"


def test_l17_a_person_outside_the_policy_is_told_the_day_the_plan_is_made(alice, wei_by_form, sandbox, connection):
    group = {"targetType": "group", "id": "0f0f0f0f-0000-4000-8000-000000000001", "isRegistrationRequired": False}
    place = Place.of(wei_by_form, connection)
    assert passes.why_not(place) == ""
    sandbox.pass_policy(includeTargets=[group])
    assert "allow this person no Temporary Access Pass" in passes.why_not(place)
    assert passes.why_not(Place(wei_by_form, connection)) == ""


def test_l17_without_the_permission_to_read_the_policy_a_password_goes_by_link(alice, wei_by_form, sandbox, connection):
    connection.permissions = []
    assert "may not make a Temporary Access Pass" in passes.why_not(Place.of(wei_by_form, connection))


def test_l17_the_sign_in_can_be_allowed_with_a_pass(app, alice, nia_ahead, sandbox, mailbox):
    alice.get(tab(nia_ahead))
    alice.press("Action")
    page = alice.press("Allow the sign-in", {"Hand over a Temporary Access Pass": True}, within=".confirm")
    assert "The sign-in is allowed, with a pass, and an email has been sent" in page.text
    assert sandbox.sign_in(NIA, behind(app, link_in(mailbox))) == "pass"
    done = [step.name for step in Step.select().join(Operation).where(Operation.verb == Verb.ALLOW).order_by(Step.id)]
    assert done == ["check", "unblock", "read back", "pass"]


def test_a_pass_that_ran_out_is_not_shown_any_more(app, alice, wei_by_form, sandbox, mailbox):
    hand_out(alice, wei_by_form)
    link = link_in(mailbox)
    with time_machine.travel(now() + timedelta(hours=9)):
        assert Person(app).get(link).status == 404

        delivery.wipe_secrets()
    mail = LoginMail.get(LoginMail.secret == "pass")
    assert (mail.state, mail.encrypted_password) == (MailState.CANCELLED, "")


def test_a_lost_answer_is_asked_for_once_more_and_the_lost_pass_opens_nothing(
    app,
    alice,
    wei_by_form,
    sandbox,
    mailbox,
    impatient,
):
    sandbox.fault(method="POST", path="/temporaryAccessPassMethods", kind="lost answer", times=1)
    hand_out(alice, wei_by_form)
    assert len([line for line in sandbox.requests("POST") if "temporaryAccessPass" in line.path]) == 2
    assert sandbox.sign_in(WEI, behind(app, link_in(mailbox))) == "pass"


def test_an_application_without_passes_makes_none(alice, wei_by_form, harbour_connection):
    alice.post(f"{at(wei_by_form, 'harbour')}/pass", fragment=True)
    assert not Operation.select().where(Operation.verb == Verb.PASS).exists()


@pytest.fixture
def planned(nia_ahead, connection, first_morning):
    """Nia's morning on a timeline, with a pass after it: the two steps by their key."""
    course = Itinerary.create(organisation=nia_ahead.organisation, employee=nia_ahead, kind="joiner")
    return {
        key: PlannedStep.create(
            organisation=nia_ahead.organisation, itinerary=course, employee=nia_ahead, connection=connection, key=key,
            anchor="start", days=0, day=nia_ahead.start_date, hour="06:00", due_at=first_morning,
        )
        for key in ("allow_sign_in", "hand_out_pass")
    }  # fmt: skip


def test_l17_a_timeline_hands_out_the_pass_as_the_sign_in_is_allowed_and_not_twice(
    app, nia_ahead, connection, planned, sandbox, mailbox
):
    with app.app_context():
        place = Place.of(nia_ahead, connection)
        catalogue.of("allow_sign_in").start(place, planned["allow_sign_in"], "Timeline")
        deliver(app)
        with pytest.raises(NothingToDo, match="handed over when the sign-in was allowed"):
            catalogue.of("hand_out_pass").start(place.as_it_is(), planned["hand_out_pass"], "Timeline")
    assert sandbox.sign_in(NIA, behind(app, link_in(mailbox))) == "pass"
