"""A template is compiled for each language with its sentences in it, and shows what it would show without that."""

import pytest
from flask.templating import Environment
from markupsafe import Markup

from portal import languages

SOURCES = (
    '<p>{{ _("Save") }} & {{ _("Name, number, job title or email") }}</p>',
    '{{ pgettext("appearance", "Light") }}{{ pgettext("of an employee", "Number") }}',
    '{{ _("100 %") }}{{ _("<b>") }}{{ _("") }}',
    "{% trans %}Save{% endtrans %}{% trans %}No <b>such</b> sentence, 100 %{% endtrans %}",
    "{% trans name=name %}{{ name }} is back.{% endtrans %}{% trans count=2 %}one{% pluralize %}many{% endtrans %}",
    '{{ _("Tick %(name)s", name=name) }}{{ _(name) }}{{ name|default(_("Save")) }}',
    '{{ heroicon_mini("bars-3", size=20, aria_hidden="true") }}{{ heroicon_micro(icon, size=16) }}',
    '{% set _ = twice %}{{ _("Save") }}',
    '{% macro said(words) %}[{{ words }}]{% endmacro %}{{ said(_("Save")) }}',
    '{% set light = pgettext("appearance", "Light") %}{{ light }}{{ light|upper }}{{ "<i>" ~ light }}',
    '{{ ngettext("%(num)s employee", "%(num)s employees", 3) }}{{ _("Save") ~ "<i>" }}',
)  # fmt: skip
VALUES = {"name": "<Zoë>", "icon": "sun", "twice": lambda text: Markup("<i>") + text * 2}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("language", languages.LANGUAGES)
@pytest.mark.parametrize("escapes", [True, False])
def test_a_compiled_sentence_is_the_one_that_would_be_looked_up(app, monkeypatch, source, language, escapes):
    monkeypatch.setattr(app.jinja_env, "autoescape", escapes)
    with languages.speaking(language):
        compiled = app.jinja_env.from_string(source).render(VALUES)
        monkeypatch.setattr(type(app.jinja_env), "_generate", Environment._generate)
        assert compiled == app.jinja_env.from_string(source).render(VALUES)


def test_each_language_has_templates_of_its_own(app):
    shown = {}
    for language in [*languages.LANGUAGES, *languages.LANGUAGES]:
        with languages.speaking(language), app.test_request_context("/"):
            module = app.jinja_env.get_template("macros/frame.html").module
            shown.setdefault(language, set()).add(module.appearance())
    assert {len(found) for found in shown.values()} == {1}
    assert len(set.union(*shown.values())) == len(languages.LANGUAGES)
