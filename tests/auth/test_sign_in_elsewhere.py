"""Signing in to the portal with the account of the connected application.

https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference: tenant and object id name a person.
"""

import pytest

from portal.addons import disconnecting
from portal.auth.models import AccessLevel, LinkedSignIn, User
from portal.organisations.models import Organisation
from tests.addons.conftest import GRACE, HANK, OMAR, Elsewhere
from tests.auth.test_second_factor import code_of, set_up
from tests.cast import PASSWORD, Person

BUTTON = "Sign in with Microsoft"
UNLINKED = "No user of this portal may sign in with that account"


@pytest.fixture
def elsewhere(sandbox):
    browser = Elsewhere()
    yield browser
    browser.session.close()


@pytest.fixture
def allowed(alice, cast, acme, connection):
    """Alice asks for it, and Ada, another Admin, approves."""
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    alice.get("/settings/users")
    alice.press(BUTTON)
    ada.get("/settings/approvals")
    ada.press("Approve Users may sign in with Microsoft 365")
    assert Organisation.get_by_id(alice.user.organisation_id).ways_in == (connection.service,)
    return connection


def link(person, elsewhere, username=OMAR):
    person.get("/account")
    return person.get(elsewhere.sign_in(person.press("Link my account").url, username))


def sign_in_elsewhere(person, elsewhere, username=OMAR):
    person.get("/login")
    return person.get(elsewhere.sign_in(person.press(BUTTON).url, username))


def offers(app, person):
    return Person(app).get("/login").has_button(BUTTON), person.get("/account").has_button("Link my account")


def test_nobody_is_offered_it_before_an_organisation_allows_it(app, alice, connection, request):
    assert offers(app, alice) == (False, False)
    request.getfixturevalue("allowed")
    assert offers(app, alice) == (True, True)


def test_a_user_who_linked_their_account_signs_in_with_it(app, alice, allowed, elsewhere):
    assert "you can sign in with Microsoft 365" in link(alice, elsewhere).text
    somebody = Person(app)
    assert sign_in_elsewhere(somebody, elsewhere).title == "This week"
    assert "Alice" in somebody.page.text


def test_an_equal_address_links_nobody(app, alice, allowed, elsewhere):
    User.update(email=GRACE).where(User.id == alice.user.id).execute()
    assert UNLINKED in sign_in_elsewhere(Person(app), elsewhere, GRACE).text


def test_an_account_of_another_tenant_cannot_be_linked(alice, allowed, elsewhere):
    assert "does not belong to the Microsoft 365" in link(alice, elsewhere, HANK).text
    assert not LinkedSignIn.select().exists()


def test_one_account_is_one_user(app, alice, bob, allowed, elsewhere):
    link(alice, elsewhere)
    assert "linked to another portal user" in link(bob, elsewhere).text
    assert LinkedSignIn.get().user == alice.user


def test_taking_the_link_away_closes_the_way_in(app, alice, allowed, elsewhere):
    link(alice, elsewhere)
    alice.press("Remove " + BUTTON)
    assert UNLINKED in sign_in_elsewhere(Person(app), elsewhere).text


def test_disconnecting_another_application_ends_no_session_of_this_one(
    app, alice, allowed, elsewhere, harbour_connection
):
    link(alice, elsewhere)
    somebody = Person(app)
    sign_in_elsewhere(somebody, elsewhere)
    disconnecting.disconnect(harbour_connection, by=alice.user)
    assert somebody.get("/people/employees").title == "Employee List"


@pytest.mark.parametrize("closed_by", ["the user", "the organisation", "the connection"])
def test_it_is_closed_with(app, alice, bob, allowed, elsewhere, closed_by):
    link(bob, elsewhere)
    if closed_by == "the user":
        User.update(enabled=False).where(User.id == bob.user.id).execute()
    elif closed_by == "the connection":
        allowed.tenant_id = "00000000-0000-0000-0000-000000000000"
        allowed.save()
    somebody = Person(app)
    somebody.get("/login")
    there = somebody.press(BUTTON).url
    if closed_by == "the organisation":
        Organisation.update(sign_in_with="").execute()
    assert UNLINKED in somebody.get(elsewhere.sign_in(there, OMAR)).text


def test_an_answer_is_only_taken_by_the_browser_that_asked_and_once(app, alice, allowed, elsewhere):
    link(alice, elsewhere)
    somebody, other = Person(app), Person(app)
    somebody.get("/login")
    back = elsewhere.sign_in(somebody.press(BUTTON).url, OMAR)
    assert "You did not start this sign-in in this browser" in other.get(back).text
    assert somebody.get(back).title == "This week"
    somebody.get(back)
    assert "You did not start this sign-in in this browser" in somebody.page.text


def test_a_link_that_was_begun_by_somebody_else_is_not_finished(app, alice, bob, allowed, elsewhere):
    alice.get("/account")
    back = elsewhere.sign_in(alice.press("Link my account").url, OMAR)
    bob.get(back)
    assert not LinkedSignIn.select().exists()


def test_the_second_factor_is_asked_for_all_the_same(app, alice, allowed, elsewhere, later):
    link(alice, elsewhere)
    seed, _ = set_up(alice)
    later(minutes=1)
    somebody = Person(app)
    assert sign_in_elsewhere(somebody, elsewhere).title == "Enter the code"
    assert somebody.press("Sign in", {"Code": code_of(seed)}).title == "This week"


def test_what_wants_the_password_once_more_still_asks_for_it(app, alice, allowed, elsewhere):
    link(alice, elsewhere)
    somebody = Person(app)
    sign_in_elsewhere(somebody, elsewhere)
    assert somebody.get("/settings/users/invite").title == "Confirm your password"


def test_somebody_who_closes_the_page_there_is_told_so(app, alice, allowed, sandbox):
    somebody = Person(app)
    somebody.get("/login")
    state = somebody.press(BUTTON).url.partition("state=")[2].partition("&")[0]
    page = somebody.get(f"/login/microsoft-365/callback?error=access_denied&state={state}")
    assert page.title == "Sign in"
    assert page.alerts()


@pytest.fixture
def inside(app, alice, bob, allowed, elsewhere):
    """Bob, signed in with his Microsoft account, in a browser of his own."""
    link(bob, elsewhere)
    browser = Person(app)
    sign_in_elsewhere(browser, elsewhere)
    return browser


def withdraw(how, alice, bob):
    alice.get("/settings/users")
    if how == "the organisation":
        alice.press(BUTTON)
    elif how == "the user":
        bob.get("/account")
        bob.press("Remove " + BUTTON)
    else:
        alice.get("/settings/add-ons/microsoft-365/disconnect")
        alice.press("Disconnect")


@pytest.mark.parametrize("how", ["the user", "the organisation", "the connection"])
def test_taking_the_way_in_away_signs_out_those_who_came_by_it(alice, bob, inside, how):
    assert inside.get("/people/employees").title == "Employee List"
    withdraw(how, alice, bob)
    assert inside.get("/people/employees").title == "Sign in"
    assert bob.get("/people/employees").title == "Employee List"
    if how == "the organisation":
        alice.press(BUTTON)
        assert inside.get("/people/employees").title == "Sign in"


@pytest.mark.parametrize("how", ["the user", "the organisation", "the connection"])
def test_and_a_second_step_that_waits(app, alice, bob, inside, elsewhere, later, how):
    seed, _ = set_up(bob)
    later(minutes=1)
    sign_in_elsewhere(inside, elsewhere)
    assert inside.page.title == "Enter the code"
    withdraw(how, alice, bob)
    assert inside.press("Sign in", {"Code": code_of(seed)}).title == "Sign in"


def test_who_takes_the_link_away_stays_in_the_browser_in_which_they_gave_the_password(bob, inside):
    inside.get("/account")
    assert inside.press("Remove " + BUTTON).title == "Confirm your password"
    assert inside.press("Continue", {"Password": PASSWORD}).title == "Your sign-in"
    assert not inside.page.has_button("Remove " + BUTTON)
    assert inside.get("/people/employees").title == "Employee List"


@pytest.fixture
def required(alice, allowed):
    """Alice, who has two-step sign-in and may always use the password, requires it of everybody else."""
    set_up(alice)
    alice.get(f"/settings/users/{alice.user.id}")
    alice.press("Let them always use the password")
    alice.get("/settings/users")
    alice.press(f"{BUTTON} required")
    return allowed


def by_password(app, person):
    somebody = Person(app)
    somebody.get("/login")
    somebody.press("Sign in", {"Email": person.user.email, "Password": PASSWORD})
    return somebody


def test_it_is_not_required_before_an_admin_can_always_use_the_password(alice, allowed):
    alice.get("/settings/users")
    assert "No Admin may always sign in with the password" in alice.press(f"{BUTTON} required").text
    assert not Organisation.get_by_id(alice.user.organisation_id).outside_sign_in_required


def test_where_it_is_required_the_password_of_a_linked_user_opens_nothing(app, bob, elsewhere, request):
    request.getfixturevalue("allowed")
    link(bob, elsewhere)
    request.getfixturevalue("required")
    assert bob.get("/people/employees").url.endswith("/account")
    refused = by_password(app, bob)
    assert refused.page.status == 403
    assert "Your organisation does not use passwords to sign in. Sign in with Microsoft 365" in refused.page.text
    assert "Employee List" in sign_in_elsewhere(Person(app), elsewhere).text


def test_a_user_who_has_linked_nothing_can_do_that_and_nothing_else(app, bob, elsewhere, required):
    somebody = by_password(app, bob)
    for address in ("/people/employees", "/settings/users", "/"):
        page = somebody.get(address)
        assert page.url.endswith("/account"), address
        assert "Link it below" in page.text
    somebody.user = bob.user
    link(somebody, elsewhere)
    assert somebody.get("/people/employees").title == "Employee List"


def test_the_break_glass_admin_still_signs_in_and_the_last_one_stays(app, alice, cast, acme, required):
    assert "code" in by_password(app, alice).page.text
    ada = User.get(User.name == "Ada")
    for press in ("No longer let them always use the password", "Deactivate"):
        alice.get(f"/settings/users/{alice.user.id}")
        page = alice.press(press)
        page = alice.press("Confirm") if press == "Deactivate" else page
        assert "this is the only Admin who may always use the password" in page.text, press
    alice.get(f"/settings/users/{ada.id}")
    assert not alice.page.has_button("Let them always use the password")
    alice.get("/settings/users")
    assert "Turn that off first" in alice.press(BUTTON).text
    assert User.get_by_id(alice.user.id).break_glass


def test_the_way_back_needs_a_second_admin(alice, required):
    alice.get("/settings/users")
    page = alice.press(f"{BUTTON} required")
    assert "second Admin" in page.text or "24 hours" in page.text
    assert Organisation.get_by_id(alice.user.organisation_id).outside_sign_in_required


def test_the_list_of_users_says_who_has_linked_what_before_it_is_required(app, alice, bob, elsewhere, required):
    text = alice.get("/settings/users").text
    assert "May always use the password" in text
    assert "2 users have linked nothing yet" in text
    somebody = by_password(app, bob)
    somebody.user = bob.user
    link(somebody, elsewhere)
    text = alice.get("/settings/users").text
    assert "Linked with Microsoft 365" in text
    assert "1 user has linked nothing yet" in text


def test_who_signed_in_without_the_password_is_asked_for_it_in_other_words(app, alice, allowed, elsewhere):
    link(alice, elsewhere)
    somebody = Person(app)
    sign_in_elsewhere(somebody, elsewhere)
    somebody.get("/settings/users")
    page = somebody.post("/settings/users/require-second-factor")
    assert "You signed in without it" in page.text
    assert "ten minutes ago" not in page.text


def test_who_may_always_use_the_password_does_nothing_before_two_step_sign_in_is_on_again(alice, required):
    alice.get("/account")
    alice.press("Turn off")
    assert alice.get("/settings/users").url.endswith("/account/second-factor")
