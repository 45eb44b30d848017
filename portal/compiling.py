"""How templates are compiled: once for each language.

What a template shows alike each time in that language is worked out then: sentences with nothing filled in, and icons.
"""

import re
from functools import cache
from io import StringIO
from typing import Any

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Macro, missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from portal import languages
from portal.rendering import KEPT, KeptMacro

# Text without any of these is shown as it is.
SPECIAL = re.compile("[&<>'\"]")
ICONS = ("heroicon_micro", "heroicon_mini", "heroicon_outline", "heroicon_solid")


def settled(source: nodes.Template, known: dict[str, Any], *, escapes: bool) -> nodes.Template:
    """The template with its sentences in the language that is spoken now. known: the globals of templates."""
    # What the template itself calls so is something else.
    own = {one.name for one in source.find_all(nodes.Name) if one.ctx != "load"}
    found: nodes.Template = _Settling(known, own, escapes=escapes).visit(source)
    return found


class _Settling(NodeTransformer):
    def __init__(self, known: dict[str, Any], own: set[str], *, escapes: bool):
        self._known, self._own, self._escapes = known, own, escapes

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        values = [*node.args, *(keyword.value for keyword in node.kwargs)]
        if name in self._own or node.dyn_args or node.dyn_kwargs:
            return node
        if not all(isinstance(value, nodes.Const) for value in values):
            return node
        given = [value.as_const() for value in node.args]
        if name in ICONS:
            shown = self._known[name](*given, **{keyword.key: keyword.value.as_const() for keyword in node.kwargs})
        elif name in ("_", "gettext", "pgettext") and not node.kwargs:
            shown = self._known[name](*given) if name == "_" else self._format(name, given)
        else:
            return node
        return nodes.Const(shown, lineno=node.lineno)

    def _format(self, name: str, given: list[str]) -> str:
        """As jinja's own, which takes what the catalogue has for markup and for a format."""
        found = getattr(languages.catalogue(languages.current()), f"u{name}")(*given)
        text: str = (Markup(found) if self._escapes else found) % {"context": given[0]}  # noqa: S704
        return text


class PortalCode(CodeGenerator):
    """Templates as Python, in which what is called is called at once.

    Jinja's own asks each time whether what is called wants the context: here only some globals do.
    """

    def visit_Call(self, node: nodes.Call, frame: Any, forward_caller: bool = False) -> None:
        called = node.node
        known = self.environment.globals.get(called.name) if isinstance(called, nodes.Name) else None
        if hasattr(known, "jinja_pass_arg"):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(called, frame)
        # Each argument is written with a comma before it.
        outer, self.stream = self.stream, StringIO()
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        arguments, self.stream = self.stream.getvalue(), outer
        self.write(f"({arguments.removeprefix(', ')})")

    def _import_common(self, node: Any, frame: Any) -> None:
        if node.with_context:
            super()._import_common(node, frame)
            return
        self.write("imported(")
        self.visit(node.template, frame)
        self.write(")")


class PortalMacro(Macro):
    """A macro that escapes as its own template does, and not as one that calls it."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """As jinja's own, without what few macros have."""
        if self.explicit_caller or self.catch_kwargs or self.catch_varargs:
            return super().__call__(*given, **named)
        rest = self.arguments[len(given) :]
        arguments = [*given, *[named.pop(name, missing) for name in rest]]
        if self.caller:
            arguments.append(named.pop("caller", None) or self._environment.undefined(name="caller"))
        if named or len(given) > self._argument_count:
            # It says what is wrong.
            return super().__call__(*given, **named)
        found = self._func(*arguments)
        return Markup(found) if self._default_autoescape else found  # noqa: S704


def _escaped(value: Any) -> Any:
    """As markupsafe's escape, which makes new markup of all that is given: here it is only put into the page."""
    kind = type(value)
    if kind is Markup or (kind is str and SPECIAL.search(value) is None):
        return value
    return escape(value)


class PortalTemplate(Template):
    """A template whose macros are imported once for all: nothing that differs between requests is a global."""

    @classmethod
    def _from_namespace(cls, environment: Any, namespace: Any, globals: Any) -> Any:
        def find(name: str) -> Any:
            return environment.get_template(name)._get_default_module()

        # A template imports what is compiled for its own language, so it looks once.
        imported = find if environment.auto_reload else cache(find)
        namespace |= {"escape": _escaped, "Macro": PortalMacro, "imported": imported}
        return super()._from_namespace(environment, namespace, globals)

    def _get_default_module(self, ctx: Any = None) -> Any:
        if self._module is None:
            module = self.make_module()
            for name in KEPT.get(self.name or "", ()):
                setattr(module, name, KeptMacro(getattr(module, name)))
            self._module = module
        return self._module


class PortalEnvironment(Environment):
    """Flask's own, where a template begins with the globals as they are, and not with a chain of dictionaries.

    There is a template for each language.
    """

    code_generator_class = PortalCode
    template_class = PortalTemplate

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self._compiled: dict[tuple[str, str], Any] = {}

    def make_globals(self, d: Any) -> Any:
        return self.globals if d is None else super().make_globals(d)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Any:
        """As jinja's own, which asks each time where the one that is imported lies beside its parent."""
        return self._load_template(name, globals) if type(name) is str else super().get_template(name, parent, globals)

    def _load_template(self, name: str, globals: Any) -> Any:
        key = (languages.current(), name)
        found = self._compiled.get(key)
        if found is None or globals or self.auto_reload:
            found = self._compiled[key] = self.loader.load(self, name, self.make_globals(globals))  # type: ignore[union-attr]
        return found

    def _generate(self, source: Any, name: str | None, filename: str | None, defer_init: bool = False) -> str:
        escapes = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        return super()._generate(settled(source, self.globals, escapes=escapes), name, filename, defer_init)
