"""The options of a request.

https://learn.microsoft.com/graph/query-parameters
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.refusals import bad_request, malformed

KNOWN = {
    "$select", "$filter", "$search", "$orderby", "$top", "$skip", "$count", "$expand", "$skiptoken", "$deltatoken",
    "$format",
}  # fmt: skip
LARGEST_PAGE, PAGE = 999, 100
LARGEST_WITH_SIGN_IN_ACTIVITY = 500


@dataclass(frozen=True)
class Options:
    """select: names, empty for the default. expand: name -> the names selected in it. eventual: the header is there."""

    select: tuple[str, ...] = ()
    filter: str = ""
    search: str = ""
    orderby: str = ""
    top: int = PAGE
    count: bool = False
    expand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skiptoken: str = ""
    deltatoken: str | None = None
    eventual: bool = False
    raw: Mapping[str, str] = field(default_factory=dict)

    @property
    def advanced(self) -> bool:
        """https://learn.microsoft.com/graph/aad-advanced-queries: the header and $count=true, both."""
        return self.eventual and self.count


def read(arguments: Mapping[str, str], headers: Any) -> Options:
    """The options of a request. Raises Refusal. The $ in front of a name may be left out."""
    raw = {(name if name.startswith("$") else f"${name}"): value for name, value in arguments.items()}
    for name in raw.keys() - KNOWN:
        if name in arguments:
            raise malformed(f"Unrecognized query argument specified: '{name}'.")
        del raw[name]
    if "$skip" in raw:
        raise bad_request("'$skip' is not supported by the service.")
    select = _names(raw.get("$select", ""))
    return Options(
        select=select,
        filter=raw.get("$filter", ""),
        search=raw.get("$search", ""),
        orderby=raw.get("$orderby", ""),
        top=_top(raw.get("$top"), select),
        count=raw.get("$count", "").lower() == "true",
        expand=_expand(raw.get("$expand", "")),
        skiptoken=raw.get("$skiptoken", ""),
        deltatoken=raw.get("$deltatoken"),
        eventual=headers.get("ConsistencyLevel", "").lower() == "eventual",
        raw=raw,
    )


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    return () if names == ("*",) else names


def _top(text: str | None, select: tuple[str, ...]) -> int:
    if text is None:
        return PAGE
    if not re.fullmatch(r"-?\d+", text):
        raise malformed(f"The query specified in the URI is not valid. Invalid value '{text}' for $top.")
    if not 1 <= int(text) <= LARGEST_PAGE:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive.")
    return min(int(text), LARGEST_WITH_SIGN_IN_ACTIVITY if "signInActivity" in select else LARGEST_PAGE)


def _expand(text: str) -> dict[str, tuple[str, ...]]:
    """manager($select=id,displayName),memberOf"""
    found: dict[str, tuple[str, ...]] = {}
    for match in re.finditer(r"\s*(\w+)\s*(?:\(([^)]*)\))?\s*(?:,|$)", text):
        inner = match.group(2) or ""
        levels = [part for part in inner.split(";") if part.strip().startswith("$select=")]
        found[match.group(1)] = _names(levels[0].partition("=")[2]) if levels else ()
    return found
