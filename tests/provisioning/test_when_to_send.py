"""When the login information goes out: one choice, what the form says of it, and what programs posted before."""

from datetime import timedelta

import pytest

from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.mail.choices import MailSettings
from portal.operations.models import Operation
from portal.sandbox.state.catalogue import BUSINESS_STANDARD
from tests.provisioning.conftest import at, tab

LATER = {"date": "2099-01-05", "time": "08:30"}


@pytest.fixture
def nia(cast, acme, connection):
    start = now().astimezone(acme.zone).date() + timedelta(days=40)
    return cast.employee(acme, "Nia", "New", start_date=start, personal_email="nia@home.example")


def open_form(person, employee):
    person.get(tab(employee))
    return person.press("Action")


def sent_as(alice, employee, **values):
    """Post the form's fields as a program would; the mail that came of it."""
    alice.get(tab(employee))
    named = {"username": "some.body", "domain": "acme.example", "licence_id": "none", **values}
    alice.post(f"{at(employee)}/create", named)
    return LoginMail.get_or_none()


def consequence(alice, employee, verb="create", **values):
    named = {"username": "wei.zhang", "domain": "acme.example", "licence_id": "none", **values}
    return alice.get(f"{at(employee)}/{verb}/consequence", fragment=True, query_string=named).text


def test_a_starter_has_four_moments_to_choose_from_and_others_two(alice, nia, wei, mailbox):
    labels = [tag.get_text() for tag in open_form(alice, nia).soup.select("input[type=radio] ~ label")]
    assert [label.partition(" (")[0] for label in labels] == [
        "Send immediately", "On the start date, 08:00", "On the start date, 06:00", "At",
    ]  # fmt: skip
    labels = [tag.get_text() for tag in open_form(alice, wei).soup.select("input[type=radio] ~ label")]
    assert labels == ["Send immediately", "At"]
    assert "checked" in alice.page.field("Send immediately").attrib


def test_at_sends_at_the_date_and_time_beside_it(alice, wei, connection, mailbox):
    open_form(alice, wei)
    page = alice.press("Create", {"At": True, "Date": "2099-01-05", "Time": "08:30"})
    assert "The email goes to wei@home.example on 5 Jan 2099, 08:30 GMT." in page.text
    assert LoginMail.get().state == MailState.SCHEDULED


def test_a_date_beside_send_immediately_is_asked_about_and_kept(alice, wei, connection):
    open_form(alice, wei)
    page = alice.press("Create", {"Date": "2099-01-05"})
    assert page.status == 422
    assert "Choose “At” to send at the date below, or clear the date." in page.text
    assert page.value("Date") == "2099-01-05"
    assert Operation.select().count() == 0


def test_at_without_a_date_says_what_is_missing_and_keeps_the_choice(alice, wei, connection):
    open_form(alice, wei)
    page = alice.press("Create", {"At": True, "Time": "08:30"})
    assert "Choose the day on which the email is sent, or “Send immediately”." in page.text
    assert "checked" in page.field("At").attrib
    assert page.value("Time") == "08:30"


def test_what_two_tick_boxes_said_is_understood_still(alice, cast, acme, nia, mailbox):
    start = nia.start_date.isoformat()
    assert (
        sent_as(alice, nia, on_start_date="y", send_immediately="y")
        .send_at.astimezone(acme.zone)
        .isoformat()
        .startswith(f"{start}T08:00")
    )
    LoginMail.delete().execute()
    unticked = sent_as(alice, cast.employee(acme, "Una", "Ticked"), username="una", **LATER)
    assert unticked.send_at.astimezone(acme.zone).isoformat().startswith("2099-01-05T08:30")
    assert mailbox.messages == []
    assert sent_as(alice, cast.employee(acme, "Tia", "Ticked"), username="tia", send_immediately="y")
    assert len(mailbox.messages) == 1


def test_a_start_date_that_has_come_meanwhile_is_asked_about(alice, wei, connection):
    assert sent_as(alice, wei, send_immediately="start") is None
    assert "The morning of the start date has passed" in alice.page.text


def test_the_form_says_what_create_will_do_and_follows_the_choice(alice, wei, nia, connection):
    open_form(alice, wei)
    ends = ", and email the username and a temporary password to wei@home.example now."
    assert f"We’ll create wei.zhang@acme.example without a licence{ends}" in alice.page.text
    named = consequence(alice, wei, licence_id=BUSINESS_STANDARD, send_immediately="y")
    assert named == f"We’ll create wei.zhang@acme.example with Microsoft 365 Business Standard{ends}"
    later = consequence(alice, wei, send_immediately="at", **LATER)
    assert later.endswith(" without a licence now" + ends.replace(" now.", " on 5 Jan 2099, 08:30 GMT."))
    assert consequence(alice, wei, send_immediately="at").endswith(" at the date and time you choose.")
    past = consequence(alice, wei, send_immediately="at", date="2020-01-31", time="08:00")
    assert past.endswith(" at the date and time you choose.")
    assert "08:00" in consequence(alice, nia, send_immediately="start")


def test_the_sentence_knows_links_resend_and_who_has_no_email(alice, cast, acme, wei_by_form, connection):
    noor = cast.employee(acme, "Noor", "Haddad", personal_email="")
    assert consequence(alice, noor).endswith(", and show you a temporary password once.")
    MailSettings.create(organisation=acme, hand_over="link")
    assert consequence(alice, wei_by_form, "resend", send_immediately="y") == (
        "We’ll set a new temporary password now, and email the username and a link to the password to wei@home.example "
        "now. The link opens once, within 7 days."
    )


def test_without_javascript_the_sentence_holds_whatever_is_chosen(alice, wei, connection):
    fixed = open_form(alice, wei).soup.select_one(".consequence.without-js")
    assert fixed.get_text(strip=True).startswith("We’ll create the account as chosen above, and email the username")
    assert "at the moment chosen above." in fixed.get_text()


def test_nobody_else_is_told_what_the_form_would_do(bob, mallory, wei, connection):
    for person in (bob, mallory):
        assert person.get(f"{at(wei)}/create/consequence").status in (403, 404)


def test_the_switch_tells_screen_readers_what_it_does(alice, wei_by_form, cast, acme):
    def names(employee):
        alice.get(tab(employee))
        return alice.page.soup.select_one("[role=switch]")["aria-label"]

    assert names(cast.employee(acme, "Carol", "Cole")) == "Action: create a Microsoft 365 account for Carol Cole"
    assert names(wei_by_form) == "Action: deactivate the Microsoft 365 account of Wei Zhang"


def test_a_deactivation_offers_undo_and_a_reactivation_resend(alice, wei_by_form):
    alice.get(tab(wei_by_form))
    alice.press("Action")
    alice.press("Confirm")
    page = alice.press("Undo")
    assert "Reactivate the account of Wei Zhang?" in page.text
    page = alice.press("Confirm")
    assert "They may have forgotten their password:" in page.text
    assert "Send the login information again?" in alice.press("Resend", within=".alert-success").text


def test_the_receipt_is_still_found_after_a_reload(alice, wei_by_form):
    page = alice.get(tab(wei_by_form))
    assert "The account has been created" not in page.text
    assert "Last change here Create account" in page.text
    assert "Account created" in alice.press("History", within=".rows").text
    alice.get(tab(wei_by_form))
    page = alice.press("Receipt")
    assert page.title == "Create account: Wei Zhang"
    # What support asks for is there, behind one line a step.
    assert all(tag.find_parent("details") for tag in page.soup.select("pre"))
    assert len(page.soup.select("li > div > details[open]")) == 0
    assert "Technical details: 1 request to Microsoft 365" in page.text


def test_a_question_that_got_no_answer_can_be_asked_again(alice, wei, connection, sandbox):
    sandbox.fault(method="GET", path="/v1.0/", status=503, times=None, retry_after=30)
    alice.get(tab(wei))
    alice.press("Action")
    sandbox.clear_faults()
    assert alice.page.soup.find("a", string="Try again")["href"].endswith(f"{at(wei)}/create")
