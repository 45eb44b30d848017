"""What is translated, and whether it still fits what the portal says."""

import ast
from pathlib import Path

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
