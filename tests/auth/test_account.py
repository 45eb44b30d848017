"""A user's own page: devices, password; and sessions that end at their time."""

from portal.auth.models import Session, User
from tests.auth.conftest import NEW
from tests.cast import PASSWORD, Person

URL = "/account"


def elsewhere(app, user):
    person = Person(app)
    person.client.environ_base["HTTP_USER_AGENT"] = "Lost Phone"
    person.sign_in(user.email)
    return person


def test_the_menu_leads_to_it(alice):
    alice.get("/people/employees")
    assert alice.press("Your sign-in").title == "Your sign-in"


def test_a_lost_device_is_signed_out(app, alice):
    phone = elsewhere(app, alice.user)
    page = alice.get(URL)
    assert "Lost Phone" in page.text
    button = next(tag for tag in page.soup.select("#devices td button") if "Lost Phone" in tag.text)
    alice.post(button.find_parent("form")["action"])
    assert phone.get("/people/employees").title == "Sign in"
    assert "Lost Phone" not in alice.get(URL).text


def test_another_users_session_cannot_be_ended(alice, bob):
    theirs = Session.get(Session.user == bob.user)
    alice.get(URL)
    assert alice.post(f"{URL}/sessions/{theirs.id}/end").status == 404
    assert bob.get("/people/employees").status == 200


def test_a_new_password_needs_the_old_one_and_signs_out_other_devices(app, alice):
    phone = elsewhere(app, alice.user)
    alice.get(URL)
    fields = {"New password": NEW, "New password again": NEW}
    assert "not your current password" in alice.press("Change password", {"Current password": "wrong", **fields}).text
    assert "is changed" in alice.press("Change password", {"Current password": PASSWORD, **fields}).text
    assert phone.get("/people/employees").title == "Sign in"
    assert Person(app).sign_in(alice.user.email, NEW).title == "This week"


def test_a_new_password_that_is_easily_guessed_is_refused(alice):
    alice.get(URL)
    fields = {"Current password": PASSWORD, "New password": "welcome12345", "New password again": "welcome12345"}
    assert alice.press("Change password", fields).status == 422


def test_the_form_on_the_page_never_shows_a_password_again(alice):
    alice.get(URL)
    page = alice.press(
        "Change password", {"Current password": PASSWORD, "New password": NEW, "New password again": "x"}
    )
    assert PASSWORD not in page.html
    assert NEW not in page.html


def test_a_session_ends_after_twelve_hours_of_nothing(alice, later):
    later(hours=12, minutes=1)
    assert alice.get("/people/employees").title == "Sign in"


def test_a_session_that_is_used_goes_on_for_seven_days_and_no_longer(alice, later):
    for _ in range(15):
        later(hours=11)
        assert alice.get("/people/employees").title == "Employee List"
    later(hours=4)
    assert alice.get("/people/employees").title == "Sign in"


def test_signing_out_ends_the_session_on_the_server(app, alice):
    with alice.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    alice.post("/logout")
    thief = Person(app)
    with thief.client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert thief.get("/people/employees").title == "Sign in"
    assert User.get_by_id(alice.user.id).enabled
