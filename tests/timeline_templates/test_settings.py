"""Settings > Timelines: the steps of each kind, what cannot go together, and what switching a kind on says first."""

from datetime import timedelta

import pytest

from portal.audit import AuditEntry
from portal.auth.models import AccessLevel
from portal.connections.models import Connection
from portal.timeline_templates import choosing
from portal.timeline_templates.models import KindInUse, Template

TIMELINES = "/settings/timelines"
LEAVER = f"{TIMELINES}/leaver"


def step(organisation, key, kind="leaver", audience=("", "")):
    """A step as the organisation has it now."""
    return next(one for one in choosing.steps_of(choosing.current(organisation, kind, audience)) if one.key == key)


def test_each_kind_is_off_and_has_the_steps_that_the_portal_proposes(alice):
    page = alice.get(TIMELINES)
    assert [heading.get_text() for heading in page.soup.select("h2")] == [
        "Joiners", "Movers", "Leavers", "Leave of absence"
    ]  # fmt: skip
    assert page.text.count("as the portal proposes them") == 4
    assert "Nobody gets a timeline of this kind." in page.text
    assert alice.press("Change the steps of Leavers").value("Time of Block the sign-in") == "18:00"


def test_days_hour_and_whether_a_step_is_on_are_kept_as_a_new_version(alice, acme):
    alice.get(LEAVER)
    page = alice.press("Save", {
        "Days of Take the licences away": "45", "Time of Block the sign-in": "17:30", "Take out of groups": False,
    })  # fmt: skip
    assert "Saved as version 1." in page.text
    assert (step(acme, "take_licences").days, step(acme, "block").hour) == (45, "17:30")
    assert not step(acme, "leave_groups").on
    page = alice.press("Save", {"Days of Ask who takes over": "7"})
    assert "Saved as version 2." in page.text
    assert step(acme, "ask_successor").days == -7
    assert Template.select().count() == 2
    assert AuditEntry.get(AuditEntry.detail["version"] == 2).detail["changed"] == ["Ask who takes over"]


def test_saving_what_is_there_makes_no_version(alice):
    alice.get(LEAVER)
    assert "Nothing was changed." in alice.press("Save").text
    assert not Template.select().exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"Days of Take the licences away": "7"}, "The licences would go before “Convert to shared mailbox”"),
        ({"Delete the account": True}, "A shared mailbox is deleted with its account."),
        ({"Delete the account": True, "Convert to shared mailbox": False, "Days of Delete the account": "59"},
         "An account is deleted 60 days after the last day at the earliest."),
        ({"Block the sign-in": False}, "“Revoke open sessions” needs “Block the sign-in”, which is off."),
        ({"Days of Block the sign-in": "40"}, "“Take the licences away” comes before “Block the sign-in”."),
        ({"Days of Block the sign-in": "-1"}, "Enter a number of days from 0 to 400."),
        ({"Days of Block the sign-in": "401"}, "Enter a number of days from 0 to 400."),
        ({"Days of Block the sign-in": ""}, "Enter a number of days from 0 to 400."),
        ({"Time of Block the sign-in": "25:00"}, "Enter a time, such as 18:00."),
        ({"Forward to": "me@elsewhere.example"}, "Mail can only be forwarded to a colleague."),
        ({"Reply to colleagues": "Ask {boss}."}, "{boss} is not a placeholder."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason_and_keeps_what_was_typed(alice, connection, typed, words):
    alice.get(LEAVER)
    page = alice.press("Save", {"Days of Ask who takes over": "9", **typed})
    assert page.status == 422
    assert words in page.text
    assert page.value("Days of Ask who takes over") == "9"
    assert not Template.select().exists()


def test_l06_a_template_that_takes_licences_before_the_mailbox_step_is_refused(alice, acme):
    alice.get(LEAVER)
    page = alice.press(
        "Save", {"Days of Convert to shared mailbox": "30", "Time of Convert to shared mailbox": "18:01"}
    )
    assert page.status == 422
    assert "Take them away 30 days after the last day or later." in page.text
    assert "Saved" in alice.press("Save", {"Time of Convert to shared mailbox": "18:00"}).text


def test_l22_deletion_is_off_and_never_together_with_a_shared_mailbox(alice, acme):
    assert not step(acme, "delete").on
    alice.get(LEAVER)
    assert alice.press("Save", {"Delete the account": True}).status == 422
    assert "Saved" in alice.press("Save", {"Delete the account": True, "Convert to shared mailbox": False}).text
    assert step(acme, "delete").on


def test_an_employment_type_comes_before_a_country_and_everybody_else_keeps_the_rest(alice, acme, cast):
    KindInUse.create(organisation=acme, kind="leaver")
    cast.employee(acme, "Olga", "Old", employment_type="Contractor")
    for who, hour in (("country:DE", "16:00"), ("employment_type:Contractor", "12:00")):
        alice.get(LEAVER)
        page = alice.press("Add", {"Employment type or country": who})
        assert "now has steps of its own" in page.text
        alice.press("Save", {"Time of Block the sign-in": hour})
    people = {
        "12:00": cast.employee(acme, country="DE", employment_type="contractor"),
        "16:00": cast.employee(acme, country="DE"),
        "18:00": cast.employee(acme, country="GB"),
    }
    for hour, employee in people.items():
        steps = {one.key: one for one in choosing.steps_for(acme, "leaver", employee)}
        assert steps["block"].hour == hour
        assert "delete" not in steps
    alice.press("Use everybody’s steps")
    assert choosing.template_of(acme, "leaver", people["12:00"]).value == "DE"


def test_nobody_has_steps_of_a_kind_that_is_off(alice, acme, cast):
    assert choosing.steps_for(acme, "leaver", cast.employee(acme)) == []


def test_switching_on_says_what_it_does_and_to_how_many(alice, acme, cast):
    today = acme.today
    for days in (-3, 2, 40):
        cast.employee(acme, end_date=today + timedelta(days=days))
    alice.get(TIMELINES)
    page = alice.press("Switch on timelines of leavers")
    assert "2 people have such a date today or later and get a timeline in the next few minutes." in page.text
    assert "For 1 of them the day of a step has passed already. The portal asks" in page.text
    assert "Nothing happens for dates that have passed." in page.text
    assert not choosing.in_use(acme, "leaver")
    assert "timelines are on" in alice.press("Switch on").text
    assert choosing.in_use(acme, "leaver")
    assert "Switch on timelines of leavers" not in alice.get(TIMELINES).text
    alice.get(LEAVER)
    alice.press("Switch off timelines of leavers")
    alice.press("Switch off")
    assert not choosing.in_use(acme, "leaver")
    assert AuditEntry.select().where(AuditEntry.action == "switch on timelines").count() == 1


def test_a_step_whose_permission_is_missing_is_shown_with_grant(alice, connection):
    Connection.update(service="google-workspace", permissions=[]).execute()
    assert "Google Workspace does not allow this step yet, so it is skipped on its day" in alice.get(LEAVER).text
    alice.press("Grant what “Revoke open sessions” needs in Google Workspace")
    assert alice.page.url == "/settings/add-ons/google-workspace"


def test_the_reply_is_previewed_and_escaped(alice):
    alice.get(LEAVER)
    page = alice.post(f"{LEAVER}/preview", {"inside": "<b>{first_name}</b> {last_day}", "outside": ""}, fragment=True)
    assert "&lt;b&gt;Mary&lt;/b&gt; 31 March 2027" in page.html
    assert "Mary no longer works here." in page.html


def test_another_company_sees_nothing_of_it(alice, acme, cast, initech):
    alice.get(LEAVER)
    alice.press("Add", {"Employment type or country": "country:DE"})
    mallory = cast.person(initech, "Mallory", AccessLevel.ADMIN)
    assert "as the portal proposes them" in mallory.get(LEAVER.rpartition("/")[0]).text
    assert mallory.get(f"{LEAVER}?for=country:DE").status == 404
    assert mallory.get(f"{TIMELINES}/nothing").status == 404
