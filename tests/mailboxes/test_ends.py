"""How a mailbox ends: by its owner, with what it hangs on, or by Microsoft, which only the owner undoes."""

from contextlib import suppress
from datetime import date, timedelta

import pytest

from portal.audit import AuditEntry
from portal.auth.models import AccessLevel
from portal.connectors.errors import ReconnectNeeded
from portal.database import now
from portal.erasure import erasing
from portal.mail import lane
from portal.mailboxes import looking_after
from portal.mailboxes.models import Mailbox, MailboxState
from portal.mailboxes.opening import opened
from tests.addons.conftest import ADD_ONS
from tests.mailboxes.conftest import ADD_ON, MONA, OMAR, OWN, card, outlook

DAY = 86400


def fresh(mailbox):
    return Mailbox.get_by_id(mailbox.id)


def idle(mailbox, days=8):
    Mailbox.update(used_at=now() - timedelta(days=days)).where(Mailbox.id == mailbox.id).execute()


def test_r40_disconnect_works_with_microsoft_away(omars, alice, sandbox):
    sandbox.fault(kind="reset", times=None)
    sandbox.clear_requests()
    alice.get(OWN)
    alice.press("Disconnect Outlook")
    assert "Mail stays in your Outlook" in alice.page.text
    alice.press("Disconnect")
    assert "Your Outlook is disconnected." in alice.page.text
    assert (fresh(omars).state, fresh(omars).encrypted_cache) == (MailboxState.OFF, "")
    assert sandbox.requests() == []
    assert alice.page.has_button("Connect Outlook")
    assert AuditEntry.get(AuditEntry.action == "disconnect mailbox").by_name == "Alice"


def test_a_mailbox_that_one_user_disconnected_is_free_for_another(omars, alice, cast, acme, elsewhere):
    alice.get(OWN)
    alice.post("/account/outlook/disconnect")
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    assert outlook(ada, elsewhere).address == OMAR
    assert outlook(alice, elsewhere) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (50173, "Microsoft ended the portal’s connection to your Outlook."),
        (700082, "The portal did not use your Outlook for a long time"),
        (70043, "Your organisation asks you to sign in again from time to time."),
        (53003, "Your organisation’s rules do not let the portal use Outlook from here."),
        (65001, "Your organisation has not allowed the portal to use Outlook yet."),
    ],
)
def test_r41_each_end_has_its_sentence_and_its_owner_connects_it_again(omars, alice, elsewhere, sandbox, number, words):
    sandbox.refuse_person(OMAR, number)
    sandbox.advance(2 * 3600)
    alice.get(OWN)
    alice.press("Check now")
    assert words in card(alice)
    assert fresh(omars).state == MailboxState.RECONNECT
    assert words in alice.get(ADD_ON).text
    assert words in " ".join(alice.get("/recruitment/vacancies").alerts())
    sandbox.refuse_person(OMAR, 0)
    assert outlook(alice, elsewhere).is_live
    assert words not in card(alice)


def test_r41_the_owner_has_one_email_and_the_admins_one_after_a_day(app, omars, cast, acme, sandbox, mailbox):
    cast.user(acme, "Ada", AccessLevel.ADMIN)
    sandbox.refuse_person(OMAR, 50173)
    sandbox.advance(2 * 3600)
    looking_after.look(omars)
    for _ in range(2):
        with app.app_context():
            looking_after.sweep()
        lane.join()
    assert [mail["To"] for mail in mailbox.messages] == ["alice@acme.example"]
    assert "http://localhost/account#outlook" in mailbox.messages[0].get_body(("plain",)).get_content()
    Mailbox.update(since=now() - timedelta(days=2)).execute()
    for _ in range(2):
        with app.app_context():
            looking_after.sweep()
        lane.join()
    assert [mail["To"] for mail in mailbox.messages] == ["alice@acme.example", "ada@acme.example"]
    assert "Only Alice can connect it again" in mailbox.messages[1].get_body(("plain",)).get_content()


def test_r41_an_email_that_the_mail_server_does_not_take_yet_is_tried_again(app, omars, cast, acme, sandbox, mailbox):
    cast.user(acme, "Ada", AccessLevel.ADMIN)
    sandbox.refuse_person(OMAR, 50173)
    sandbox.advance(2 * 3600)
    looking_after.look(omars)
    Mailbox.update(since=now() - timedelta(days=2)).execute()
    mailbox.refuse(*["451 try again later"] * 2)
    for _ in range(3):
        with app.app_context():
            looking_after.sweep()
        lane.join()
    assert [mail["To"] for mail in mailbox.messages] == ["alice@acme.example", "ada@acme.example"]


def test_an_idle_mailbox_is_used_once_a_week_and_so_lives_on_without_end(omars, sandbox):
    for _ in range(3):
        before = fresh(omars).encrypted_cache
        sandbox.advance(60 * DAY)
        idle(omars)
        looking_after.sweep()
        assert fresh(omars).is_live
        assert fresh(omars).encrypted_cache != before
    sandbox.clear_requests()
    looking_after.sweep()
    assert sandbox.requests() == []


def test_what_passes_is_no_end(omars, sandbox):
    idle(omars)
    sandbox.fault(path="/token$", status=503, times=None)
    sandbox.fault(path="/me", status=503, times=None)
    sandbox.advance(2 * 3600)
    looking_after.sweep()
    assert fresh(omars).is_live


def test_sessions_that_end_at_microsoft_end_it_within_the_life_of_a_token(omars, sandbox):
    sandbox.advance(60)
    sandbox.patch_user(OMAR, signInSessionsValidFromDateTime=sandbox.moment())
    looking_after.look(omars)
    assert "ended the portal’s connection" in fresh(omars).problem


def test_a_blocked_account_is_named_to_the_admins(omars, alice, sandbox):
    sandbox.patch_user(OMAR, accountEnabled=False)
    sandbox.advance(2 * 3600)
    looking_after.look(omars)
    assert "account is blocked" in alice.get(ADD_ON).text


def test_it_ends_with_the_add_on(omars, alice):
    alice.get(ADD_ONS)
    alice.press("Disconnect")
    alice.press("Disconnect")
    assert (fresh(omars).state, fresh(omars).encrypted_cache) == (MailboxState.OFF, "")


def test_it_ends_with_its_owner_and_with_the_plan(omars, alice, acme, cast, elsewhere):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    ada.get(f"/settings/users/{alice.user.id}/deactivate")
    ada.press("Confirm")
    assert fresh(omars).state == MailboxState.OFF
    other = outlook(ada, elsewhere)
    acme.plan = "Standard"
    acme.save()
    looking_after.sweep()
    assert fresh(other).state == MailboxState.OFF
    assert "The plan no longer includes recruitment." in fresh(other).problem


def test_nobody_touches_the_mailbox_of_another(omars, mallory, bob):
    for person in (mallory, bob):
        person.get(OWN)
        assert person.post("/account/outlook/disconnect").status == 404
        assert person.post("/account/outlook/check").status == 404
    assert fresh(omars).is_live
    assert OMAR not in mallory.get(ADD_ON).text


def test_what_is_known_of_it_goes_when_its_owner_is_erased(allowed, alice, cast, acme, elsewhere):
    left = cast.employee(acme, "Ada", "Left", end_date=date(2020, 1, 31))
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN, left)
    outlook(ada, elsewhere, MONA)
    alice.get(f"/settings/users/{ada.user.id}/deactivate")
    alice.press("Confirm")
    erasing.erase(left, by=alice.user)
    assert Mailbox.select().count() == 0
    assert not [entry for entry in AuditEntry.select() if MONA in str(entry.detail)]


def test_a_refusal_of_the_connection_before_ends_no_mailbox_that_was_connected_again(omars):
    with suppress(ReconnectNeeded), opened(omars):
        Mailbox.update(since=now() + timedelta(seconds=1)).where(Mailbox.id == omars.id).execute()
        raise ReconnectNeeded("The old one.")
    assert Mailbox.get_by_id(omars.id).is_live
