"""Connecting an application with a key that an Admin types, and what is kept of it."""

from portal import vault
from portal.connections.models import Connection
from tests.pages import words

ADD_ONS = "/settings/add-ons"
CARD = "#add-on-card-harbour"


def test_a_typed_key_connects_and_is_never_shown_again(alice, harbour):
    alice.get(ADD_ONS)
    page = alice.press("Connect", {"Harbour key": harbour.key})
    assert "Harbour is connected: Acme Harbour." in page.text
    assert harbour.key not in page.html
    assert harbour.key not in alice.get(f"{ADD_ONS}/harbour").html
    assert "Connected" in words(alice.get(ADD_ONS).soup.select_one(CARD))


def test_the_key_is_kept_encrypted_and_wiped_by_disconnect(alice, harbour, harbour_connection):
    kept = Connection.get_by_id(harbour_connection.id).encrypted_credential
    assert harbour.key not in kept
    assert vault.decrypt(kept) == harbour.key
    alice.get(f"{ADD_ONS}/harbour/disconnect")
    alice.press("Disconnect")
    row = Connection.get_by_id(harbour_connection.id)
    assert (row.is_live, row.encrypted_credential) == (False, "")


def test_a_wrong_key_and_an_empty_one_are_refused_with_what_to_do(alice, harbour):
    alice.get(ADD_ONS)
    page = alice.press("Connect", {"Harbour key": "nonsense"})
    assert "Harbour does not accept this Harbour key, so nothing was connected." in page.text
    assert "your IT team" not in page.text
    page = alice.press("Connect", {"Harbour key": "  "})
    assert "Enter the Harbour key." in page.text
    assert not Connection.select().exists()


def test_without_javascript_it_connects_as_well(alice, harbour):
    alice.htmx = False
    alice.get(ADD_ONS)
    assert "Harbour is connected: Acme Harbour." in alice.press("Connect", {"Harbour key": harbour.key}).text


def test_the_settings_have_no_licences_and_the_doctor_asks_what_there_is(alice, harbour_connection):
    page = alice.get(f"{ADD_ONS}/harbour")
    tabs = [words(link) for link in page.soup.select("nav[aria-label='Harbour settings'] a")]
    assert "Usernames" in tabs
    assert "Licences" not in tabs
    answers = words(alice.press("Test connection").soup.select_one("#settings-overview"))
    assert "all is well" in answers
    assert "Harbour accepts the portal’s own sign-in." in answers


def test_what_concerns_licences_is_not_found_where_there_are_none(alice, harbour_connection):
    assert alice.get(f"{ADD_ONS}/harbour/licences").status == 404
    for part in ("licences", "licence-rules"):
        assert alice.post(f"{ADD_ONS}/harbour/{part}", {"default_licence": "none"}).status == 404


def test_a_key_that_was_withdrawn_there_shows_as_needing_attention(alice, harbour, harbour_connection):
    harbour.keys[:] = ["another"]
    alice.get(ADD_ONS)
    page = alice.press("Check now", within=CARD)
    assert "Needs attention" in words(page.soup.select_one(CARD))
    assert "Harbour no longer accepts the key. Make a new key in the Harbour console." in page.text


def test_a_key_that_the_portal_cannot_open_any_more_says_so(alice, harbour_connection):
    Connection.update(encrypted_credential="not ours").execute()
    alice.get(ADD_ONS)
    page = alice.press("Check now", within=CARD)
    assert "The portal can no longer read the credentials with which it signs in to Harbour." in page.text


def test_nobody_signs_in_to_the_portal_with_it(alice, harbour, harbour_connection):
    assert "Harbour" not in alice.get("/settings/users").text
    assert alice.post("/login/harbour").status == 404
