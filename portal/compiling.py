"""How templates become Python, where jinja's own way costs a page a twelfth of its time. The design notes say more.

It goes by what jinja keeps to itself, which a new version may change: tests/test_compiling.py compares both.
"""

from io import StringIO
from typing import Any

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator

from portal.rendering import KEPT, KeptMacro


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


class PortalTemplate(Template):
    """A template whose macros are imported once for all: nothing that differs between requests is a global."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        if self._module is None:
            module = self.make_module()
            for name in KEPT.get(self.name or "", ()):
                setattr(module, name, KeptMacro(getattr(module, name)))
            self._module = module
        return self._module


class PortalEnvironment(Environment):
    """Flask's own, with the code and the templates above."""

    code_generator_class = PortalCode
    template_class = PortalTemplate
