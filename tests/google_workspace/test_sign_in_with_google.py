"""Signing in to the portal with Google: the person by the id that never changes, the company by more than a domain.

https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
"""

from urllib.parse import parse_qs, urlsplit

import pytest

from portal.audit import AuditEntry
from portal.auth.models import AccessLevel, LinkedSignIn, User, UserSource
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.organisations.models import Organisation
from portal.user_scim import linking
from portal.user_sources import groups
from tests.auth.test_second_factor import set_up
from tests.cast import PASSWORD, Person
from tests.google_workspace.conftest import GRACE, KEY, connect

BUTTON, MICROSOFT = "Sign in with Google", "Sign in with Microsoft"
USERS, GROUPS = "/settings/users", "/settings/users/groups"
OMAR, MONA, SHONA = "omar.ordinary@acme.example", "mona.manager@acme.example", "shona.shop@acme-shop.example"
BILL, GUS, PAT = "bill.lumbergh@initech.example", "gus.guest@acme.example", "pat.personal@gmail.com"
UNLINKED = "No user of this portal may sign in with that account"
NOT_THEIRS = "does not belong to the Google Workspace that your organisation is connected to"


@pytest.fixture
def ada(cast, acme):
    return cast.person(acme, "Ada", AccessLevel.ADMIN)


def allow(alice, ada, button=BUTTON, application="Google Workspace"):
    """Alice asks for it, and Ada, another Admin, approves."""
    alice.get(USERS)
    alice.press(button)
    ada.get("/settings/approvals")
    ada.press(f"Approve Users may sign in with {application}")


@pytest.fixture
def allowed(alice, ada, connection):
    allow(alice, ada)
    assert Organisation.get_by_id(alice.user.organisation_id).ways_in == (KEY,)
    return connection


def link(person, google, who=OMAR):
    person.get("/account")
    return person.get(google.consent(person.press("Link my account").url, who))


def come_in(app, google, who=OMAR, **how):
    """A browser of its own, that has signed in with Google as somebody there."""
    browser = Person(app)
    browser.get("/login")
    browser.get(google.consent(browser.press(BUTTON).url, who, **how))
    return browser


def link_by_hand(person, connection, who_id):
    LinkedSignIn.create(user=person.user, service=KEY, tenant_id=connection.tenant_id, person_id=who_id, shown_as=OMAR)


def test_an_ordinary_user_signs_in_and_tells_who_they_are_alone(app, bob, allowed, workspace):
    assert "From now on you can sign in with Google Workspace." in link(bob, workspace).text
    workspace.policy(app="", unconfigured_apps="sign-in")
    assert "Employee List" in come_in(app, workspace).page.text
    asked = {scope.rpartition(".")[2] for scope in workspace.grants()[OMAR]["scopes"]}
    assert (asked, workspace.grants()[OMAR]["refresh_tokens"]) == ({"openid", "email", "profile"}, 0)


def test_the_request_asks_for_nothing_lasting(app, allowed):
    somebody = Person(app)
    somebody.get("/login")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(somebody.press(BUTTON).url).query).items()}
    assert asked["scope"] == "openid email profile"
    assert asked["redirect_uri"].endswith(f"/login/{KEY}/callback")
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == (
        "online",
        "select_account",
        "S256",
    )
    assert "include_granted_scopes" not in asked


def test_each_application_is_a_way_in_only_once_two_admins_want_it(app, alice, ada, allowed, microsoft):
    both = Person(app).get("/login")
    assert (both.has_button(BUTTON), both.has_button(MICROSOFT)) == (True, False)
    allow(alice, ada, MICROSOFT, "Microsoft 365")
    both = Person(app).get("/login")
    assert (both.has_button(BUTTON), both.has_button(MICROSOFT)) == (True, True)
    alice.get(USERS)
    assert "Nobody signs in with Google Workspace any more." in alice.press(BUTTON).text
    assert Organisation.get_by_id(alice.user.organisation_id).ways_in == ("microsoft-365",)
    assert [entry.detail["setting"] for entry in AuditEntry.select().where(
        AuditEntry.action == "allow sign-in elsewhere")] == ["Users may sign in with Google Workspace"]  # fmt: skip


@pytest.mark.parametrize("who", [BILL, GUS])
def test_an_account_of_another_workspace_or_of_a_guest_cannot_be_linked(bob, allowed, workspace, who):
    assert NOT_THEIRS in link(bob, workspace, who).text
    assert not LinkedSignIn.select().exists()


def test_a_domain_in_an_old_copy_leads_nobody_into_another_company(app, alice, bob, allowed, workspace):
    """Acme gave up the domain, and Initech has it now."""
    Connection.update(domains=["acme.example", "initech.example"]).execute()
    alice.get(GROUPS)
    sales = next(one.id for one in for_connection(allowed).groups() if one.name == "Sales")
    alice.press("Give access", {"Group": sales, "Access level": "Employee"})
    assert NOT_THEIRS in link(bob, workspace, BILL).text
    assert UNLINKED in come_in(app, workspace, BILL).page.text
    assert not LinkedSignIn.select().exists()


def test_a_subdomain_is_another_domain(bob, allowed, workspace):
    workspace.make_user("eve@sub.acme.example", customer="Initech")
    assert NOT_THEIRS in link(bob, workspace, "eve@sub.acme.example").text


def test_a_second_domain_of_the_company_counts_also_when_it_is_new(app, bob, allowed, workspace):
    Connection.update(domains=["acme.example"]).execute()
    link(bob, workspace, SHONA)
    assert Connection.get().domains == ["acme.example", "acme-shop.example"]
    Connection.update(domains=["acme.example"]).execute()
    assert "Employee List" in come_in(app, workspace, SHONA).page.text


def test_an_account_that_was_made_again_is_another_one(app, alice, bob, allowed, workspace):
    link(bob, workspace)
    workspace.purge_user(OMAR)
    workspace.make_user(OMAR, "Olga", "Other")
    assert UNLINKED in come_in(app, workspace).page.text
    alice.get(f"{USERS}/{bob.user.id}")
    page = alice.press("Remove the link with Google Workspace")
    assert f"{bob.user.email} no longer signs in with Google Workspace." in page.text
    link(bob, workspace)
    assert "Employee List" in come_in(app, workspace).page.text


def test_a_linked_account_that_is_in_another_company_by_now_leads_nowhere(app, bob, allowed, workspace):
    link(bob, workspace)
    workspace.patch_user(OMAR, primaryEmail="omar.ordinary@initech.example")
    assert UNLINKED in come_in(app, workspace, "omar.ordinary@initech.example").page.text


def test_who_moved_to_another_company_comes_into_the_one_they_are_in(app, bob, mallory, allowed, workspace):
    """The domain went with them, and the portal's copy of it has not heard."""
    other = connect(workspace, mallory.user, BILL)
    Connection.update(domains=["acme.example", "initech.example"]).where(Connection.id == other.id).execute()
    Organisation.update(sign_in_with=KEY).execute()
    omar = workspace.user(OMAR).id
    link_by_hand(mallory, other, omar)
    link_by_hand(bob, allowed, omar)
    somebody = come_in(app, workspace)
    assert User.get_by_id(bob.user.id).email in somebody.get("/account").text


@pytest.mark.parametrize(
    ("values", "who", "said"),
    [
        ({}, PAT, "That is a personal Google account, not one of an organisation."),
        ({"_verified": False}, OMAR, "Google has not verified the address of this account."),
    ],
)
def test_who_may_not_sign_in_is_told_why(app, allowed, workspace, values, who, said):
    if values:
        workspace.patch_user(who, **values)
    page = come_in(app, workspace, who).page
    assert (page.title, said in page.text) == ("Sign in", True)


def test_both_spellings_of_the_issuer_are_googles_and_no_other(app, bob, allowed, workspace):
    link(bob, workspace)
    for issuer, title in (("accounts.google.com", "Employee List"), ("https://evil.example", "Sign in")):
        workspace.application(issuer=issuer)
        assert come_in(app, workspace).page.title == title


def test_who_cancels_on_googles_page_is_told_so(app, allowed, workspace):
    page = come_in(app, workspace, answer="cancel").page
    assert "The sign-in ended on Google Workspace’s own page, so nothing has changed here." in page.text


def test_it_ends_with_the_connection_and_the_company_it_was(app, alice, bob, allowed, workspace):
    link(bob, workspace)
    inside = come_in(app, workspace)
    alice.get(f"/settings/add-ons/{KEY}/disconnect")
    assert "1 user can no longer sign in to the portal with Google Workspace." in alice.page.text
    assert "does not let them use the password instead" not in alice.page.text
    alice.press("Disconnect")
    assert inside.get("/people/employees").title == "Sign in"
    assert UNLINKED in come_in(app, workspace).page.text


@pytest.fixture
def required(alice, allowed):
    """Alice, who has two-step sign-in and may always use the password, requires it of everybody else."""
    set_up(alice)
    alice.get(f"{USERS}/{alice.user.id}")
    alice.press("Let them always use the password")
    alice.get(USERS)
    assert "Everyone now signs in with what they have linked." in alice.press(f"{BUTTON} required").text
    return allowed


def by_password(app, person):
    somebody = Person(app)
    somebody.user = person.user
    somebody.get("/login")
    somebody.press("Sign in", {"Email": person.user.email, "Password": PASSWORD})
    return somebody


def test_where_it_is_required_only_google_leads_in_until_two_admins_end_that(app, alice, ada, bob, required, workspace):
    assert bob.get("/people/employees").url.endswith("/account")
    link(by_password(app, bob), workspace)
    assert "Your organisation does not use passwords to sign in. Sign in with Google Workspace" in (
        by_password(app, bob).page.text
    )
    assert "Employee List" in come_in(app, workspace).page.text
    assert "sign in with the account that you have linked" in bob.get("/people/employees").text
    assert bob.get(workspace.consent(bob.press(BUTTON).url, OMAR)).title == "Employee List"
    assert "code" in by_password(app, alice).page.text
    link(ada, workspace, MONA)
    alice.get(USERS)
    assert "a second Admin must approve it" in alice.press(f"{BUTTON} required").text
    ada.get("/settings/approvals")
    ada.press("Approve Users have to sign in with a connected application")
    assert by_password(app, bob).page.title == "Employee List"


def test_it_cannot_be_required_where_there_is_no_way_in(alice, connection):
    assert alice.post(f"{USERS}/require-sign-in-elsewhere").status == 404
    assert alice.post(f"{USERS}/allow-sign-in-elsewhere", {"app": "microsoft-365"}).status == 404
    assert not Organisation.get_by_id(alice.user.organisation_id).outside_sign_in_required


def test_after_another_workspace_is_connected_the_old_link_holds_nobody_out(app, alice, bob, required, workspace):
    link(by_password(app, bob), workspace)
    assert by_password(app, bob).page.status == 403
    assert "does not let them use the password instead" in alice.get(f"/settings/add-ons/{KEY}/disconnect").text
    Connection.update(tenant_id="C0another").execute()
    assert by_password(app, bob).get("/people/employees").url.endswith("/account")


@pytest.fixture
def sales(alice, allowed):
    group = next(one.id for one in for_connection(allowed).groups() if one.name == "Sales")
    alice.get(GROUPS)
    alice.press("Give access", {"Group": group, "Access level": "HR"})
    return group


def test_a_member_of_a_group_at_google_becomes_a_user_and_stops_being_one(app, alice, allowed, sales, workspace):
    omar = come_in(app, workspace)
    assert omar.page.title == "This week"
    assert User.get(User.email == OMAR).access_level == AccessLevel.HR
    assert "Group Sales" in alice.get(USERS).text
    assert UNLINKED in come_in(app, workspace, MONA).page.text
    for_connection(allowed).remove_from_group(workspace.user(OMAR).id, sales)
    groups.read(allowed)
    assert omar.get("/people/employees").title == "Sign in"
    assert UserSource.get().ended_at


def test_a_member_whose_account_was_made_again_takes_over_nobody(app, allowed, sales, workspace):
    come_in(app, workspace)
    workspace.purge_user(OMAR)
    again = workspace.make_user(OMAR)
    for_connection(allowed).add_to_group(again.id, sales)
    assert f"Another user already signs in as {OMAR}" in come_in(app, workspace).page.text
    assert LinkedSignIn.get().person_id != again.id


def test_a_directory_that_sends_the_id_of_the_account_links_it_and_never_a_guests(bob, carol, allowed, workspace):
    for person, address in ((bob, OMAR), (carol, GUS)):
        User.update(email=address).where(User.id == person.user.id).execute()
        for named in ("7c9e6679-7425-40de-944b-e07fc1f90ae7", workspace.user(address).id):
            linking.link(User.get_by_id(person.user.id), named)
    assert [row.user for row in LinkedSignIn.select()] == [bob.user]


def test_the_super_administrator_who_connected_it_is_a_person_like_any_other(app, bob, allowed, workspace):
    link(bob, workspace, GRACE)
    assert "Employee List" in come_in(app, workspace, GRACE).page.text
    assert for_connection(Connection.get()).granted()
