"""What of a page is kept between requests: it shows the same as if it were not."""

import pytest
from flask import url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import nodes
from markupsafe import Markup
from wtforms import Form, SelectField
from wtforms.fields import SelectChoice
from wtforms.widgets import Select

from portal import languages, rendering
from portal.languages import Said

# Functions of templates that tell the same of the same arguments, for an address's own ground (see `rendering.ground`).
PURE = {
    "csrf",
    "heroicon_micro",
    "heroicon_mini",
    "heroicon_outline",
    "heroicon_solid",
    "url_for",
    "asset",
    "namespace",
    "dict",
    "_",
    "gettext",
    "ngettext",
    "pgettext",
    "begun",
    "colon",
    "number",
}
FILTERS = {
    "trim",
    "local_date",
    "in_zone",
    "replace",
    "join",
    "upper",
    "first",
    "sum",
    "capitalize",
    "string",
    "length",
    "lower",
    "truncate",
    "select",
}


@pytest.mark.parametrize("template", rendering.KEPT)
def test_a_kept_macro_asks_for_nothing_but_its_arguments(app, template):
    source = app.jinja_env.loader.get_source(app.jinja_env, template)[0]
    parsed = app.jinja_env.parse(source)
    macros = {macro.name: macro for macro in parsed.find_all(nodes.Macro)}
    imported = {
        name if isinstance(name, str) else name[0] for one in parsed.find_all(nodes.FromImport) for name in one.names
    }
    everywhere = {name for names in rendering.KEPT.values() for name in names}
    assert set(rendering.KEPT[template]) <= set(macros)
    for name in rendering.KEPT[template]:
        seen = list(macros[name].find_all(nodes.Name))
        own = {one.name for one in seen if one.ctx in ("store", "param")} | {"caller", "loop"}
        # A neighbour that it uses is looked at too, kept or not.
        asked = {one.name for one in seen if one.ctx == "load"} - own - PURE
        assert asked <= everywhere | (set(macros) & {"sub_link"}), name
        assert asked - set(macros) <= imported, name
        assert {one.name for one in macros[name].find_all(nodes.Filter)} <= FILTERS, name


@pytest.mark.parametrize(
    "values", [{}, {"employee_id": 7}, {"employee_id": 7, "after": 3, "q": "a%d b"}, {"after": None}]
)
@pytest.mark.parametrize("place", ["/people/employees", "/provisioning/matching?app=google-workspace"])
def test_an_address_is_the_one_that_flask_gives(app, values, place):
    endpoints = ["people.profile" if "employee_id" in values else "employee_list.show", "day_one.show", ".show"]
    for root in ("", "/hr"):
        with app.test_request_context(place, environ_overrides={"SCRIPT_NAME": root}):
            for endpoint in endpoints if "employee_id" not in values else endpoints[:1]:
                for _ in range(2):
                    if endpoint != ".show" or "matching" in place:
                        assert rendering.url_for(endpoint, **values) == url_for(endpoint, **values)


def test_a_kept_macro_escapes_what_it_is_given_each_time(app):
    with app.test_request_context("/"):
        row = app.jinja_env.get_template("macros/ui.html").module.row
        for _ in range(2):
            assert "&lt;b&gt;" in row("Name", "<b>")
            assert "<b>" in row("Name", Markup("<b>"))


def test_each_user_sees_their_own_menu(alice, cast, acme, mallory):
    for _ in range(2):
        own, other = alice.get("/people/employees"), mallory.get("/people/employees")
        assert "Acme" in own.text
        assert "Acme" not in other.text


def test_what_is_kept_has_the_token_of_its_own_request(app):
    button = app.jinja_env.get_template("macros/forms.html").module.post_button
    shown = []
    for _ in range(2):
        with app.test_request_context("/"):
            shown.append((button("Ignore", "/ignore"), generate_csrf()))
    assert all(f'value="{token}"' in markup for markup, token in shown)
    assert shown[0][0] != shown[1][0]
    assert rendering.TOKEN_PLACE not in "".join(markup for markup, _ in shown)


def test_a_macro_is_kept_for_what_is_in_a_list_and_not_for_the_list(app):
    drawn = []
    shown = rendering.KeptMacro(lambda value: drawn.append(value) or repr(value))
    items, nothing = ["a", ("b", True)], app.jinja_env.undefined("left out")
    with app.test_request_context("/"):
        alike = ["a", ("b", 1)]
        for value in (items, items, list(items), tuple(items), alike, {"a": "b"}, {"a": "b"}, nothing, nothing):
            assert shown(value) == repr(value)
        items.append("c")
        assert shown(items) == repr(items)
        assert shown("") == "''"
    assert len(drawn) == 7


def test_no_more_is_kept_of_a_macro_than_the_latest(app, monkeypatch):
    monkeypatch.setattr(rendering, "MOST", 3)
    row = rendering.KeptMacro(lambda label, value="": f"{label}: {value}")
    with app.test_request_context("/"):
        for number in [*range(5), *range(5)]:
            assert row("Number", value=number) == f"Number: {number}"
    assert len(row._kept) <= 3


def test_the_menu_tells_the_open_page_from_what_lies_below_it(alice, cast, acme):
    below = f"/people/employees/{cast.employee(acme, 'Wei', 'Zhang').id}"
    for address, here in (("/people/employees", "page"), (below, "true"), ("/people/employees", "page")):
        link = alice.get(address).soup.select_one(".sidebar-page.is-here")
        assert (link.get_text(strip=True), link["aria-current"]) == ("Employee List", here)


ALIKE_TO_PYTHON = [
    ("<b>A</b>", Markup("<b>A</b>")),
    (True, 1),
    (Said("Open", lambda language: "Öffnen"), Said("Open", lambda language: "Offen")),
]


@pytest.mark.parametrize("values", ALIKE_TO_PYTHON)
def test_what_is_equal_and_looks_otherwise_is_not_taken_for_each_other(app, values):
    tabs = app.jinja_env.get_template("macros/ui.html").module.tabs
    assert values[0] == values[1]
    with app.test_request_context("/"), languages.speaking("de"):
        one, other = (tabs(((value, "/", True),), "Parts") for value in values)
        assert one != other
        assert other == tabs(((values[1], "/", True),), "Parts")
        assert [one, other] == [tabs.each([((value, "/", True),)], "Parts") for value in values]


def test_each_language_has_what_is_kept_of_its_own(app):
    sentence = Said("Open", lambda language: "Offen")
    tabs = app.jinja_env.get_template("macros/ui.html").module.tabs
    for language, words in (("en", "Open"), ("de", "Offen")):
        with app.test_request_context("/"), languages.speaking(language):
            assert words in tabs(((sentence, "/", True),), "Parts")


def test_rows_that_are_not_plain_are_refused(app, acme):
    tabs = app.jinja_env.get_template("macros/ui.html").module.tabs
    with app.test_request_context("/"), pytest.raises(TypeError, match="not plain"):
        tabs.each([((acme, "/", True),)], "Parts")


HOSTILE = {"": 'A "quoted" <b>', "q\"'<>&": "it's", "m": Markup("<i>x</i>"), "e": ""}


class Choices(Form):
    words = SelectField(choices=[SelectChoice(*each) for each in HOSTILE.items()], default="m")
    numbers = SelectField(choices=[SelectChoice(1, "One"), SelectChoice(0, "None")], coerce=int, default=0)
    more = SelectField(
        choices=[SelectChoice("v", "w", render_kw={"disabled": True}), SelectChoice("w", optgroup="<g>")]
    )


def test_an_option_that_is_kept_is_as_wtforms_draws_it():
    for _ in ("at first", "kept"):
        for field in Choices():
            assert rendering.KeptOptions()(field) == Select()(field)
