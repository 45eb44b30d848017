"""No page, email, message or document has a word of tests/forbidden-words.csv.

Each page that a test opens is read too (tests/page_checks.py), and so is each email (tests/conftest.py). The tests
here read what needs no page.
"""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests import wording
from tests.pages import tree_of
from tests.test_docs import PAGES, ROOT

# Documents for developers may say what the code says.
FOR_DEVELOPERS = {"CONTRIBUTING.md", "benchmarks.md", "design-notes.md", "glossary.md", "house.md", "sandbox.md"}
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.*")) if "sandbox" not in path.parts]
# What the sandbox says is Microsoft's, and a migration is never changed.
MODULES = [
    path
    for path in sorted((ROOT / "portal").rglob("*.py"))
    if not {"sandbox", "migrations"} & set(path.relative_to(ROOT).parts)
]
EMPLOYEES = "/people/employees"
CODE = re.compile(r"`[^`\n]*`")
# Python's own tokenizer takes two seconds for all the files, and finds the same comments.
TEXT_OR_COMMENT = re.compile(
    r'''(?s:"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\')|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|(#.*)'''
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def of_template(source: str) -> list[str]:
    """Text between tags, spoken attributes, and the texts that are handed to macros."""
    source = re.sub(r"(?s)\{#.*?#\}", "", source)
    code = re.findall(r"(?s)\{[{%].*?[}%]\}", source)
    handed = [text for piece in code for text in re.findall(r'"([^"]*)"', piece) if " " in text or text[:1].isupper()]
    tree = tree_of(re.sub(r"(?s)\{[{%].*?[}%]\}", "…", source))
    return wording.sentences_of(tree) + handed


@cache
def texts_of(source: str) -> tuple[list[str], list[str]]:
    """Docstrings of a module, and its other texts with a space in them. Two tests read them; the nodes are let go."""
    nodes = list(ast.walk(ast.parse(source)))
    notes = docstrings(nodes)
    told = {id(node) for node in notes}
    texts = [str(node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
             and id(node) not in told]  # fmt: skip
    return [str(node.value) for node in notes], [text for text in texts if " " in text]


def docstrings(nodes: list[ast.AST]) -> list[ast.Constant]:
    firsts = [node.body[0] for node in nodes if isinstance(node, DOCUMENTED) and node.body]
    values = [first.value for first in firsts if isinstance(first, ast.Expr)]
    return [value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def messages(source: str) -> list[str]:
    """Texts of a module: those with a space in them, and none of its docstrings."""
    return texts_of(source)[1]


def remarks(source: str) -> list[str]:
    """Docstrings and comments, without the code in them."""
    comments = [found[1] for found in TEXT_OR_COMMENT.finditer(source) if found[1]]
    return [" ".join(CODE.sub("", text).split()) for text in [*comments, *texts_of(source)[0]]]


def paragraphs(source: str) -> list[str]:
    """Paragraphs of a document, without the code in them."""
    prose = CODE.sub("", re.sub(r"(?ms)^```.*?^```|^ {4,}.*?$", "", source))
    return [" ".join(paragraph.split()) for paragraph in prose.split("\n\n")]


def forbidden_in(paths: list[Path], sentences: Callable[[str], list[str]], where: str) -> dict[str, list[str]]:
    """What is wrong in these files, by name."""
    found = {path: wording.problems(sentences(path.read_text(encoding="utf-8")), where) for path in paths}
    return {str(path.relative_to(ROOT)): problems for path, problems in found.items() if problems}


def test_no_template_has_a_forbidden_word():
    assert forbidden_in(TEMPLATES, of_template, wording.PAGES) == {}


def test_no_message_of_the_portal_has_a_forbidden_word():
    assert forbidden_in(MODULES, messages, wording.PAGES) == {}


def test_no_docstring_or_comment_has_a_forbidden_word():
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert forbidden_in([*MODULES, *tests], remarks, wording.EVERYWHERE) == {}


def test_no_document_has_a_forbidden_word():
    ours = [path for path in PAGES if path.name in FOR_DEVELOPERS]
    theirs = [path for path in PAGES if path not in ours]
    assert forbidden_in(ours, paragraphs, wording.EVERYWHERE) | forbidden_in(theirs, paragraphs, wording.PAGES) == {}


def test_a_word_is_found_in_what_a_person_reads_and_hears():
    read = "<p>The <b>seal</b>ed list <code>sealed</code></p><pre>sealed</pre>"
    spoken = '<input title="It is at hand" placeholder="SEALED" value="sealed">'
    found = wording.on_page(tree_of(read + spoken), EMPLOYEES)
    assert found == [
        "'sealed' in “The sealed list”: write encrypted, or chained (one name for one thing)",
        "'SEALED' in “SEALED”: write encrypted, or chained (one name for one thing)",
        "'at hand' in “It is at hand”: write ready, or under way (a translation)",
    ]


@pytest.mark.parametrize(("path", "allowed"), [("/settings/add-ons/microsoft-365/settings", True), (EMPLOYEES, False)])
def test_only_a_page_of_an_it_administrator_says_tenant(path, allowed):
    found = wording.on_page(tree_of("<p>Your tenant must grant User.ReadWrite.All.</p>"), path)
    assert (found == []) is allowed


def test_each_word_is_there_once_with_a_better_one_and_a_reason():
    assert len({word.word for word in wording.WORDS}) == len(wording.WORDS)
    assert all(word.better and word.why for word in wording.WORDS)
    assert {word.where for word in wording.WORDS} == {wording.HR_PAGES, wording.PAGES, wording.EVERYWHERE}
