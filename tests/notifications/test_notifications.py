import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from portal import database, happenings
from portal.auth import users
from portal.auth.models import AccessLevel, User
from portal.connections import health
from portal.connections.models import Connection
from portal.connectors.errors import BadCredentials
from portal.erasure import erasing
from portal.mail import lane
from portal.notifications import digest, jobs, stopping, watching
from portal.notifications.models import MailChoice, Rhythm, UrgentMail
from portal.organisations.models import Organisation
from portal.people import actions as people
from portal.timelines.models import Itinerary, PlannedStep
from portal.webhooks import outbox
from portal.webhooks.models import Delivery, Receiver
from tests.cast import Person, connection_of

PAGE = "/settings/integrations"
LONDON = ZoneInfo("Europe/London")
SYDNEY = ZoneInfo("Australia/Sydney")


def digests(app):
    with app.app_context():
        jobs.send_digests.call_local()
    lane.join()


def urgents(app):
    with app.app_context():
        jobs.send_urgent.call_local()
    lane.join()


def chooses(person, rhythm):
    person.get(f"{PAGE}/emails")
    return person.press("Save", {rhythm: True})


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (LONDON, date(2027, 3, 28)), (LONDON, date(2027, 10, 31)), (SYDNEY, date(2027, 4, 4)),
        (SYDNEY, date(2027, 10, 3)), (LONDON, date(2027, 6, 1)),
    ],
)  # fmt: skip
def test_o29_the_digest_is_due_at_half_past_seven_by_the_clocks_of_the_organisation(cast, zone, day):
    organisation = cast.organisation("Zone", time_zone=str(zone))
    before = datetime.combine(day, digest.AT, zone) - timedelta(minutes=1)
    after = datetime.combine(day, digest.AT, zone)
    assert not digest.is_due(organisation, Rhythm.DAILY, before.astimezone(ZoneInfo("UTC")))
    assert digest.is_due(organisation, Rhythm.DAILY, after.astimezone(ZoneInfo("UTC")))
    assert digest.is_due(organisation, Rhythm.WEEKLY, after) == (day.weekday() == 0)


def test_o29_each_admin_who_chose_it_gets_one_a_day_and_none_on_a_day_with_nothing_to_say(
    app, cast, acme, alice, mailbox
):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    for person in (alice, ada):
        chooses(person, "Every day at 07:30")
    days = iter(range(7, 30))
    with time_machine.travel(datetime(2027, 6, next(days), 8, 0, tzinfo=LONDON), tick=True):
        digests(app)
        assert not mailbox.messages
    with time_machine.travel(datetime(2027, 6, next(days), 8, 0, tzinfo=LONDON), tick=True):
        cast.employee(acme, "Zoe", "Young", start_date=date(2027, 6, 8), job_title="Nurse")
        cast.employee(acme, "Max", "Moor", end_date=date(2027, 6, 10))
        digests(app)
        digests(app)
    assert sorted(message["To"] for message in mailbox.messages) == ["ada@acme.example", "alice@acme.example"]
    text = mailbox.text(mailbox.messages[0]).replace("\r\n", "\n")
    assert "Start today:\n\n  - Zoe Young (Nurse), Tuesday 8 June 2027" in text
    assert "Leave this week:\n\n  - Max Moor, Thursday 10 June 2027" in text
    assert "home.example" not in text


def test_o29_the_link_in_the_mail_stops_it_with_a_press_and_not_when_a_scanner_opens_it(app, alice, mallory):
    chooses(alice, "On Mondays at 07:30")
    address = stopping.link_for(User.get_by_id(alice.user.id), stopping.DIGEST).removeprefix("http://localhost")
    stranger = Person(app)
    stranger.get(address)
    assert MailChoice.of(alice.user).digest == "weekly"
    assert "You no longer get these emails" in stranger.press("Stop these mails").text
    assert (MailChoice.of(alice.user).digest, MailChoice.of(alice.user).urgent) == ("off", True)
    assert stranger.get(address.replace("digest-", "urgent-")).status == 404
    assert stranger.get("/stop-mails/digest-1-").status == 404


def test_what_is_urgent_is_mailed_at_once_to_every_admin_who_did_not_stop_it(
    app,
    cast,
    acme,
    alice,
    sandbox,
    connection,
    mailbox,
    channel,
):
    cast.person(acme, "Ada", AccessLevel.ADMIN)
    stopping.choose(alice.user, digest="off", urgent=False, by=alice.user)
    slack = channel("slack", "urgent")
    with database.transaction():
        happenings.tell(
            acme.id, "connection.broken", application="microsoft-365", page="/settings/add-ons/microsoft-365"
        )
        happenings.tell(acme.id, "brake.held", steps=700, page="/provisioning/calendar")
    urgents(app)
    urgents(app)
    assert [message["To"] for message in mailbox.messages] == ["ada@acme.example"] * 2
    assert "Microsoft 365 no longer lets the portal in" in mailbox.messages[0]["Subject"]
    assert Delivery.select().where(Delivery.receiver == slack).count() == 2


def test_a_mail_that_the_server_does_not_take_yet_is_tried_again(app, acme, alice, mailbox):
    with database.transaction():
        happenings.tell(acme.id, "brake.held", steps=700, page="/provisioning/calendar")
    mailbox.refuse("451 later")
    urgents(app)
    assert not mailbox.messages
    UrgentMail.update(not_before=database.now()).execute()
    urgents(app)
    assert "700 steps of one import" in mailbox.text(mailbox.messages[0])


def test_a_connection_that_breaks_and_a_leavers_late_step_are_urgent(app, cast, acme, alice, connection, mailbox):
    for _ in range(2):
        health.note(Connection.get_by_id(connection_of(acme).id), BadCredentials("The secret has expired."))
    max_ = cast.employee(acme, "Max", "Moor", start_date=date(2020, 1, 1))
    people.edit_employee(max_, {"end_date": acme.today + timedelta(days=9)}, by=alice.user)
    step = leaver_step(acme, max_)
    with app.app_context():
        watching.watch(acme)
        watching.watch(acme)
    urgents(app)
    subjects = [message["Subject"] for message in mailbox.messages]
    assert subjects == ["Microsoft 365 no longer lets the portal in", "A step for a leaver is late"]
    assert "for Max Moor is more than three hours late" in mailbox.text(mailbox.messages[1])
    assert step


def leaver_step(acme, employee):
    """A step of a leaver's timeline that should have been done five hours ago."""
    itinerary = Itinerary.create(organisation=acme, employee=employee, kind="leaver")
    due = database.now() - timedelta(hours=5)
    return PlannedStep.create(
        organisation=acme, itinerary=itinerary, employee=employee, key="block", anchor="last day", days=0,
        day=due.date(), hour="18:00", due_at=due,
    )  # fmt: skip


def test_o30_the_body_for_teams_is_a_message_with_an_adaptive_card_and_202_is_handed_over(
    alice, acme, channel, listening
):
    teams = channel("teams")
    alice.get(f"{PAGE}/receivers/{teams.id}")
    page = alice.press("Send a test")
    assert "handed over" in page.text
    assert "Handed over" in page.text
    assert "Did the latest test arrive?" in page.text
    body = json.loads(listening.got[0].body)
    card = body["attachments"][0]
    assert body["type"] == "message"
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["content"]["type"], card["content"]["version"]) == ("AdaptiveCard", "1.4")
    assert card["content"]["body"][0]["text"] == "A test of HR in teams"
    assert card["content"]["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open the portal", "url": "http://localhost/home"}
    ]
    assert "Open the flow in Teams" in alice.press("It did not").text
    assert Receiver.get_by_id(teams.id).problem


def test_o30_the_body_for_slack_is_text_and_blocks_in_which_no_name_is_markup(
    app, cast, acme, alice, channel, listening, deliver
):
    slack = channel("slack", "digest.daily")
    with time_machine.travel(datetime(2027, 6, 8, 8, 0, tzinfo=LONDON), tick=True):
        cast.employee(acme, "<!channel>", "& Co", start_date=date(2027, 6, 8))
        digests(app)
        digests(app)
        deliver(slack)
    assert len(listening.got) == 1
    body = json.loads(listening.got[0].body)
    assert set(body) == {"text", "blocks"}
    assert [block["type"] for block in body["blocks"]] == ["header", "section"]
    text = body["blocks"][1]["text"]
    assert text["type"] == "mrkdwn"
    assert "&lt;!channel&gt; &amp; Co" in text["text"]
    assert "<http://localhost/home|Open the portal>" in text["text"]


def test_o30_a_channel_whose_maker_is_no_longer_an_admin_warns(cast, acme, alice, channel):
    teams = channel("teams")
    moira = cast.person(acme, "Moira", AccessLevel.ADMIN)
    Receiver.update(made_by=moira.user, made_by_name="Moira").execute()
    User.update(access_level=AccessLevel.EMPLOYEE).where(User.id == moira.user.id).execute()
    assert "Moira is no longer an Admin" in alice.get(PAGE).text
    assert "the flow belongs to the person who made it" in alice.get(f"{PAGE}/receivers/{teams.id}").text


def test_a_channel_is_added_with_what_it_wants_to_hear(alice, listening):
    alice.get(PAGE)
    alice.press("Add Teams")
    page = alice.press("Add Teams", {"Name": "HR", "Address": "not one"})
    assert page.status == 422
    page = alice.press("Add Teams", {"Name": "HR", "Address": listening.url})
    assert "Added." in page.text
    assert Receiver.get().kind == "teams"
    assert alice.get(f"{PAGE}/channels/pager/new").status == 404


def test_what_a_channel_was_told_goes_with_an_employee_who_is_erased(cast, acme, alice, channel):
    slack = channel("slack")
    max_ = cast.employee(acme, "Max", "Moor", end_date=acme.today - timedelta(days=9))
    with database.transaction():
        outbox.put(slack, [("urgent", '{"text": "Max Moor"}')])
    erasing.erase(max_, by=alice.user)
    assert not Delivery.select().exists()


def test_what_waits_for_a_channel_outlives_the_erasing_of_somebody_whom_it_does_not_name(cast, acme, alice, channel):
    slack = channel("slack")
    max_ = cast.employee(acme, "Máx", "Moor", end_date=acme.today - timedelta(days=9))
    with database.transaction():
        told = ("A step for Máx Moor is late", "Steps of an import are held")
        outbox.put(slack, [("urgent", json.dumps({"text": words})) for words in told])
    erasing.erase(max_, by=alice.user)
    assert [json.loads(one.body)["text"] for one in Delivery.select()] == [told[1]]


def test_an_urgent_mail_that_waits_does_not_go_to_whoever_is_no_admin_any_more(app, cast, acme, alice, mailbox):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    with database.transaction():
        happenings.tell(acme.id, "brake.held", steps=700, page="/provisioning/calendar")
    mailbox.refuse(*["451 later"] * 2)
    urgents(app)
    users.change_user(ada.user, name="Ada", access_level=AccessLevel.EMPLOYEE, by=alice.user)
    UrgentMail.update(not_before=database.now()).execute()
    urgents(app)
    assert [message["To"] for message in mailbox.messages] == [alice.user.email]


def test_a_digest_that_the_mail_server_does_not_take_yet_goes_out_with_the_next_round(app, cast, acme, alice, mailbox):
    chooses(alice, "Every day at 07:30")
    with time_machine.travel(datetime(2027, 6, 8, 8, 0, tzinfo=LONDON), tick=True):
        cast.employee(acme, "Zoe", "Young", start_date=date(2027, 6, 8))
        mailbox.refuse("451 later")
        digests(app)
        assert not mailbox.messages
        digests(app)
        digests(app)
    assert [message["To"] for message in mailbox.messages] == [alice.user.email]


def test_an_organisation_about_which_something_is_wrong_keeps_no_other_waiting(
    app, cast, initech, acme, alice, mailbox
):
    """Such as a time zone that this machine has not got any more."""
    Organisation.update(time_zone="Gone/Away").where(Organisation.id == initech.id).execute()
    chooses(alice, "Every day at 07:30")
    with time_machine.travel(datetime(2027, 6, 8, 8, 0, tzinfo=LONDON), tick=True):
        cast.employee(acme, "Zoe", "Young", start_date=date(2027, 6, 8))
        digests(app)
        with app.app_context():
            jobs.watch.call_local()
    assert [message["To"] for message in mailbox.messages] == [alice.user.email]
