"""Settings > Users: who may sign in, by invitation; and an Admin there always is."""

import threading

import pytest

from portal import audit, database
from portal.audit import AuditEntry
from portal.auth import users
from portal.auth.models import AccessLevel, Invitation, Session, User
from portal.mail import lane
from portal.runs.models import Run, RunState
from tests.auth.conftest import NEW, link_in
from tests.cast import Person

URL = "/settings/users"


def invited(alice, mailbox, email="nina@acme.example", level="Manager", name="Nina New"):
    alice.get(f"{URL}/invite")
    alice.press("Send invitation", {"Email": email, "Name": name, "Access level": level})
    return link_in(mailbox.messages[-1])


def change(person, user, **fields):
    person.get(f"{URL}/{user.id}")
    return person.press("Save", fields)


def test_an_invited_person_chooses_a_password_and_signs_in(app, alice, mailbox):
    link = invited(alice, mailbox)
    assert "on its way to nina@acme.example" in " ".join(alice.page.alerts())
    nina = Person(app)
    nina.get(link)
    assert "token" not in nina.page.url
    nina.press("Set the password", {"New password": NEW, "New password again": NEW})
    assert nina.sign_in("nina@acme.example", NEW).title == "Employee List"
    user = User.get(User.email == "nina@acme.example")
    assert (user.name, user.access_level, user.organisation) == ("Nina New", "Manager", alice.user.organisation)


def test_the_invitation_is_mailed_to_that_address_with_nothing_secret_in_its_subject(alice, mailbox):
    token = invited(alice, mailbox).partition("=")[2]
    message = mailbox.messages[-1]
    assert message["X-Recipients"] == "nina@acme.example"
    assert token not in message["Subject"]
    assert Invitation.select().where(Invitation.token_hash == token).count() == 0


def test_an_invitation_works_once(app, alice, mailbox):
    link = invited(alice, mailbox)
    for status in (200, 404):
        nina = Person(app)
        assert nina.get(link).status == status
        if status == 200:
            nina.press("Set the password", {"New password": NEW, "New password again": NEW})


def test_an_invitation_ends_after_seven_days(app, alice, mailbox, later):
    link = invited(alice, mailbox)
    later(days=7, minutes=1)
    page = Person(app).get(link)
    assert page.status == 404
    assert "no longer works" in page.text


def test_sending_again_ends_the_earlier_link(app, alice, mailbox):
    first = invited(alice, mailbox)
    alice.get(URL)
    alice.press("Send again to nina@acme.example")
    assert Person(app).get(first).status == 404
    assert Person(app).get(link_in(mailbox.messages[-1])).status == 200


def test_a_withdrawn_invitation_opens_nothing(app, alice, mailbox):
    link = invited(alice, mailbox)
    alice.get(URL)
    alice.press("Withdraw nina@acme.example")
    assert Person(app).get(link).status == 404
    assert "nina@acme.example" not in alice.get(URL).text


def test_a_mail_that_cannot_be_sent_is_said_and_can_be_sent_again(app, alice, mailbox):
    mailbox.refuse("550 no such box")
    alice.get(f"{URL}/invite")
    page = alice.press("Send invitation", {"Email": "nina@acme.example", "Name": "", "Access level": "Employee"})
    assert "the email was not sent" in page.text
    alice.press("Send again to nina@acme.example")
    assert Person(app).get(link_in(mailbox.messages[-1])).status == 200


def test_nobody_learns_that_an_address_signs_in_at_another_organisation(alice, mallory, mailbox):
    invited(alice, mailbox, email=mallory.user.email)
    page = alice.get(URL)
    assert mallory.user.email in page.soup.select_one("#invitations").text
    assert "Initech" not in page.text


def test_whoever_signs_in_elsewhere_stays_where_they_are(app, alice, mallory, mailbox):
    link = invited(alice, mailbox, email=mallory.user.email)
    there = Person(app)
    there.get(link)
    page = there.press("Set the password", {"New password": NEW, "New password again": NEW})
    assert "with another organisation" in page.text
    assert User.get(User.email == mallory.user.email).organisation.name == "Initech"


@pytest.mark.parametrize("email", ["nina", "a@b@c", "nina@acme.example\r\nBcc: all@acme.example", "n ina@acme.example"])
def test_what_is_no_address_is_not_invited(alice, mailbox, email):
    alice.get(f"{URL}/invite")
    page = alice.press("Send invitation", {"Email": email, "Name": "", "Access level": "Employee"})
    assert page.status == 422
    assert not mailbox.messages


def test_a_user_is_not_invited_twice(alice, bob, mailbox):
    invited(alice, mailbox)
    for email, words in (("nina@acme.example", "is invited already"), (bob.user.email, "already signs in")):
        alice.get(f"{URL}/invite")
        page = alice.press("Send invitation", {"Email": email, "Name": "", "Access level": "Employee"})
        assert words in page.text


def test_a_changed_level_counts_at_once(alice, bob, acme):
    change(alice, bob.user, **{"Name": "Bob B.", "Access level": "Admin"})
    assert bob.get(URL).status == 200
    entry = AuditEntry.get(AuditEntry.action == "change user")
    assert entry.detail["before"]["access_level"] == "Manager"
    assert entry.detail["after"] == {"name": "Bob B.", "access_level": "Admin"}


def test_a_level_that_does_not_exist_is_refused(alice, bob):
    alice.get(f"{URL}/{bob.user.id}")
    assert alice.post(f"{URL}/{bob.user.id}", {"name": "", "access_level": "Owner"}).status == 422
    assert User.get_by_id(bob.user.id).access_level == "Manager"


def test_a_deactivated_user_is_out_at_once_and_cannot_come_back(app, alice, bob):
    alice.get(f"{URL}/{bob.user.id}")
    alice.press("Deactivate")
    alice.press("Confirm")
    assert bob.get("/people/employees").title == "Sign in"
    assert "Wrong email address or password" in Person(app).sign_in(bob.user.email).text
    alice.get(f"{URL}/{bob.user.id}")
    alice.press("Reactivate")
    assert Person(app).sign_in(bob.user.email).title == "Employee List"


def test_the_last_admin_can_neither_step_down_nor_leave(alice, bob):
    page = change(alice, alice.user, **{"Name": "Alice", "Access level": "Employee"})
    assert page.status == 409
    assert "only Admin" in page.text
    alice.get(f"{URL}/{alice.user.id}/deactivate")
    assert alice.press("Confirm").status == 409
    assert User.get_by_id(alice.user.id).enabled


def test_a_deactivated_admin_does_not_count_as_another_one(alice, cast, acme):
    other = cast.user(acme, "Ada", AccessLevel.ADMIN)
    users.deactivate(other, by=alice.user)
    with pytest.raises(users.LastAdmin):
        users.deactivate(alice.user, by=alice.user)


def test_two_admins_who_remove_each_other_at_the_same_moment_leave_one(alice, cast, acme):
    ada = cast.user(acme, "Ada", AccessLevel.ADMIN)
    start, refused = threading.Barrier(2), []

    def remove(user, by):
        with database.connection():
            start.wait()
            try:
                users.deactivate(user, by=by)
            except users.LastAdmin:
                refused.append(user.id)

    threads = [threading.Thread(target=remove, args=pair) for pair in ((ada, alice.user), (alice.user, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert User.select().where(User.organisation == acme, User.enabled == True).count() == 1  # noqa: E712
    assert audit.first_broken(acme) is None


def test_another_organisations_users_are_neither_shown_nor_changed(alice, bob, mallory):
    assert bob.user.email not in mallory.get(URL).text
    for place in ("", "/deactivate", "/reactivate", "/remove-second-factor"):
        assert mallory.post(f"{URL}/{bob.user.id}{place}", {"access_level": "Employee"}).status == 404


def test_changing_users_asks_for_the_password_after_ten_minutes(alice, bob, later):
    alice.get(f"{URL}/{bob.user.id}")
    later(minutes=11)
    page = alice.press("Save", {"Name": "", "Access level": "Admin"})
    assert page.title == "Confirm your password"
    assert User.get_by_id(bob.user.id).access_level == "Manager"
    assert "That is not your password." in alice.press("Continue", {"Password": "something else"}).text


def test_the_right_password_leads_back_to_where_it_was_asked(alice, bob, later):
    later(minutes=11)
    assert alice.get(f"{URL}/{bob.user.id}").title == "Confirm your password"
    assert alice.press("Continue", {"Password": "a long enough password"}).title == "Bob"


def test_the_password_page_leads_nowhere_else(alice):
    alice.get("/account/check?next=https://evil.example/")
    assert alice.press("Continue", {"Password": "a long enough password"}).title == "This week"


def test_deactivating_ends_every_session(alice, bob):
    users.deactivate(bob.user, by=alice.user)
    assert Session.select().where(Session.user == bob.user).count() == 0


def test_disconnecting_asks_for_the_password_after_ten_minutes(alice, connection, later):
    alice.get("/settings/add-ons")
    later(minutes=11)
    assert alice.get("/settings/add-ons/microsoft-365/disconnect").title == "Confirm your password"
    assert (
        alice.post("/settings/add-ons/microsoft-365/disconnect", {"connection": connection.id}).title
        == "Confirm your password"
    )
    assert type(connection).get_by_id(connection.id).disconnected_at is None


def test_an_admin_signs_somebody_out_everywhere_and_they_may_sign_in_again(alice, bob):
    alice.get(f"{URL}/{bob.user.id}")
    page = alice.press("Sign out on every device", within="#sign-in")
    assert "signed out on every device" in page.text
    assert bob.get("/people/employees").title == "Sign in"
    assert AuditEntry.get(AuditEntry.action == "sign out everywhere").by_id == alice.user.id
    assert bob.sign_in().title == "Employee List"


def invited_by(person, mailbox, email="ada@home.example"):
    """The mailed link of an invitation as Admin that this person sends."""
    person.get(f"{URL}/invite")
    person.press("Send invitation", {"Email": email, "Access level": "Admin"})
    lane.join()
    return link_in(mailbox.messages[-1])


@pytest.fixture
def ada(cast, acme):
    return cast.person(acme, "Ada", AccessLevel.ADMIN)


@pytest.mark.parametrize("how", ["deactivated", "lowered"])
def test_an_admin_who_is_thrown_out_does_not_come_back_by_their_own_invitation(app, alice, ada, mailbox, how):
    there = invited_by(ada, mailbox)
    page = alice.get(f"{URL}/{ada.user.id}" + ("/deactivate" if how == "deactivated" else ""))
    assert "ada@home.example" in page.text
    if how == "deactivated":
        alice.press("Confirm")
        users.reactivate(User.get_by_id(ada.user.id), by=alice.user)
    else:
        alice.press("Save", {"Access level": "Employee"})
    assert "no longer works" in Person(app).get(there).text
    assert not Invitation.select().exists()
    assert AuditEntry.get(AuditEntry.action == "withdraw invitation").by_id == alice.user.id


def test_an_invitation_that_a_colleague_sent_again_is_theirs(app, alice, ada, mailbox):
    invited_by(ada, mailbox)
    alice.get(URL)
    alice.press("Send again to ada@home.example")
    lane.join()
    users.deactivate(ada.user, by=alice.user)
    assert Person(app).get(link_in(mailbox.messages[-1])).status == 200


def test_an_invitation_whose_admin_was_thrown_out_before_the_portal_kept_them_is_worth_nothing(
    app, alice, ada, mailbox
):
    there = invited_by(ada, mailbox)
    User.update(enabled=False).where(User.id == ada.user.id).execute()
    assert "no longer works" in Person(app).get(there).text


def test_a_run_that_waits_for_approval_goes_back_to_its_plan_with_its_admin(alice, ada, acme, connection):
    run = Run.create(
        organisation=acme, connection=connection, verb="create", state=RunState.TO_APPROVE, by=ada.user, by_name="Ada"
    )
    users.deactivate(ada.user, by=alice.user)
    assert Run.get_by_id(run.id).state == RunState.PLANNED


def test_among_many_users_one_is_found_by_name_email_and_level(alice, acme):
    rows = [
        {"organisation": acme, "email": f"user{n:02}@acme.example", "name": f"Name {n:02}", "password_hash": "",
         "access_level": AccessLevel.IT if n == 7 else AccessLevel.EMPLOYEE}
        for n in range(60)
    ]  # fmt: skip
    User.insert_many(rows).execute()
    page = alice.get(URL)
    assert "user48@acme.example" in page.text
    assert "user55@acme.example" not in page.text
    assert "user55@acme.example" in alice.press("Next").text
    assert "user55@acme.example" in alice.press("Apply", {"Search": "name 55"}).text
    assert "user07@acme.example" in alice.press("Apply", {"Search": "", "Access level": "IT"}).text
    assert "user08@acme.example" not in alice.page.text
    assert "No user matches these filters." in alice.press("Apply", {"Search": "nobody"}).text


def test_users_are_the_same_by_their_rows_and_not_by_the_session_that_they_lack(alice, bob):
    one, other = User.get_by_id(alice.user.id), User.get_by_id(bob.user.id)
    assert one != other
    assert one == User.get_by_id(alice.user.id)
