"""A clock that jumps: what was written while it was ahead is over when it is right again, and locks no user out."""

from portal.auth import throttle
from portal.auth.models import Session
from tests.auth.conftest import mailed_reset
from tests.auth.test_sign_in import WRONG, fail, try_it
from tests.cast import PASSWORD, Person


def test_a_session_from_ahead_is_over(app, alice, later):
    later(days=2)
    ahead = Person(app)
    ahead.sign_in(alice.user.email)
    later(days=-2)
    assert ahead.get("/people/employees").title == "Sign in"
    assert alice.get("/account").status == 200
    assert Session.select().where(Session.user == alice.user).count() == 2
    assert len(alice.page.soup.select("#devices tbody tr")) == 1


def test_a_password_given_ahead_is_asked_for_again(alice, later):
    # Her cookie is from before, too: one that was signed ahead opens nothing.
    alice.get("/account")
    later(hours=1)
    alice.get("/account/check")
    alice.press("Continue", {"Password": PASSWORD})
    later(hours=-1)
    assert alice.get("/settings/users/invite").title == "Confirm your password"


def test_failures_from_ahead_hold_nobody(app, alice, later):
    later(days=1)
    fail(app, alice.user.email, throttle.PER_ORIGIN)
    later(days=-1)
    assert try_it(app, alice.user.email, PASSWORD).title == "This week"


def test_a_link_from_ahead_does_not_last_longer(app, alice, mailbox, later):
    later(days=1)
    there = mailed_reset(app, alice.user, mailbox)
    later(days=-1)
    assert "no longer works" in Person(app).get(there).text


def test_two_minutes_are_what_the_clocks_of_two_machines_may_differ_by(app, alice, later):
    later(minutes=1)
    ahead = Person(app)
    ahead.sign_in(alice.user.email)
    later(minutes=-1)
    assert ahead.get("/people/employees").title == "Employee List"
    assert fail(app, alice.user.email, throttle.PER_ORIGIN).status == 422
    assert try_it(app, alice.user.email, WRONG).status == 429
