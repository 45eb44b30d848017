"""What is translated, and whether it still fits what the portal says."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from portal.languages import ENGLISH, LANGUAGES
from portal.languages.catalogues import FOLDER
from tests.languages.pseudo import ROOT, collected, marked

TRANSLATED = sorted(set(LANGUAGES) - {ENGLISH})
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
TAG = re.compile(r"</?\w+")


def read(name: str, locale: str | None = None) -> Catalog:
    with (FOLDER / name).open("rb") as file:
        return read_po(file, locale=locale)


def ids(catalogue: Catalog) -> set:
    return {(message.context, message.id) for message in catalogue if message.id}


def forms(text) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def test_all_that_is_marked_is_collected():
    found = ids(marked())
    assert len(found) > 500
    assert ids(read("messages.pot")) == found, "run `make languages`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated_into(language):
    catalogue = read(f"{language}.po", language)
    assert ids(catalogue) == ids(collected()), "run `make languages`"
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert [message.id for message in catalogue if message.id and not all(forms(message.string))] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_plurals_of_the_language_and_what_is_filled_in(language):
    catalogue = read(f"{language}.po", language)
    wrong = []
    for message in catalogue:
        if message.id and all(forms(message.string)):
            several = isinstance(message.id, tuple)
            if len(forms(message.string)) != (catalogue.num_plurals if several else 1):
                wrong.append(message.id)
            for pattern in (PLACEHOLDER, TAG):
                # "one person" need not show the number.
                wanted = [
                    set(pattern.findall(form)) - ({"%(num)s"} if several else set()) for form in forms(message.id)
                ]
                found = [
                    set(pattern.findall(form)) - ({"%(num)s"} if several else set()) for form in forms(message.string)
                ]
                if any(one not in wanted for one in found):
                    wrong.append(message.id)
    assert wrong == []


def _named_so(function: ast.AST) -> bool:
    """Whether something in the function is called `_`, and `_("…")` is called in it too."""
    nodes = list(ast.walk(function))
    # A name of a comprehension is its own.
    inner = {id(name) for node in nodes if isinstance(node, ast.comprehension) for name in ast.walk(node.target)}
    names = [node for node in nodes if isinstance(node, ast.Name) and node.id == "_" and id(node) not in inner]
    return {type(name.ctx) for name in names} == {ast.Store, ast.Load}


def test_nothing_else_is_called_as_the_function_that_translates():
    found = {}
    for file in Path(ROOT / "portal").rglob("*.py"):
        text = file.read_text()
        if "gettext as _" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.Lambda) and _named_so(node):
                    found[f"{file.relative_to(ROOT)}:{node.lineno}"] = getattr(node, "name", "")
    assert found == {}
