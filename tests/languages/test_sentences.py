"""Sentences say themselves in the reader's language, and English to programs."""

import json
from datetime import date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.support import Translations
from flask_wtf import FlaskForm
from markupsafe import escape
from wtforms import RadioField

from portal import languages
from portal.languages import catalogues, gettext, joined, listed, ngettext, pgettext, read, sentences, speaking, stored
from portal.languages.columns import SentenceField, SentencesField
from portal.templating import file_size

SAID = [
    ("%(name)s is back since %(day)s.", "Seit %(day)s ist %(name)s zurück.", None),
    (("%(num)s person waits.", "%(num)s people wait."), ("%(num)s Person wartet.", "%(num)s Personen warten."), None),
    ("Open", "Öffnen", "button"),
    ("Open", "Offen", None),
    ("Try again.", "Versuchen Sie es noch einmal.", None),
]


@pytest.fixture
def german(monkeypatch):
    """A German that has these sentences and no others."""
    catalogue, packed = Catalog(locale="de"), BytesIO()
    for english, translation, context in SAID:
        catalogue.add(english, translation, context=context)
    write_mo(packed, catalogue)
    packed.seek(0)
    monkeypatch.setattr(sentences, "catalogue", {"en": catalogues.catalogue("en"), "de": Translations(packed)}.get)


def shown(text):
    with speaking("de"):
        return str(escape(text))


def test_a_sentence_is_english_and_a_page_shows_it_in_the_readers_language(german):
    back = gettext("%(name)s is back since %(day)s.", name="<Ada>", day=languages.day(date(2026, 11, 24)))
    assert back == "<Ada> is back since 24 Nov 2026."
    assert json.dumps(back) == '"<Ada> is back since 24 Nov 2026."'
    assert shown(back) == "Seit 24.11.2026 ist &lt;Ada&gt; zurück."


def test_each_language_counts_in_its_own_way(german):
    assert ngettext("%(num)s person waits.", "%(num)s people wait.", 1) == "1 person waits."
    many = ngettext("%(num)s person waits.", "%(num)s people wait.", 1200)
    assert many == "1,200 people wait."
    assert shown(many) == "1.200 Personen warten."


def test_the_same_english_may_mean_two_things(german):
    assert shown(pgettext("button", "Open")) == "Öffnen"
    assert shown(gettext("Open")) == "Offen"


@pytest.mark.parametrize(
    ("sentence", "german_text"),
    [
        (gettext("Try again."), "Versuchen Sie es noch einmal."),
        (ngettext("%(num)s person waits.", "%(num)s people wait.", 2), "2 Personen warten."),
        (joined(gettext("Try again."), "", gettext("Open")), "Versuchen Sie es noch einmal. Offen"),
        (listed(["Ada", "Grace", gettext("Open")]), "Ada, Grace und Offen"),
        (gettext("%(name)s is back since %(day)s.", name="Ada",
                 day=languages.moment(datetime.fromisoformat("2026-11-24T09:05:00+00:00"), ZoneInfo("Europe/Berlin"))),
         "Seit 24.11.2026, 10:05 MEZ ist Ada zurück."),
        (gettext("Nobody has translated this."), "Nobody has translated this."),
    ],
)  # fmt: skip
def test_a_sentence_that_was_kept_is_said_later_in_another_language(german, sentence, german_text):
    kept = stored(sentence)
    assert kept.startswith(sentence)
    assert read(kept) == sentence
    assert shown(read(kept)) == german_text


def test_text_that_was_kept_before_is_read_as_it_is(german):
    assert read("Ada said 100 % of it.") == "Ada said 100 % of it."
    assert shown(read("Try again.")) == "Versuchen Sie es noch einmal."


def test_what_the_library_of_forms_says_is_in_the_readers_language_too(app):
    form_class = type("OneChoice", (FlaskForm,), {"kind": RadioField(choices={"a": "A"})})
    said = []
    for language in ("en", "de", "fr"):
        with app.test_request_context(method="POST", headers={"Accept-Language": language}):
            form = form_class(meta={"csrf": False})
            form.validate()
            said += form.kind.errors
    assert said[0] == "Not a valid choice."
    assert len(set(said)) == 3


def test_days_and_sizes_are_written_as_each_language_does():
    tuesday = date(2026, 11, 24)
    assert languages.weekday(tuesday) == "Tuesday 24 November"
    assert languages.full_day(tuesday) == "Tuesday 24 November 2026"
    assert languages.weekday(tuesday).in_language("fr") == "mardi 24 novembre"
    assert languages.full_day(tuesday).in_language("de") == "Dienstag, 24. November 2026"
    assert file_size(1_500_000).in_language("de") == "1,5 MB"
    assert read(stored(gettext("In %(city)s", city=languages.city("Asia/Tokyo")))).in_language("de") == "In Tokio"


def test_no_text_stays_no_text_in_every_language(german):
    assert shown(gettext("")) == ""


def test_a_template_writes_the_number_of_a_sentence_as_the_reader_does(app):
    sentence = app.jinja_env.from_string("{{ ngettext('%(num)s seat', '%(num)s seats', count) }}")
    with app.test_request_context():
        assert sentence.render(count=1) == "1 seat"
        assert sentence.render(count=16034) == "16,034 seats"
        with speaking("de"):
            assert "16.034" in sentence.render(count=16034)


@pytest.mark.parametrize("name", ["a\x1eb", "\x1e", 'x\x1e{"id": "Try again."}', "\x1e\x1e["])
def test_the_sign_between_a_sentence_and_its_parts_may_be_in_what_is_filled_in(german, name):
    kept = stored(gettext("%(name)s is back since %(day)s.", name=name, day="1"))
    again = read(kept)
    assert shown(again) == str(escape(f"Seit 1 ist {name} zurück."))
    assert stored(again) == kept
    assert read(stored(joined(name, gettext("Try again.")))) == joined(name, gettext("Try again."))
    for field in (SentenceField(), SentencesField()):
        assert field.python_value(field.db_value(name)) == name.replace("\x1e", "")


@pytest.mark.parametrize("kept", ["a\x1eb", "a\x1e{", 'a\x1e{"joined": 1}', 'a\x1e{"x": 1}'])
def test_a_sentence_whose_parts_are_damaged_is_its_text(kept):
    assert read(kept).startswith("a")
