"""A user's own page: devices, password; and sessions that end at their time."""

import pytest

from portal.auth.models import Session, User
from tests.auth.conftest import NEW
from tests.cast import PASSWORD, Person

URL = "/account"


WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)


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
    row = next(row for row in page.soup.select("#devices tbody tr") if "Lost Phone" in row.text)
    alice.post(row.form["action"])
    assert phone.get("/people/employees").title == "Sign in"
    assert "Lost Phone" not in alice.get(URL).text


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (WINDOWS, "Chrome on Windows"), (f"{WINDOWS} Edg/126.0.0.0", "Edge on Windows"), (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("curl/8.5.0", "Unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_called_by_its_browser_and_system_with_what_it_says_of_itself_behind_details(
    app, alice, user_agent, name
):
    person = Person(app)
    person.client.environ_base["HTTP_USER_AGENT"] = user_agent
    person.sign_in(alice.user.email)
    cell = alice.get(URL).soup.select_one("#devices tbody td")
    assert cell.get_text(" ", strip=True).startswith(f"{name} Details")
    assert user_agent in cell.details.get_text()
    assert alice.page.soup.select_one("#devices td button").get_text(" ", strip=True).startswith(f"Sign out {name},")


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
