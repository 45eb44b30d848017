"""Partial answers: `fields=users(id,name/givenName),nextPageToken`.

https://developers.google.com/workspace/admin/directory/v1/guides/performance
"""

import re
from typing import Any

from portal.sandbox.google.refusals import Refusal

TOKEN = re.compile(r"[(),/]|[^(),/\s]+")
Mask = dict[str, Any]


def read(text: str) -> Mask:
    """The mask as a tree; an empty tree below a name means all of it. Raises Refusal."""
    words = TOKEN.findall(text)
    mask, rest = _list(words)
    if rest:
        raise _wrong(text)
    return mask


def _wrong(text: str) -> Refusal:
    return Refusal(400, "invalidParameter", f"Invalid field selection {text}", where=("parameter", "fields"))


def _list(words: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        if not words or words[0] in "(),/":
            raise _wrong("".join(words))
        _, words = _path(words, mask)
        if not words or words[0] != ",":
            return mask, words
        words = words[1:]


def _path(words: list[str], mask: Mask) -> tuple[Mask, list[str]]:
    """One entry: a/b/c or a/b(c,d)."""
    name, words = words[0], words[1:]
    below: Mask = mask.setdefault(name, {})
    if words and words[0] == "/":
        if len(words) < 2 or words[1] in "(),/":
            raise _wrong(name)
        return _path(words[1:], below)
    if words and words[0] == "(":
        inner, words = _list(words[1:])
        if not words or words[0] != ")":
            raise _wrong(name)
        below.update(inner)
        return below, words[1:]
    return below, words


def keep(mask: Mask, value: Any) -> Any:
    """What of a value the mask lets through."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [keep(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: keep(mask[name], item) for name, item in value.items() if name in mask}
