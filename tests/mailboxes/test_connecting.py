"""Your sign-in > Outlook: each user connects their own mailbox, and no other."""

from urllib.parse import parse_qs, urlsplit

import pytest

from portal import vault
from portal.audit import AuditEntry
from portal.auth.models import AccessLevel, OutsideSignIn
from portal.mailboxes.models import Mailbox
from portal.recruitment import vacancies
from portal.recruitment.models import Part
from tests.mailboxes.conftest import HANK, MONA, OMAR, OWN, UMA, card, leave, outlook


def test_r39_a_recruiter_connects_their_own_outlook(allowed, alice, elsewhere, sandbox):
    mailbox = outlook(alice, elsewhere)
    assert f"Your Outlook is connected: {OMAR}." in alice.page.text
    assert (mailbox.address, mailbox.person_id) == (OMAR, sandbox.user(OMAR).id)
    assert {"Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite", "User.Read"} <= set(mailbox.scopes)
    assert f"Mailbox {OMAR} Working" in card(alice)
    assert AuditEntry.get(AuditEntry.action == "connect mailbox").detail["address"] == OMAR


def test_r39_before_leaving_it_is_said_what_is_read_and_who_sees_it(allowed, alice):
    words = card(alice)
    assert "It reads text and files only of mail with your candidates." in words
    assert "Nobody sees your other mail." in words


def test_what_opens_a_mailbox_is_kept_encrypted(omars):
    cache = vault.decrypt(omars.encrypted_cache)
    assert "RefreshToken" in cache
    assert "secret" not in omars.encrypted_cache
    assert OutsideSignIn.select().count() == 0


def test_the_sign_in_asks_at_the_own_organisation_alone(allowed, alice, sandbox):
    url = leave(alice, OWN, "Connect Outlook")
    assert urlsplit(url).path.startswith(f"/{sandbox.tenants[0]['id']}/")
    query = parse_qs(urlsplit(url).query)
    assert query["login_hint"] == ["alice@acme.example"]
    assert "offline_access" in query["scope"][0]


def test_r39_an_account_of_another_organisation_is_refused(allowed, alice, elsewhere, sandbox):
    sandbox.allow_for_people("Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite", "User.Read", tenant="Globex")
    url = leave(alice, OWN, "Connect Outlook").replace(sandbox.tenants[0]["id"], "organizations")
    page = alice.get(elsewhere.sign_in(url, HANK))
    assert "That is not an account of your organisation" in page.text
    assert Mailbox.select().count() == 0


def test_r39_a_mailbox_that_another_user_connected_is_refused(omars, cast, acme, elsewhere):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    assert outlook(ada, elsewhere) is None
    assert "Another user of this portal has connected that mailbox." in ada.page.text


def test_r39_an_account_without_a_mailbox_is_refused(allowed, alice, elsewhere):
    assert outlook(alice, elsewhere, UMA) is None
    assert "This account has no mailbox in Microsoft 365, or not yet." in alice.page.text


def test_r39_whoever_declines_reads_that_nothing_was_connected(allowed, alice, elsewhere):
    alice.get(elsewhere.cancel(leave(alice, OWN, "Connect Outlook")))
    assert "You did not accept on Microsoft’s page, so nothing was connected." in alice.page.text


def test_r39_when_microsoft_wants_an_administrator_first_it_is_said_who_presses_what(
    allowed, alice, elsewhere, sandbox
):
    sandbox.allow_for_people()
    url = leave(alice, OWN, "Connect Outlook")
    elsewhere.session.post(url, data={"pick": OMAR})
    answer = elsewhere.session.post(url, data={"answer": "without approval"}, allow_redirects=False)
    page = alice.get(answer.headers["Location"])
    assert "Your organisation has not allowed the portal to use Outlook yet." in page.text
    assert "press Allow for the organisation" in page.text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (53003, "Your organisation’s rules do not let the portal use Outlook from here."),
        (50105, "Your organisation lets only chosen people use this application"),
        (50076, "Your organisation asks for a second step when you sign in."),
    ],
)
def test_r39_each_rule_of_the_organisation_has_its_sentence(allowed, alice, elsewhere, sandbox, number, words):
    sandbox.refuse_person(OMAR, number)
    assert outlook(alice, elsewhere) is None
    assert words in alice.page.text


def test_r39_somebody_who_allows_less_is_told(allowed, alice, elsewhere, sandbox):
    sandbox.allow_for_people("Mail.Send", "User.Read", policy="everybody")
    url = leave(alice, OWN, "Connect Outlook")
    elsewhere.session.post(url, data={"pick": OMAR})
    back = elsewhere.session.post(url, data={"answer": "accept"}, allow_redirects=False).headers["Location"]
    sandbox._control("POST", "/delegated", name=OMAR, scopes=["Mail.Send"])
    page = alice.get(back)
    assert "Microsoft did not allow the portal to draft mail" in page.text
    assert Mailbox.select().count() == 0


def test_an_answer_that_another_browser_or_another_user_asked_for_is_not_taken(
    allowed, app, alice, cast, acme, elsewhere
):
    back = elsewhere.sign_in(leave(alice, OWN, "Connect Outlook"), OMAR)
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    ada.get(back)
    assert "You did not start this sign-in in this browser" in ada.page.text
    # Brought back to the right browser, with another user in it.
    with alice.client.session_transaction() as session:
        word = session["outlook"]
    with ada.client.session_transaction() as session:
        session["outlook"] = word
    ada.get(back)
    assert "You did not start this sign-in in this browser" in ada.page.text
    assert Mailbox.select().count() == 0


def test_an_answer_is_good_once_and_not_for_signing_in_to_the_portal(allowed, alice, elsewhere):
    back = elsewhere.sign_in(leave(alice, OWN, "Connect Outlook"), OMAR)
    other = back.replace("/account/outlook/callback", "/login/microsoft-365/callback")
    assert "sign-ins" not in alice.get(other).text
    alice.get(back)
    assert Mailbox.of(alice.user) is not None
    alice.get(back)
    assert "you have used it already" in alice.page.text


def test_one_who_connected_a_mailbox_disconnects_it_before_connecting_another(omars, alice, elsewhere, sandbox):
    sandbox.refuse_person(OMAR, 50173)
    sandbox.advance(2 * 3600)
    alice.get(OWN)
    alice.press("Check now")
    assert outlook(alice, elsewhere, MONA).address == OMAR
    assert (
        "You have connected omar.ordinary@acme.example, so mona.manager@acme.example was not connected."
        in alice.page.text
    )


def test_managers_connect_when_they_work_on_a_vacancy_and_employees_never(allowed, alice, bob, carol, nurse, elsewhere):
    assert card(bob) == ""
    bob.get("/")
    assert "nobody else connects a mailbox" in bob.post("/account/outlook/connect").text
    vacancies.add_member(nurse, bob.user, Part.RECRUITER, by=alice.user)
    assert outlook(bob, elsewhere, MONA).address == MONA
    assert card(carol) == ""
