"""Mails are in the language of the person who receives them."""

import pytest

from portal.auth import links
from portal.auth.models import User
from portal.candidate_care import texts as candidates
from portal.languages import LANGUAGES
from portal.mail import texts as mail_texts
from portal.notices import texts as notices
from portal.organisations.models import Organisation
from tests.languages import pseudo
from tests.pages import tree_of


@pytest.fixture
def spoken(tmp_path):
    with pseudo.spoken(tmp_path):
        yield


def reset_of(app, user):
    with app.app_context():
        links.mail_reset(User.get_by_id(user.id), "https://portal.example/link")


def test_a_mail_is_in_the_language_that_its_receiver_chose(app, bob, mailbox, spoken):
    User.update(language=pseudo.LANGUAGE).execute()
    reset_of(app, bob.user)
    mail = mailbox.messages[-1]
    assert mail["Subject"] == pseudo.in_pseudo("Choose a new password for the portal")
    text, page = (part.get_content() for part in mail.iter_parts())
    assert pseudo.in_pseudo("You asked for a new password for the portal.") in page
    assert f'lang="{pseudo.LANGUAGE}" dir="ltr"' in page
    assert pseudo.outside(tree_of(page)) == []
    assert pseudo.in_pseudo("If you did not ask for this, you can ignore this email.") in text


def test_else_in_that_of_the_organisation(app, bob, mailbox, spoken):
    reset_of(app, bob.user)
    assert mailbox.messages[-1]["Subject"] == "Choose a new password for the portal"
    Organisation.update(language=pseudo.LANGUAGE).execute()
    reset_of(app, bob.user)
    assert mailbox.messages[-1]["Subject"] == pseudo.in_pseudo("Choose a new password for the portal")


TEXTS = {
    "login information": {language: mail_texts.DEFAULTS[language] for language in LANGUAGES},
    "resend": {language: mail_texts.DEFAULTS[language + mail_texts.AGAIN] for language in LANGUAGES},
    "pass": {language: mail_texts.DEFAULTS[language + mail_texts.PASS] for language in LANGUAGES},
    "without a password": mail_texts.WITHOUT_PASSWORD,
    **{f"notice {kind}": {one: notices.TEXTS[kind, one] for one in LANGUAGES} for kind, _ in notices.TEXTS},
    **{f"candidate {kind}": {one: candidates.DEFAULTS[kind, one] for one in LANGUAGES} for kind in candidates.Kind},
}


def filled_in(text):
    found = set(mail_texts.PLACEHOLDER.findall(text.subject + text.body))
    return {"name" if one == "first_name" else one for one in found}


@pytest.mark.parametrize("about", TEXTS)
def test_what_organisations_may_change_is_there_in_every_language(about):
    english, *others = (TEXTS[about][language] for language in LANGUAGES)
    assert all(filled_in(other) == filled_in(english) for other in others)
    assert len({text.body for text in (english, *others)}) == len(LANGUAGES)
    assert max(map(len, "".join(text.body for text in others).splitlines())) < 121


def test_before_a_link_each_language_says_to_look_there():
    values = {"password": "behind the link", "link": "https://portal.example/x"}
    texts = [mail_texts.DEFAULTS[language].body for language in LANGUAGES]
    assert all(
        mail_texts.filled(text, values) != mail_texts.filled(text, {"password": values["password"]}) for text in texts
    )


@pytest.mark.parametrize(
    ("countries", "language"), [("DE AT CH LI", "de"), ("FR LU MC", "fr"), ("ES MX AR", "es"), ("GB BE NL JP", "en")]
)
def test_by_country_a_mail_is_in_what_most_people_there_use(countries, language):
    for country in (*countries.split(), ""):
        assert mail_texts.language_for(mail_texts.BY_COUNTRY, country) == (language if country else "en")
