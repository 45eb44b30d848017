"""$filter, read into an SQL expression.

https://learn.microsoft.com/graph/filter-query-parameter and https://learn.microsoft.com/graph/aad-advanced-queries
"""

import operator
import re
from typing import Any

from portal.sandbox.odata.kinds import Findable, Kind, fold, value_of
from portal.sandbox.refusals import Refusal, malformed, unsupported
from portal.sandbox.state.models import Licence

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)(?![\w-])"
    r"|(?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})|(?P<word>[$A-Za-z_][$\w./]*)"
    r"|(?P<number>-?\d+)|(?P<sign>[(),:]))"
)
COMPARE = {"eq": operator.eq, "ne": operator.ne, "ge": operator.ge, "le": operator.le}
OPERATORS = {*COMPARE, "gt", "lt", "in", "has"}
MOST_IN_A_LIST = 15


def invalid(why: str = "") -> Refusal:
    return malformed(f"Invalid filter clause{': ' + why if why else '.'}")


def compiled(text: str, kind: Kind, model: Any, *, advanced: bool) -> Any:
    """The condition as an expression over the model. Raises Refusal."""
    return _Parser(text, kind, model, advanced).parse()


class _Parser:
    """A recursive parser of the part of $filter that the directory has."""

    def __init__(self, text: str, kind: Kind, model: Any, advanced: bool):
        self.kind, self.model, self.advanced = kind, model, advanced
        self.tokens = _split(text)
        self.at = 0
        self.negated = False

    def parse(self) -> Any:
        condition = self._either()
        if self._peek():
            raise invalid(f"Syntax error at '{self._peek()}'.")
        return condition

    def _next(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise invalid("Syntax error.")
        self.at += 1
        return token

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _either(self) -> Any:
        condition = self._both()
        while self._peek().lower() == "or":
            self._next()
            condition = condition | self._both()
        return condition

    def _both(self) -> Any:
        condition = self._one()
        while self._peek().lower() == "and":
            self._next()
            condition = condition & self._one()
        return condition

    def _one(self) -> Any:
        token = self._next()
        if token == "(":
            condition = self._either()
            self._next(")")
            return condition
        if token.lower() == "not":
            return self._negation()
        if token.lower() in ("startswith", "endswith", "contains"):
            return self._function(token.lower())
        if token.endswith("/any"):
            return self._any(token.removesuffix("/any"))
        if token.endswith("/$count"):
            return self._count(token.removesuffix("/$count"))
        return self._comparison(token)

    def _negation(self) -> Any:
        if not self.advanced:
            raise unsupported()
        self.negated = True
        condition = self._one()
        self.negated = False
        return ~condition

    def _findable(self, name: str, wanted: str) -> Findable:
        """The property, if the operator works on it. Raises Refusal."""
        found = self.kind.properties.get(name)
        if found is None and name.partition("/")[0] not in self.kind.known:
            raise invalid(f"Could not find a property named '{name}' on type 'microsoft.graph.{self.kind.name}'.")
        if found is None or wanted not in (found.advanced if self.advanced else found.plain):
            raise self._not_on(name)
        return found

    def _not_on(self, name: str) -> Refusal:
        resource = self.kind.name.capitalize()
        return unsupported(
            f"Unsupported or invalid query filter clause specified for property '{name}' of resource '{resource}'."
        )

    def _function(self, name: str) -> Any:
        self._next("(")
        path = self._next()
        self._next(",")
        wanted = fold(_literal(self._next()))
        self._next(")")
        if not isinstance(wanted, str):
            raise invalid()
        expression = value_of(self.model, path, self._findable(path, name))
        if name == "startswith":
            return (expression >= wanted) & (expression < wanted + "\U0010ffff")
        return expression.endswith(wanted)

    def _any(self, name: str) -> Any:
        """proxyAddresses/any(p:p eq 'smtp:a@b.c')"""
        self._next("(")
        variable = self._next()
        self._next(":")
        condition = self._inner(name, variable)
        while self._peek().lower() in ("and", "or"):
            joined = self._next().lower()
            other = self._inner(name, variable)
            condition = condition & other if joined == "and" else condition | other
        self._next(")")
        return condition

    def _inner(self, name: str, variable: str) -> Any:
        token = self._next()
        if token.lower() in ("startswith", "endswith"):
            verb = token.lower()
            self._next("(")
            path = self._next()
            self._next(",")
            value = _literal(self._next())
            self._next(")")
        else:
            path, verb, value = token, self._next().lower(), _literal(self._next())
        if not path.startswith(variable) or (verb == "endswith" and not self.advanced):
            raise unsupported()
        full = name + path.removeprefix(variable)
        fits = self.kind.collections.get(full)
        if fits is None or verb not in ("eq", "startswith", "endswith"):
            raise self._not_on(name)
        return fits(self.model, full, verb, fold(value))

    def _count(self, name: str) -> Any:
        """assignedLicenses/$count eq 0"""
        verb, wanted = self._next().lower(), self._next()
        if not self.advanced or name != "assignedLicenses" or verb not in ("eq", "ne") or wanted != "0":
            raise unsupported()
        held = self.model.id.in_(Licence.select(Licence.user))
        return ~held if verb == "eq" else held

    def _comparison(self, name: str) -> Any:
        verb = self._next().lower()
        if verb not in OPERATORS:
            raise invalid(f"Syntax error at '{verb}'.")
        if verb == "in":
            return self._in(name)
        value = fold(_literal(self._next()))
        found = self._findable(name, verb if value is not None else "null")
        if self.negated and "not" not in found.advanced:
            raise self._not_on(name)
        _check_literal(name, found, value)
        expression = value_of(self.model, name, found)
        if value is None:
            return expression.is_null(verb == "eq")
        if verb == "ne":
            return (expression != value) | expression.is_null()
        return COMPARE[verb](expression, value)

    def _in(self, name: str) -> Any:
        found = self._findable(name, "in")
        self._next("(")
        values = [fold(_literal(self._next()))]
        while self._peek() == ",":
            self._next()
            values.append(fold(_literal(self._next())))
        self._next(")")
        if len(values) > MOST_IN_A_LIST:
            raise unsupported(
                "Too many child clauses specified in search filter expression containing 'OR' operators: "
                f"{len(values)}. Max allowed: {MOST_IN_A_LIST}."
            )
        for value in values:
            _check_literal(name, found, value)
        return value_of(self.model, name, found).in_(values)


def _check_literal(name: str, found: Findable, value: Any) -> None:
    kinds = {"text": str, "bool": bool, "moment": str}
    if value is not None and not isinstance(value, kinds[found.kind]):
        raise invalid(f"A binary operator with incompatible types was detected for property '{name}'.")


def _split(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if not match:
            raise invalid(f"There is an unterminated or unknown literal at position {position} in '{text}'.")
        tokens.append(match.group().strip())
        position = match.end()
    if not tokens:
        raise invalid()
    return tokens


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if re.fullmatch(r"-?\d+", token):
        return int(token)
    if re.match(r"\d{4}-\d\d-\d\d", token):
        return token if "T" in token else f"{token}T00:00:00Z"
    if re.fullmatch(r"[0-9A-Fa-f-]{36}", token):
        return token
    words = {"true": True, "false": False, "null": None}
    if token.lower() not in words:
        raise invalid(f"Syntax error at '{token}'.")
    return words[token.lower()]
