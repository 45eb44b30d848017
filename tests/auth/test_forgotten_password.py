"""A forgotten password: a mailed link that works once, and says nothing about who is a user."""

import pytest

from portal.auth import jobs, links
from portal.auth.models import PasswordReset, Session, User
from portal.worker import queue
from tests.auth.conftest import NEW, link_in, mailed_reset
from tests.cast import PASSWORD, Person


def ask(app, email):
    person = Person(app)
    person.get("/forgot-password")
    return person.press("Send the link", {"Email": email})


def choose(app, link, password=NEW, again=None):
    person = Person(app)
    person.get(link)
    return person.press("Set the password", {"New password": password, "New password again": again or password})


def without_what_differs(page):
    return (page.status, page.url, page.text)


def test_a_known_and_an_unknown_address_get_the_same_answer(app, alice):
    known, unknown = ask(app, alice.user.email), ask(app, "nobody@nowhere.example")
    assert without_what_differs(known) == without_what_differs(unknown)
    assert "If a user signs in with that address" in known.text


def test_what_waits_in_the_queue_holds_no_link_and_no_address(app, alice):
    queue.flush()
    ask(app, alice.user.email)
    ask(app, "nobody@nowhere.example")
    first, second = queue.pending()
    assert (first.args, second.args) == ((alice.user.id,), (0,))
    assert isinstance(first, type(jobs.send_password_reset.s(0)))
    queue.flush()


def test_the_mailed_link_sets_a_new_password(app, alice, mailbox):
    page = choose(app, mailed_reset(app, alice.user, mailbox))
    assert "Your password is set" in page.text
    assert "Wrong email address or password" in Person(app).sign_in(alice.user.email, PASSWORD).text
    assert Person(app).sign_in(alice.user.email, NEW).title == "This week"


def test_the_link_works_once(app, alice, mailbox):
    link = mailed_reset(app, alice.user, mailbox)
    choose(app, link)
    assert Person(app).get(link).status == 404


def test_opening_the_link_does_not_spend_it(app, alice, mailbox):
    link = mailed_reset(app, alice.user, mailbox)
    for _ in range(3):
        assert Person(app).get(link).status == 200


def test_a_page_left_open_cannot_use_the_link_again(app, alice, mailbox):
    link, slow = mailed_reset(app, alice.user, mailbox), Person(app)
    slow.get(link)
    choose(app, link)
    assert slow.press("Set the password", {"New password": NEW, "New password again": NEW}).status == 404


def test_the_link_ends_after_an_hour(app, alice, mailbox, later):
    link = mailed_reset(app, alice.user, mailbox)
    later(minutes=61)
    assert Person(app).get(link).status == 404


def test_a_new_password_signs_out_everywhere_and_ends_other_links(app, alice, mailbox):
    first = mailed_reset(app, alice.user, mailbox)
    choose(app, mailed_reset(app, alice.user, mailbox))
    assert Session.select().where(Session.user == alice.user).count() == 0
    assert alice.get("/people/employees").title == "Sign in"
    assert Person(app).get(first).status == 404


def test_a_deactivated_user_gets_no_mail_and_an_older_link_opens_nothing(app, alice, bob, mailbox):
    link = mailed_reset(app, bob.user, mailbox)
    User.update(enabled=False).where(User.id == bob.user.id).execute()
    with app.app_context():
        assert not links.send_reset(User.get_by_id(bob.user.id))
    assert Person(app).get(link).status == 404


def test_nobody_is_flooded_with_mails(app, alice, mailbox):
    with app.app_context():
        sent = [links.send_reset(alice.user) for _ in range(5)]
    assert sent == [True, True, True, False, False]


def test_the_address_of_the_link_is_the_portals_own_whatever_the_request_called_it(app, alice, mailbox):
    client = app.test_client()
    client.get("/forgot-password", headers={"Host": "evil.example"})
    assert mailed_reset(app, alice.user, mailbox).startswith("/set-password")
    assert "evil.example" not in mailbox.messages[-1].as_string()


def test_only_the_hash_of_a_link_is_kept(app, alice, mailbox):
    token = mailed_reset(app, alice.user, mailbox).partition("=")[2]
    row = PasswordReset.get(PasswordReset.user == alice.user)
    assert token not in str(row.__data__)
    assert token not in mailbox.messages[-1]["Subject"]


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "at least 12"),
        ("x" * 300, "256"),
        ("aaaaaaaaaaaaaa", "first an attacker tries"),
        ("password123456", "first an attacker tries"),
        ("qwertyuiopasdf", "first an attacker tries"),
        ("Alice-Acme-2024", "first an attacker tries"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_and_the_link_stays(app, alice, mailbox, password, words):
    link = mailed_reset(app, alice.user, mailbox)
    page = choose(app, link, password)
    assert page.status == 422
    assert words in page.text
    assert "Your password is set" in choose(app, link).text


def test_two_different_passwords_are_refused(app, alice, mailbox):
    page = choose(app, mailed_reset(app, alice.user, mailbox), NEW, "something else entirely")
    assert "differ" in page.text


@pytest.mark.parametrize("token", ["", "x", "%00", "a" * 5000])
def test_a_made_up_link_opens_nothing(app, tables, token):
    assert Person(app).get(f"/set-password?token={token}").status == 404


def test_the_mail_says_who_it_is_for_and_how_long_it_works(app, alice, mailbox):
    link = mailed_reset(app, alice.user, mailbox)
    text = mailbox.text(mailbox.messages[-1])
    assert link in text
    assert link_in(mailbox.messages[-1]) == link
    assert "one hour" in text
