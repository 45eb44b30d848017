"""Signing in: the same answer for every reason, limits that hold only guessers, and an audit log of both."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playhouse.test_utils import count_queries

from portal.audit import AuditEntry
from portal.auth import passwords, throttle
from portal.auth.models import AccessLevel, Session, SignInFailure, User
from portal.security import limiter
from tests.auth.conftest import NEW, mailed_reset
from tests.cast import PASSWORD, Person

WRONG = "the wrong password"


def fail(app, email, times, address="192.0.2.1"):
    """So many sign-ins with a wrong password, each from a fresh browser. The limit per minute is out of the way."""
    for _ in range(times):
        limiter.reset()
        page = try_it(app, email, WRONG, address)
    return page


def try_it(app, email, password, address="192.0.2.1", person=None):
    person = person or Person(app)
    person.client.environ_base["REMOTE_ADDR"] = address
    limiter.reset()
    return person.sign_in(email, password)


def test_a_wrong_password_an_unknown_address_and_a_deactivated_user_look_the_same(app, alice, bob):
    User.update(enabled=False).where(User.id == bob.user.id).execute()
    answers = [
        Person(app).sign_in(email, password)
        for email, password in (
            (alice.user.email, WRONG),
            ("nobody@nowhere.example", WRONG),
            (bob.user.email, PASSWORD),
        )
    ]
    assert {(page.status, " ".join(page.alerts())) for page in answers} == {(422, "Wrong email address or password.")}


def test_an_unknown_address_waits_for_the_disk_as_often_as_one_of_a_user(app, alice):
    """From the second failure on: the first one within an hour is a line of the audit log too."""

    def writes(email):
        fail(app, email, 1)
        with count_queries() as counter:
            fail(app, email, 1)
        return [one.msg[0].split()[0] for one in counter.get_queries() if not one.msg[0].startswith("SELECT")]

    assert writes(alice.user.email) == writes("nobody@acme.example")


def test_an_unknown_address_is_answered_after_the_same_work(app, tables, monkeypatch):
    seen = []
    monkeypatch.setattr(passwords, "fits", lambda password_hash, password: seen.append(password_hash))
    Person(app).sign_in("nobody@nowhere.example", WRONG)
    assert seen == [passwords.hash_of_nobody()]


def test_the_token_is_new_at_every_sign_in(app, alice):
    def token():
        return next(iter(Session.select().where(Session.user == alice.user).order_by(Session.id.desc()))).token_hash

    first = token()
    alice.post("/logout")
    alice.sign_in()
    assert token() != first


def test_a_session_planted_before_the_sign_in_is_worth_nothing(app, alice):
    person = Person(app)
    with person.client.session_transaction() as planted:
        planted["half"], planted["next"] = "planted", "/planted"
    person.sign_in(alice.user.email)
    with person.client.session_transaction() as kept:
        assert "half" not in kept
        assert "next" not in kept


def test_somebody_who_guesses_is_held(app, alice):
    assert fail(app, alice.user.email, throttle.PER_ORIGIN).status == 422
    page = try_it(app, alice.user.email, PASSWORD)
    assert page.status == 429
    assert "choose “Forgot your password?” for a new password" in page.text


def test_a_guesser_elsewhere_does_not_hold_anybody_else(app, alice):
    fail(app, alice.user.email, throttle.PER_ORIGIN + 1)
    assert try_it(app, alice.user.email, PASSWORD, "198.51.100.7").title == "This week"


def test_a_guesser_at_the_same_address_does_not_hold_a_browser_that_signed_in_before(app, alice):
    known = Person(app)
    try_it(app, alice.user.email, PASSWORD, person=known)
    known.post("/logout")
    fail(app, alice.user.email, throttle.PER_ORIGIN + 1)
    assert try_it(app, alice.user.email, PASSWORD, person=known).title == "This week"


def test_guesses_from_everywhere_hold_unknown_browsers_but_not_known_ones(app, alice):
    known = Person(app)
    try_it(app, alice.user.email, PASSWORD, person=known)
    known.post("/logout")
    for number in range(throttle.PER_EMAIL):
        SignInFailure.create(
            email_hash=throttle.Origin(alice.user.email, "").email_hash, origin_hash=throttle.keyed_hash(str(number))
        )
    assert try_it(app, alice.user.email, PASSWORD, "198.51.100.7").status == 429
    assert try_it(app, alice.user.email, PASSWORD, "198.51.100.7", person=known).title == "This week"


def test_a_device_cookie_of_somebody_else_or_made_up_sets_nobody_apart(app, alice, bob):
    fail(app, alice.user.email, throttle.PER_ORIGIN)
    other = Person(app)
    try_it(app, bob.user.email, PASSWORD, person=other)
    other.post("/logout")
    assert try_it(app, alice.user.email, PASSWORD, person=other).status == 429
    forged = Person(app)
    forged.client.set_cookie("portal-device", "eyJpZCI6IngiLCJvZiI6WyJ4Il19.aaaa.bbbb")
    assert try_it(app, alice.user.email, PASSWORD, person=forged).status == 429


def test_one_password_tried_on_many_people_is_held(app, cast, acme, alice):
    people = [cast.user(acme, f"Person{number}", AccessLevel.EMPLOYEE) for number in range(throttle.PER_ADDRESS + 10)]
    answers = [try_it(app, user.email, WRONG).status for user in people]
    assert answers == [422] * throttle.PER_ADDRESS + [429] * 10
    assert try_it(app, people[0].email, PASSWORD).status == 429
    assert try_it(app, people[0].email, PASSWORD, "198.51.100.7").title == "Employee List"


def test_nor_does_the_rest_of_an_ipv6_network_help(app, alice):
    for number in range(throttle.PER_ADDRESS):
        answer = try_it(app, f"person{number}@acme.example", WRONG, f"2001:db8:1:2::{number:x}")
    assert answer.status == 422
    assert try_it(app, alice.user.email, PASSWORD, "2001:db8:1:2:ffff::1").status == 429
    assert try_it(app, alice.user.email, PASSWORD, "2001:db8:1:3::1").title == "This week"


def test_a_colleague_who_tries_many_holds_no_browser_that_signed_in_before(app, alice):
    known = Person(app)
    try_it(app, alice.user.email, PASSWORD, person=known)
    known.post("/logout")
    for number in range(throttle.PER_ADDRESS + 5):
        try_it(app, f"person{number}@acme.example", WRONG)
    assert try_it(app, alice.user.email, PASSWORD, person=known).title == "This week"


def test_an_office_from_which_many_sign_in_may_mistype_more(app, cast, acme):
    people = [cast.user(acme, f"Person{number}", AccessLevel.EMPLOYEE) for number in range(5)]
    for user in people:
        try_it(app, user.email, PASSWORD)
    allowed = throttle.PER_ADDRESS + len(people) * throttle.MORE_FOR_EACH_USER
    answers = [try_it(app, f"new{number}@acme.example", WRONG).status for number in range(allowed + 1)]
    assert answers == [422] * allowed + [429]


def test_a_mailed_link_lets_its_owner_in_however_many_guess(app, alice, mailbox):
    fail(app, alice.user.email, throttle.PER_ORIGIN + 1)
    owner = Person(app)
    owner.client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    assert try_it(app, alice.user.email, PASSWORD, person=owner).status == 429
    owner.get(mailed_reset(app, alice.user, mailbox))
    owner.press("Set the password", {"New password": NEW, "New password again": NEW})
    assert try_it(app, alice.user.email, NEW, person=owner).title == "This week"


def test_guesses_at_the_same_moment_are_all_counted(app, alice):
    def guess(_number):
        return try_it(app, alice.user.email, WRONG).status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(3 * throttle.PER_ORIGIN)))
    assert answers.count(422) <= throttle.PER_ORIGIN


def test_the_limit_ends(app, alice, later):
    fail(app, alice.user.email, throttle.PER_ORIGIN)
    later(minutes=16)
    assert try_it(app, alice.user.email, PASSWORD).title == "This week"


def test_a_refused_sign_in_is_in_the_trail_without_what_was_typed(app, alice):
    typed = "my other secret, by mistake"
    Person(app).sign_in(alice.user.email, typed)
    Person(app).sign_in(typed, PASSWORD)
    entry = AuditEntry.get(AuditEntry.action == "sign-in refused")
    assert (entry.detail["reason"], entry.address) == ("wrong password", "127.0.0.1")
    everything = [str(row.__data__) for model in (AuditEntry, SignInFailure) for row in model.select()]
    assert not any(typed in line for line in everything)


def test_failures_name_nobody_and_are_forgotten_after_a_day(app, alice, later):
    fail(app, alice.user.email, 2)
    assert not any(alice.user.email in str(row.__data__) for row in SignInFailure.select())
    later(hours=25)
    fail(app, "nobody@nowhere.example", 1)
    assert SignInFailure.select().count() == 1


def test_a_password_hash_of_weaker_days_is_renewed(app, alice):
    from argon2 import PasswordHasher

    User.update(password_hash=PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)).execute()
    Person(app).sign_in(alice.user.email)
    assert not passwords.hasher.check_needs_rehash(User.get_by_id(alice.user.id).password_hash)


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example",
     "http:evil.example", "//[", "\\\\evil.example"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(app, alice, next_page):
    page = Person(app)
    page.get("/login", query_string={"next": next_page})
    assert page.press("Sign in", {"Email": alice.user.email, "Password": PASSWORD}).title == "This week"


def test_signing_out_has_the_browser_forget_what_it_kept(alice):
    token = alice.get("/account").soup.find("input", attrs={"name": "csrf_token"})["value"]
    answer = alice.client.post("/logout", data={"csrf_token": token})
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_cookies_are_signed_with_sha256(alice):
    cookies = [alice.client.get_cookie(name) for name in ("portal", "portal-device")]
    assert [len(cookie.value.rpartition(".")[2]) for cookie in cookies] == [43, 43]
