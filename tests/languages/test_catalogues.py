"""What is translated, and whether it still fits what the portal says."""

import ast
from pathlib import Path

from portal import audit_words
from portal.audit_actions import ACTIONS
from tests.languages.pseudo import ROOT


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


def test_everything_that_the_audit_log_says_was_done_can_be_translated():
    written = {
        call.args[1].value
        for path in (ROOT / "portal").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "record" and "sandbox" not in path.parts
        if len(call.args) > 2 and isinstance(call.args[1], ast.Constant)
    }
    said = {audit_words.action(stored).casefold() for stored in written}
    assert said - {words.casefold() for words in ACTIONS} == set()
