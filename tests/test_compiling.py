"""A template shows what it would show as jinja's own compiler writes it."""

import pytest
from jinja2 import UndefinedError
from jinja2.compiler import CodeGenerator
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
    """{% macro box(title, kind="plain") %}{{ kind }}:{{ title }}[{{ caller() if caller }}]{% endmacro %}
    {{ box("<") }}{{ box(title=name, kind="b") }}{% call box(name) %}{{ box("in") }}&{% endcall %}""",
    "{% macro all(first) %}{{ first }}{{ varargs|join }}{{ kwargs|length }}{% endmacro %}{{ all(name, 1, 2, b=3) }}",
    "{% macro two() %}{{ caller(1, name) }}{% endmacro %}{% call(one, other) two() %}{{ one }}{{ other }}{% endcall %}",
    '{% for one in "<>" %}{{ loop.cycle("a", "b") }}{{ one.join(["<", "x"]) }}{{ ngettext("a", "b", 2) }}{% endfor %}',
)  # fmt: skip
VALUES = {"name": "<Zoë>", "icon": "sun", "twice": lambda text: Markup("<i>") + text * 2}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("language", languages.LANGUAGES)
@pytest.mark.parametrize("escapes", [True, False])
def test_a_template_shows_what_it_shows_as_jinja_compiles_it(app, monkeypatch, source, language, escapes):
    monkeypatch.setattr(app.jinja_env, "autoescape", escapes)
    with languages.speaking(language):
        compiled = app.jinja_env.from_string(source).render(VALUES)
        monkeypatch.setattr(type(app.jinja_env), "code_generator_class", CodeGenerator)
        assert compiled == app.jinja_env.from_string(source).render(VALUES)


def test_a_macro_says_the_same_sentence_in_each_language(app):
    shown = {}
    for language in [*languages.LANGUAGES, *languages.LANGUAGES]:
        with languages.speaking(language), app.test_request_context("/"):
            module = app.jinja_env.get_template("macros/frame.html").module
            shown.setdefault(language, set()).add(module.appearance())
    assert {len(found) for found in shown.values()} == {1}
    assert len(set.union(*shown.values())) == len(languages.LANGUAGES)


@pytest.mark.parametrize(
    "call", ["box()", 'box("a", "b", "c")', 'box("a", size=1)', 'box("a", title="b")', 'box("a", caller=2)']
)
def test_a_macro_says_what_is_wrong_with_a_call_as_jinja_does(app, monkeypatch, call):
    source = "{% macro box(title, kind='plain') %}{{ title.strip() }}{% endmacro %}{{ " + call + " }}"

    def outcome():
        try:
            return app.jinja_env.from_string(source).render()
        except (TypeError, UndefinedError) as error:
            return type(error), str(error)

    own = outcome()
    monkeypatch.setattr(type(app.jinja_env), "code_generator_class", CodeGenerator)
    assert outcome() == own
