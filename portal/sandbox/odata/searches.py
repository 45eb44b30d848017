"""$search, read into an SQL expression.

https://learn.microsoft.com/graph/search-query-parameter: displayName by the beginnings of its words, others by their
own beginning.
"""

import functools
import operator
import re
from typing import Any

from portal.sandbox.odata.kinds import Findable, Kind, fold, value_of
from portal.sandbox.refusals import malformed, unsupported
from portal.sandbox.state.models import User, Word
from portal.sandbox.state.people import words_of

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\(|\)|\bAND\b|\bOR\b|\bNOT\b)')
NEEDS_HEADER = (
    "Request with $search query parameter only works through MSGraph with a special request header: "
    "'ConsistencyLevel: eventual'"
)


def compiled(text: str, kind: Kind, model: Any, *, eventual: bool) -> Any:
    """ "displayName:wei" OR "mail:wei" as an expression over the model. Raises Refusal."""
    if not eventual:
        raise unsupported(NEEDS_HEADER)
    return _Parser(text, kind, model).parse()


class _Parser:
    def __init__(self, text: str, kind: Kind, model: Any):
        self.kind, self.model, self.at = kind, model, 0
        self.tokens = TOKEN.findall(text)
        if TOKEN.sub("", text).strip() or not self.tokens:
            raise malformed(f"Syntax error: character ':' is not valid at position 0 in '{text}'.")

    def parse(self) -> Any:
        condition = self._either()
        if self.at < len(self.tokens):
            raise malformed("Syntax error in $search.")
        return condition

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise malformed("Syntax error in $search: the expression ends too early.")
        self.at += 1
        return token

    def _either(self) -> Any:
        condition = self._both()
        while self._peek() == "OR":
            self._next()
            condition = condition | self._both()
        return condition

    def _both(self) -> Any:
        condition = self._one()
        while self._peek() == "AND":
            self._next()
            condition = condition & self._one()
        return condition

    def _one(self) -> Any:
        token = self._next()
        if token == "NOT":
            return ~self._one()
        if token == "(":
            condition = self._either()
            self._next()
            return condition
        name, colon, wanted = re.sub(r"\\(.)", r"\1", token[1:-1]).partition(":")
        if not token.startswith('"') or not colon:
            raise malformed('Syntax error: $search needs the form "property:text".')
        return self._fits(name, wanted)

    def _fits(self, name: str, wanted: str) -> Any:
        if name == "displayName":
            words = words_of(wanted).split()
            return functools.reduce(operator.and_, map(self._has_word, words)) if words else self.model.id.is_null()
        if name not in self.kind.searched:
            raise malformed(f"Property '{name}' does not support $search.")
        expression = value_of(self.model, name, self.kind.properties.get(name, Findable()))
        start = fold(wanted)
        return (expression >= start) & (expression < start + "\U0010ffff")

    def _has_word(self, start: str) -> Any:
        """A word of the display name begins so: by the index, unless what is searched lags behind it."""
        if self.model is not User:
            return self.model.words.contains(f" {start}")
        found = Word.select(Word.user).where((Word.word >= start) & (Word.word < start + "\U0010ffff"))
        return User.id.in_(found)
