"""Mails are in the language of the person who receives them."""

import pytest

from portal.auth import links
from portal.auth.models import User
from portal.organisations.models import Organisation
from tests.languages import pseudo
from tests.pages import tree_of


@pytest.fixture(autouse=True)
def spoken(tmp_path):
    with pseudo.spoken(tmp_path):
        yield


def reset_of(app, user):
    with app.app_context():
        links.mail_reset(User.get_by_id(user.id), "https://portal.example/link")


def test_a_mail_is_in_the_language_that_its_receiver_chose(app, bob, mailbox):
    User.update(language=pseudo.LANGUAGE).execute()
    reset_of(app, bob.user)
    mail = mailbox.messages[-1]
    assert mail["Subject"] == pseudo.in_pseudo("Choose a new password for the portal")
    text, page = (part.get_content() for part in mail.iter_parts())
    assert pseudo.in_pseudo("You asked for a new password for the portal.") in page
    assert f'lang="{pseudo.LANGUAGE}" dir="ltr"' in page
    assert pseudo.outside(tree_of(page)) == []
    assert pseudo.in_pseudo("If you did not ask for this, you can ignore this email.") in text


def test_else_in_that_of_the_organisation(app, bob, mailbox):
    reset_of(app, bob.user)
    assert mailbox.messages[-1]["Subject"] == "Choose a new password for the portal"
    Organisation.update(language=pseudo.LANGUAGE).execute()
    reset_of(app, bob.user)
    assert mailbox.messages[-1]["Subject"] == pseudo.in_pseudo("Choose a new password for the portal")
