"""Settings > Add-ons > Outlook for recruitment: an administrator of Microsoft 365 allows it once."""

from urllib.parse import parse_qs, urlsplit

from portal.audit import AuditEntry
from portal.mailboxes.models import Allowance
from tests.addons.conftest import ADD_ONS, connected
from tests.mailboxes.conftest import ADD_ON, SCOPES, agreed, card, leave


def test_r38_it_needs_microsoft_365_first(alice):
    assert "Connect Microsoft 365 first" in alice.get(ADD_ON).text
    assert "Outlook for recruitment" in alice.get(ADD_ONS).text
    assert "must connect Microsoft 365 first" in card(alice)


def test_r38_exactly_four_permissions_are_asked_for_by_full_name(microsoft, alice, sandbox):
    query = parse_qs(urlsplit(leave(alice, ADD_ON, "Allow for the organisation")).query)
    assert query["scope"][0].split() == [f"https://graph.microsoft.com/{scope}" for scope in SCOPES]
    assert sandbox.tenants[0]["id"] in alice.page.url


def test_r38_what_was_allowed_is_shown_and_what_provisioning_may_do_stays(microsoft, alice, elsewhere, sandbox):
    before = sandbox._control("GET", "/tenants")[0]["granted"]
    page = alice.get(agreed(elsewhere, leave(alice, ADD_ON, "Allow for the organisation")))
    assert "Your organisation lets the portal use Outlook." in page.text
    assert "Allowed by Alice" in page.text
    assert "first" not in alice.get(ADD_ONS).soup.select_one("#add-on-outlook").text
    assert AuditEntry.get(AuditEntry.action == "allow mailboxes").by_name == "Alice"
    assert sandbox._control("GET", "/tenants")[0]["granted"] == before


def test_r38_without_it_a_recruiter_reads_who_must_press_what(microsoft, alice, bob, nurse):
    words = card(alice)
    assert "An Admin must allow it first" in words
    assert "Allow for the organisation" in words
    page = alice.post("/account/outlook/connect")
    assert "Ask an Admin to open Settings > General Settings > Add-ons" in page.text
    assert card(bob) == ""


def test_r38_declined_changes_nothing(microsoft, alice, elsewhere):
    alice.get(elsewhere.cancel(leave(alice, ADD_ON, "Allow for the organisation")))
    assert "declined on Microsoft’s page" in alice.page.text
    assert Allowance.select().count() == 0


def test_an_answer_that_another_session_asked_for_or_that_names_another_organisation_is_not_taken(
    microsoft, alice, mallory, elsewhere, sandbox
):
    back = agreed(elsewhere, leave(alice, ADD_ON, "Allow for the organisation"))
    mallory.get(back)
    forged = back.replace(sandbox.tenants[0]["id"], sandbox.tenants[1]["id"])
    assert "different Microsoft 365 organisation" in alice.get(forged).text
    alice.get(back)
    assert Allowance.select().count() == 0


def test_another_organisation_is_not_allowed_with_it(allowed, mallory, elsewhere):
    assert "Connect Microsoft 365 first" in mallory.get(ADD_ON).text
    assert "alice@acme.example" not in mallory.page.text


def test_only_admins_with_the_plan_see_the_page(allowed, bob, stan):
    assert bob.get(ADD_ON).status == 403
    assert stan.get(ADD_ON).status == 403


def test_connecting_the_application_again_asks_for_it_again(allowed, alice, elsewhere):
    alice.get(ADD_ONS)
    alice.press("Disconnect")
    alice.press("Disconnect")
    connected(alice, elsewhere)
    assert alice.get(ADD_ON).has_button("Allow for the organisation")
