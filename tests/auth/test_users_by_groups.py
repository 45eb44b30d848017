"""Users who come by groups of the connected application: made, given a level, and ended, by what their groups say."""

import pytest

from portal.audit import AuditEntry
from portal.auth import users
from portal.auth.models import AccessLevel, LinkedSignIn, User, UserSource
from portal.connectors import for_connection
from portal.controls import second_admin
from portal.database import now
from portal.user_sources import groups
from portal.user_sources.models import GroupLevel
from tests.auth.test_sign_in_elsewhere import (
    OMAR,
    UNLINKED,
    allowed,  # noqa: F401
    elsewhere,  # noqa: F401
    link,
    sign_in_elsewhere,
)
from tests.cast import Person

PAGE = "/settings/users/groups"
FINANCE, APOLLO = "Finance", "Project Apollo"
MONA = "mona.manager@acme.example"
NOBODY_LEFT = "portal.user_sources.groups.ENDS_AT_ONCE"


@pytest.fixture
def entra(allowed):  # noqa: F811
    return for_connection(allowed)


def group_of(entra, name):
    return next(one.id for one in entra.groups() if one.name == name)


def put(entra, username, name, *, out=False):
    change = entra.remove_from_group if out else entra.add_to_group
    change(entra.find_by_username(username).id, group_of(entra, name))


def give(alice, entra, name, level, **more):
    alice.get(PAGE)
    return alice.press("Give access", {"Group": group_of(entra, name), "Access level": str(level), **more})


@pytest.fixture
def omar(app, alice, entra, elsewhere):  # noqa: F811
    """Omar, who is in Finance and signs in for the first time."""
    give(alice, entra, FINANCE, AccessLevel.HR)
    put(entra, OMAR, FINANCE)
    browser = Person(app)
    sign_in_elsewhere(browser, elsewhere)
    browser.user = User.get(User.email == OMAR)
    return browser


def fresh(person):
    return User.get_by_id(person.user.id)


def test_a_member_becomes_a_user_of_the_level_at_the_first_sign_in(app, alice, omar, elsewhere, entra):  # noqa: F811
    assert omar.page.title == "This week"
    assert (omar.user.access_level, omar.user.name) == (AccessLevel.HR, "Omar Ordinary")
    page = alice.get("/settings/users")
    assert f"Group {FINANCE}" in page.text
    assert AuditEntry.get(AuditEntry.action == "create user", AuditEntry.by_name == f"Group {FINANCE}")
    # Mona is in no group of the list.
    assert UNLINKED in sign_in_elsewhere(Person(app), elsewhere, MONA).text


def test_another_group_gives_another_level_and_the_first_in_the_list_decides(alice, omar, entra, allowed):  # noqa: F811
    give(alice, entra, APOLLO, AccessLevel.PART_HR, Department="Sales")
    put(entra, OMAR, APOLLO)
    groups.read(allowed)
    assert fresh(omar).access_level == AccessLevel.HR
    alice.get(PAGE)
    alice.press(f"Move up {APOLLO}")
    groups.read(allowed)
    assert (fresh(omar).access_level, fresh(omar).part_value) == (AccessLevel.PART_HR, "Sales")


def test_who_leaves_the_group_loses_the_access_and_has_it_again_on_coming_back(app, alice, omar, entra, elsewhere):  # noqa: F811
    put(entra, OMAR, FINANCE, out=True)
    alice.get(PAGE)
    alice.press("Read the groups now")
    assert omar.get("/people/employees").title == "Sign in"
    assert UNLINKED in sign_in_elsewhere(Person(app), elsewhere).text
    assert "Gave access until" in alice.get("/settings/users").text
    put(entra, OMAR, FINANCE)
    assert sign_in_elsewhere(Person(app), elsewhere).title == "This week"


def test_a_sign_in_asks_for_the_groups_of_that_moment(app, omar, entra, elsewhere):  # noqa: F811
    put(entra, OMAR, FINANCE, out=True)
    assert UNLINKED in sign_in_elsewhere(Person(app), elsewhere).text
    assert not fresh(omar).enabled


def test_neither_the_last_admin_nor_who_may_always_use_the_password_loses_it(alice, omar, entra, allowed):  # noqa: F811
    """Ada, whom the fixture made an Admin, and Alice go first."""
    GroupLevel.update(access_level=AccessLevel.ADMIN).execute()
    groups.read(allowed)
    User.update(enabled=False).where(User.id != omar.user.id, User.organisation == omar.user.organisation_id).execute()
    put(entra, OMAR, FINANCE, out=True)
    groups.read(allowed)
    assert fresh(omar).enabled
    assert "only Admin" in UserSource.get().problem
    User.update(enabled=True).execute()
    User.update(break_glass=True).where(User.id == omar.user.id).execute()
    groups.read(allowed)
    assert fresh(omar).enabled
    assert "may always sign in with the password" in alice.get("/settings/users").text


def test_when_many_left_at_once_an_admin_is_asked_first(alice, omar, entra, allowed, monkeypatch):  # noqa: F811
    monkeypatch.setattr(NOBODY_LEFT, 0)
    put(entra, OMAR, FINANCE, out=True)
    groups.read(allowed)
    assert fresh(omar).enabled
    page = alice.get(PAGE)
    assert "Their access waits for you" in page.text
    assert OMAR in page.text
    alice.press("End their access")
    assert not fresh(omar).enabled


def test_a_group_that_cannot_be_read_changes_nobody(alice, omar, entra, allowed):  # noqa: F811
    put(entra, OMAR, FINANCE, out=True)
    GroupLevel.create(
        organisation=omar.user.organisation_id, service=allowed.service, tenant_id=allowed.tenant_id, position=9,
        group="00000000-0000-0000-0000-000000000000", group_name="Gone", access_level=AccessLevel.AUDITOR,
    )  # fmt: skip
    alice.get(PAGE)
    assert "nobody’s access has changed" in alice.press("Read the groups now").text
    assert fresh(omar).enabled
    assert "no longer in your Microsoft 365" in alice.page.text


def test_a_guest_and_an_address_that_signs_in_already_make_no_user(app, alice, entra, elsewhere, cast, acme, allowed):  # noqa: F811
    give(alice, entra, FINANCE, AccessLevel.EMPLOYEE)
    put(entra, OMAR, FINANCE)
    taken = User.update(email=OMAR).where(User.id == alice.user.id)
    before = alice.user.email
    taken.execute()
    assert f"Another user already signs in as {OMAR}" in sign_in_elsewhere(Person(app), elsewhere).text
    User.update(email=before).where(User.id == alice.user.id).execute()
    allowed.domains = ["other.example"]
    allowed.save()
    assert "own domains" in sign_in_elsewhere(Person(app), elsewhere).text
    assert not LinkedSignIn.select().exists()


def test_an_admin_decides_here_only_after_saying_so(alice, omar):
    alice.get(f"/settings/users/{omar.user.id}")
    page = alice.press("Save", {"Access level": "Auditor"})
    assert page.status == 409
    assert "A group or another system decides" in page.text
    alice.press("Decide here from now on")
    alice.press("Save", {"Access level": "Auditor"})
    assert fresh(omar).access_level == AccessLevel.AUDITOR
    assert not UserSource.select().exists()


def test_a_group_that_is_removed_ends_or_keeps_its_users_as_the_admin_says(alice, omar):
    alice.get(PAGE)
    alice.press(f"Remove {FINANCE}")
    assert OMAR in alice.page.text
    alice.press("Remove", {"Their access ends, unless another group in the list gives it": True})
    assert not fresh(omar).enabled
    assert not GroupLevel.select().exists()


def test_a_user_whom_an_admin_deactivated_stays_so(app, alice, omar, elsewhere, allowed):  # noqa: F811
    users.deactivate(fresh(omar), by=alice.user)
    groups.read(allowed)
    assert UNLINKED in sign_in_elsewhere(Person(app), elsewhere).text


def test_who_comes_by_a_group_cannot_approve_for_the_admin_who_chose_it(alice, omar, allowed):  # noqa: F811
    GroupLevel.update(access_level=AccessLevel.ADMIN).execute()
    groups.read(allowed)
    assert "gave you access" in second_admin.why_not(fresh(omar), asked_by=alice.user.id, asked_at=now())


def test_the_portal_puts_nobody_into_a_group_that_gives_much(alice, omar, entra, allowed):  # noqa: F811
    page = alice.post(
        f"/settings/add-ons/{allowed.service}/group-rules", {"who": "everyone:", "group": group_of(entra, FINANCE)}
    )
    assert page.status == 422
    assert "adds nobody to it" in page.text


def test_a_user_whom_an_admin_invited_is_left_to_the_admins(app, alice, bob, entra, elsewhere, allowed):  # noqa: F811
    give(alice, entra, FINANCE, AccessLevel.AUDITOR)
    link(bob, elsewhere)
    put(entra, OMAR, FINANCE)
    sign_in_elsewhere(Person(app), elsewhere)
    groups.read(allowed)
    assert User.get_by_id(bob.user.id).access_level == AccessLevel.MANAGER


def test_who_has_no_password_yet_is_told_how_to_choose_one(alice, omar):
    GroupLevel.update(access_level=AccessLevel.ADMIN).execute()
    assert "If you have not chosen a password here yet," in omar.get("/account/check").text
    assert "not chosen a password" not in alice.get("/account/check").text
