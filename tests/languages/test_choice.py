"""In which language a page is: as its reader chose, else as the organisation did, else as the browser asks."""

import pytest

from portal.auth.models import User
from portal.organisations.models import Organisation


def language_of(person, asked=""):
    return person.get("/account", headers={"Accept-Language": asked} if asked else {}).headers["Content-Language"]


def test_users_choose_the_language_of_their_pages(alice, bob):
    page = alice.get("/account")
    assert page.value("Language") == ""
    alice.press("Save", {"Language": "de"}, within="#your-language")
    assert alice.page.tree.get("lang") == "de"
    assert language_of(alice, "fr") == "de"
    assert alice.get("/people/employees").tree.get("lang") == "de"
    assert language_of(bob) == "en"


def test_a_user_who_chose_none_has_that_of_the_organisation_then_of_the_browser(alice, bob):
    assert language_of(bob, "es-AR, en;q=0.5") == "es"
    assert language_of(bob, "ja") == "en"
    alice.get("/settings/general")
    assert alice.page.value("Language") == ""
    alice.press("Save", {"Language": "fr"}, within="#organisation")
    assert "fr" in (language_of(bob, "es-AR"), Organisation.get_by_id(bob.user.organisation_id).language)
    assert language_of(bob, "es-AR") == "fr"


@pytest.mark.parametrize("language", ["tlh", "../de"])
def test_a_language_that_the_portal_does_not_speak_is_refused(alice, language):
    alice.get("/account")
    assert alice.post("/account/language", {"language": language}).status == 422
    assert User.get_by_id(alice.user.id).language == ""
