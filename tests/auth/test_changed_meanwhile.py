"""A sign-in that is under way while its proof is replaced: what was compared before is worth nothing afterwards.

argon2 takes its time between reading a user and writing the session. Here it takes as long as the test wants.
"""

import threading
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from portal import database
from portal.auth import actions, links, passwords, second_factor, users
from portal.auth.models import AccessLevel, HalfSignIn, Invitation, PasswordReset, Session, User
from portal.auth.proof import ProofOver
from portal.connections.models import Connection
from tests.auth.conftest import NEW, link_in, mailed_reset
from tests.auth.test_second_factor import code_of, set_up
from tests.cast import PASSWORD, Person
from tests.provisioning.conftest import connect

OTHER = "gravel under warm tulips"


class SlowHasher:
    """Stops once a password was compared for the first time, until it may go on."""

    def __init__(self, hasher):
        self._hasher, self.compared, self.go_on = hasher, threading.Event(), threading.Event()

    def __getattr__(self, name):
        return getattr(self._hasher, name)

    def verify(self, password_hash, password):
        found = self._hasher.verify(password_hash, password)
        if not self.compared.is_set():
            self.compared.set()
            assert self.go_on.wait(30)
        return found


@pytest.fixture
def while_compared(monkeypatch):
    """with while_compared(act): act() runs in another thread, and stops where the password has just been compared."""

    @contextmanager
    def begun(act):
        hasher = SlowHasher(passwords.hasher)
        monkeypatch.setattr(passwords, "hasher", hasher)
        thread = threading.Thread(target=act)
        thread.start()
        assert hasher.compared.wait(30)
        yield
        hasher.go_on.set()
        thread.join()

    return begun


def change(person, old=PASSWORD, new=NEW):
    person.get("/account")
    return person.press("Change password", {"Current password": old, "New password": new, "New password again": new})


def by_mail(app, user, mailbox):
    person = Person(app)
    person.get(mailed_reset(app, user, mailbox))
    assert person.press("Set the password", {"New password": NEW, "New password again": NEW}).title == "Sign in"


def off_and_on(user, by):
    users.deactivate(user, by=by)
    users.reactivate(User.get_by_id(user.id), by=by)


@pytest.mark.parametrize("how", ["changed", "reset by mail", "second factor", "deactivated and back", "lowered", "out"])
def test_a_thief_who_signs_in_meanwhile_is_not_signed_in(app, alice, bob, mailbox, while_compared, how):
    thief = Person(app)
    with while_compared(lambda: thief.sign_in(bob.user.email)):
        {
            "changed": lambda: change(bob),
            "reset by mail": lambda: by_mail(app, bob.user, mailbox),
            "second factor": lambda: set_up(bob),
            "deactivated and back": lambda: off_and_on(bob.user, alice.user),
            "lowered": lambda: users.change_user(bob.user, name="", access_level=AccessLevel.EMPLOYEE, by=alice.user),
            "out": lambda: actions.sign_out_everywhere(bob.user, by=alice.user),
        }[how]()
    assert thief.page.title == "Sign in"
    assert thief.get("/people/employees").title == "Sign in"
    owners = {"changed": 1, "second factor": 1, "lowered": 1}.get(how, 0)
    assert Session.select().where(Session.user == bob.user).count() == owners


def test_nor_do_they_come_to_the_second_step(app, bob, while_compared, later):
    set_up(bob)
    later(minutes=1)
    thief = Person(app)
    with while_compared(lambda: thief.sign_in(bob.user.email)):
        change(bob)
    assert thief.get("/login/code").title == "Sign in"
    assert not HalfSignIn.select().exists()


def test_a_second_step_that_waited_ends_with_the_password(app, bob, later):
    seed, codes = set_up(bob)
    later(minutes=1)
    thief = Person(app)
    assert thief.sign_in(bob.user.email).title == "Enter the code"
    change(bob)
    assert thief.press("Sign in", {"Code": code_of(seed)}).title == "Sign in"
    assert thief.post("/login/code", {"code": codes[0]}).title == "Sign in"


def test_of_two_who_change_a_password_at_once_the_second_does_nothing(app, bob, while_compared):
    thief = Person(app)
    thief.sign_in(bob.user.email)
    with while_compared(lambda: change(thief, new=OTHER)):
        assert "Your password is changed" in change(bob).text
    assert thief.page.status == 409
    assert Person(app).sign_in(bob.user.email, NEW).title == "Employee List"
    assert Person(app).sign_in(bob.user.email, OTHER).status == 422
    assert bob.get("/people/employees").title == "Employee List"


def test_giving_the_old_password_once_more_opens_nothing(app, bob, while_compared):
    with while_compared(lambda: confirm(bob)):
        actions.set_password(User.get_by_id(bob.user.id), NEW, by="command line")
    assert bob.page.status == 409


def confirm(person):
    person.get("/account/check")
    return person.press("Continue", {"Password": PASSWORD})


def test_hashing_the_old_password_again_does_not_bring_it_back(app, bob, while_compared):
    User.update(password_hash=PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)).execute()
    thief = Person(app)
    with while_compared(lambda: thief.sign_in(bob.user.email)):
        change(bob)
    assert thief.get("/people/employees").title == "Sign in"
    assert Person(app).sign_in(bob.user.email, NEW).title == "Employee List"


def test_a_session_that_ended_meanwhile_turns_no_second_factor_on(app, bob):
    thief = Person(app)
    thief.sign_in(bob.user.email)
    session = Session.select().where(Session.user == bob.user).order_by(Session.id.desc()).get()
    held = User.get_by_id(bob.user.id)
    held.session = session
    change(bob)
    seed = second_factor.new_seed()
    with pytest.raises(ProofOver):
        second_factor.turn_on(held, seed, code_of(seed))
    assert not User.get_by_id(bob.user.id).has_second_factor


def test_an_admin_who_is_deactivated_meanwhile_invites_nobody(app, alice, acme, cast, mailbox):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    held = User.get_by_id(ada.user.id)
    held.session = Session.get(Session.user == held)
    users.deactivate(ada.user, by=alice.user)
    with pytest.raises(ProofOver):
        links.invite(acme, "ada@home.example", "", AccessLevel.ADMIN, by=held)
    assert not Invitation.select().exists()


def test_an_admin_who_is_deactivated_while_the_tenant_is_asked_connects_nothing(alice, acme, cast, sandbox):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    held = User.get_by_id(ada.user.id)
    held.session = Session.get(Session.user == held)
    users.deactivate(ada.user, by=alice.user)
    with pytest.raises(ProofOver):
        connect(sandbox, held)
    assert not Connection.select().exists()


def test_what_ended_with_a_deactivation_does_not_come_back_with_the_user(app, alice, bob, mailbox):
    there = mailed_reset(app, bob.user, mailbox)
    off_and_on(bob.user, alice.user)
    assert bob.get("/people/employees").title == "Sign in"
    assert "no longer works" in Person(app).get(there).text
    assert not PasswordReset.select().where(PasswordReset.used_at.is_null()).exists()


def test_links_asked_for_at_the_same_moment_keep_to_the_limit(app, bob, mailbox):
    start = threading.Barrier(8)

    def ask():
        with database.connection(), app.app_context():
            start.wait()
            links.send_reset(bob.user)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.messages) == links.RESETS_PER_HOUR
    assert len({link_in(message) for message in mailbox.messages}) == links.RESETS_PER_HOUR
