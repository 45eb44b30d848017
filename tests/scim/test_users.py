"""SCIM for users of the portal: a directory makes, changes and ends them."""

import pytest

from portal.api_tokens import actions as tokens
from portal.api_tokens.models import ApiToken
from portal.api_tokens.scopes import Scope
from portal.audit import AuditEntry
from portal.auth import links
from portal.auth.models import AccessLevel, LinkedSignIn, User, UserSource
from portal.controls import second_admin
from portal.controls.models import PendingChange
from portal.organisations.models import Organisation
from tests.cast import Person
from tests.provisioning.conftest import connection  # noqa: F401
from tests.scim.conftest import USER, Pusher

OMAR = "omar.ordinary@acme.example"


class Directory(Pusher):
    """Another system that manages users of the portal."""

    BASE = "/scim/users/v2"


@pytest.fixture
def directory(app, pusher, alice, connection):  # noqa: F811
    return Directory(app, pusher(alice, Scope.PORTAL_USERS, live=False).token)


def somebody(name=OMAR, role="HR", **more):
    roles = [{"value": role, "primary": True}] if role else []
    return {"schemas": [USER], "userName": name, "displayName": "Omar O.", "active": True, "roles": roles, **more}


def omar():
    return User.get_or_none(User.email == OMAR)


def test_a_directory_makes_a_user_gives_another_level_and_ends_the_access(directory, alice):
    made = directory.post(somebody())
    assert made.status_code == 201
    assert (omar().access_level, omar().name) == (AccessLevel.HR, "Omar O.")
    assert "SCIM client Entra" in alice.get("/settings/users").text
    who = made.json["id"]
    role = {"op": "Replace", "path": 'roles[primary eq "True"].value', "value": "hr:department:Home_Care"}
    assert directory.patch(who, role).status_code in (200, 204)
    assert (omar().access_level, omar().part_value) == (AccessLevel.PART_HR, "Home Care")
    directory.patch(who, {"op": "Replace", "path": "active", "value": "False"})
    assert not omar().enabled
    assert directory.get(f"/Users/{who}").json["active"] is False
    directory.patch(who, {"op": "Replace", "path": "active", "value": True})
    assert omar().enabled
    assert directory.ask("DELETE", f"/Users/{who}").status_code == 204
    assert not omar().enabled
    assert directory.post(somebody()).status_code == 201
    assert omar().enabled
    assert AuditEntry.get(AuditEntry.action == "create user", AuditEntry.by_name == "SCIM client Entra")


def test_what_is_no_level_or_no_own_address_is_refused(directory):
    assert "none of" in directory.post(somebody(role="King")).json["detail"]
    assert "own domains" in directory.post(somebody("x@globex.example")).json["detail"]
    assert directory.post(somebody("nobody")).status_code == 400
    assert omar() is None


def test_a_user_who_was_invited_stays_with_the_admins_until_they_say_otherwise(directory, alice, bob, acme):
    refused = directory.post(somebody(bob.user.email))
    assert (refused.status_code, refused.json["scimType"]) == (409, "uniqueness")
    alice.get(f"/settings/users/{bob.user.id}")
    alice.press("Let SCIM decide from now on")
    found = directory.get(f'/Users?filter=userName eq "{bob.user.email}"').json
    assert found["totalResults"] == 1
    who = found["Resources"][0]["id"]
    directory.patch(who, {"op": "Add", "path": "roles", "value": [{"value": "Auditor"}]})
    assert User.get_by_id(bob.user.id).access_level == AccessLevel.AUDITOR


def test_a_user_whom_admins_look_after_keeps_their_address_whatever_the_directory_says(directory, alice):
    who = directory.post(somebody()).json["id"]
    alice.get(f"/settings/users/{omar().id}")
    alice.press("Decide here from now on")
    directory.patch(who, {"op": "Replace", "path": "userName", "value": "oscar@acme.example"})
    assert omar()


def test_the_last_admin_keeps_the_access_and_the_page_says_so(directory, alice):
    directory.post(somebody(role="Admin"))
    User.update(enabled=False).where(User.id != omar().id).execute()
    who = UserSource.get().subject
    directory.patch(who, {"op": "Replace", "path": "active", "value": False})
    assert omar().enabled
    assert "only Admin" in UserSource.get().problem


def test_many_ends_at_once_wait_for_an_admin(directory):
    made = [directory.post(somebody(f"p{number}@acme.example", "Employee")).json["id"] for number in range(5)]
    for who in made:
        directory.patch(who, {"op": "Replace", "path": "active", "value": False})
    mine = User.select().where(User.email.startswith("p"), User.enabled)
    assert mine.count() == 2
    assert UserSource.select().where(UserSource.held).count() == 2


def test_the_id_of_the_account_links_the_sign_in_and_an_address_alone_does_not(directory, sandbox, acme):
    Organisation.update(sign_in_with="microsoft-365").execute()
    directory.post(somebody(externalId=sandbox.user("mona.manager@acme.example").id))
    assert not LinkedSignIn.select().exists()
    who = UserSource.get().subject
    directory.patch(who, {"op": "Replace", "path": "externalId", "value": sandbox.user(OMAR).id})
    assert LinkedSignIn.get().user == omar()


def test_only_a_token_for_users_opens_it_and_it_opens_nothing_else(app, directory, entra, pusher, mallory):
    assert Directory(app, entra.token).get("/Users").status_code == 403
    assert Pusher(app, directory.token).get("/Users").status_code == 403
    made = directory.post(somebody()).json["id"]
    stranger = Directory(app, pusher(mallory, Scope.PORTAL_USERS, live=False).token)
    assert stranger.get(f"/Users/{made}").status_code == 404
    assert stranger.get("/Users").json["totalResults"] == 0
    assert stranger.patch(made, {"op": "Replace", "path": "active", "value": False}).status_code == 404


def raised(person):
    person.get("/settings/general")
    person.press("Save", {"Ask a second Admin to approve bulk actions for more than": "1000"})
    return PendingChange.get()


def test_an_admin_whose_address_the_asker_has_changed_is_no_second_one(directory, alice, cast, acme):
    """With the new address comes the mail with which a password is chosen."""
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    alice.get(f"/settings/users/{ada.user.id}")
    alice.press("Let SCIM decide from now on")
    who = directory.get("/Users").json["Resources"][0]["id"]
    changed = {"op": "Replace", "path": "userName", "value": OMAR}
    directory.patch(who, {"op": "Add", "path": "roles", "value": [{"value": "Admin"}]}, changed)
    assert User.get_by_id(ada.user.id).email == OMAR
    asked = raised(alice)
    assert ada.post(f"/settings/approvals/{asked.id}/approve").status == 403


def test_whom_a_token_lets_in_counts_as_let_in_by_each_who_has_had_its_secret(directory, app, alice, cast, acme):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    text = tokens.rotate(ApiToken.get(), by=ada.user)
    Directory(app, text).post(somebody(role="Admin"))
    for person in (alice, ada):
        asked = raised(person)
        assert second_admin.why_not(omar(), asked_by=person.user.id, asked_at=asked.asked_at)
        person.post(f"/settings/approvals/{asked.id}/withdraw")
        asked.delete_instance()


def test_a_link_to_a_new_password_ends_with_the_address_it_was_mailed_to(directory, app):
    who = directory.post(somebody()).json["id"]
    link = links.new_reset(omar(), by="command line")
    assert Person(app).get(link).status == 200
    directory.patch(who, {"op": "Replace", "path": "userName", "value": "oscar@acme.example"})
    assert Person(app).get(link).status == 404
