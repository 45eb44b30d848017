"""What Exchange finds messages by, and what it refuses.

https://learn.microsoft.com/graph/api/user-list-messages and https://learn.microsoft.com/graph/search-query-parameter
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.sandbox.clock import read
from portal.sandbox.mail import letters
from portal.sandbox.mail.items import address_of, folded, recipients_of
from portal.sandbox.mail.shapes import folded_property, folder_id, properties_of
from portal.sandbox.refusals import Refusal, malformed
from portal.sandbox.state import User
from portal.sandbox.state.models import MailItem

KNOWN = {"$select", "$filter", "$search", "$orderby", "$top", "$skip", "$count", "$expand", "$format"}
LARGEST_PAGE, PAGE = 1000, 10
TEXT = r"'((?:[^']|'')*)'"
PROPERTY = re.compile(
    rf"singleValueExtendedProperties/[Aa]ny\(\s*(\w+)\s*:\s*\1/id eq {TEXT}\s+and\s+\1/value eq {TEXT}\s*\)"
)
MOMENT = re.compile(
    r"(receivedDateTime|sentDateTime|lastModifiedDateTime) (ge|gt|le|lt|eq) (\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?)"
)
EQUAL = re.compile(
    rf"(conversationId|internetMessageId|subject|parentFolderId|(?:from|sender)/emailAddress/address) eq {TEXT}"
)
WHETHER = re.compile(r"(isDraft|isRead|hasAttachments) (eq|ne) (true|false)")
CATEGORY = re.compile(rf"categories/any\(\s*(\w+)\s*:\s*\1 eq {TEXT}\s*\)")
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "ge": lambda a, b: a >= b, "gt": lambda a, b: a > b, "le": lambda a, b: a <= b, "lt": lambda a, b: a < b,
    "eq": lambda a, b: int(a) == int(b),
}  # fmt: skip
SORTED_BY: dict[str, Callable[[MailItem], Any]] = {
    "receivedDateTime": lambda item: item.received, "sentDateTime": lambda item: item.sent or item.created,
    "lastModifiedDateTime": lambda item: item.changed, "createdDateTime": lambda item: item.created,
    "subject": lambda item: (item.body.get("subject") or "").casefold(),
    "from/emailAddress/address": lambda item: item.sender,
}  # fmt: skip
Test = Callable[[MailItem], bool]


def inefficient() -> Refusal:
    message = "The restriction or sort order is too complex for this operation."
    return Refusal(400, "InefficientFilter", message)


def _no_filter(why: str = "Invalid filter clause.") -> Refusal:
    return Refusal(400, "ErrorInvalidUrlQueryFilter", f"The query filter contains one or more invalid nodes. {why}")


@dataclass(frozen=True)
class Asked:
    """The options of a request for messages. expand: ids of extended properties; files: attachments too."""

    select: tuple[str, ...]
    tests: tuple[tuple[str, Test], ...]
    search: tuple[Test, ...]
    order: tuple[tuple[str, bool], ...]
    top: int
    skip: int
    count: bool
    expand: tuple[str, ...]
    files: bool


def read_options(arguments: Mapping[str, str], user: User) -> Asked:
    """Raises Refusal for what Exchange does not take."""
    given = {(name if name.startswith("$") else f"${name}"): value for name, value in arguments.items()}
    for name in given.keys() - KNOWN:
        raise malformed(f"Unrecognized query argument specified: '{name}'.")
    order = tuple(_order(part) for part in given.get("$orderby", "").split(",") if part.strip())
    tests = tuple(_tests(given.get("$filter", ""), user))
    if "$search" in given and (order or tests):
        raise Refusal(400, "SearchWithOrderBy", "The query parameter '$search' is not supported with this request.")
    names = [name for name, _ in tests]
    if order and tests and names[: len(order)] != [name for name, _ in order]:
        raise inefficient()
    return Asked(
        tuple(part.strip() for part in given.get("$select", "").split(",") if part.strip()), tests,
        tuple(_search(given["$search"])) if "$search" in given else (), order,
        _number(given, "$top", PAGE, 1, LARGEST_PAGE), _number(given, "$skip", 0, 0, 10**9),
        given.get("$count", "").lower() == "true", *_expand(given.get("$expand", "")),
    )  # fmt: skip


def _number(given: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = given.get(name, str(usual))
    if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
        raise malformed(f"The query specified in the URI is not valid. Invalid value '{text}' for {name}.")
    return int(text)


def _order(part: str) -> tuple[str, bool]:
    name, _, direction = part.strip().partition(" ")
    if name not in SORTED_BY or direction.strip() not in ("", "asc", "desc"):
        raise Refusal(400, "ErrorInvalidUrlQueryOrderBy", "The order by query is not supported.")
    return name, direction.strip() == "desc"


def _expand(text: str) -> tuple[tuple[str, ...], bool]:
    if not text:
        return (), False
    found = re.fullmatch(r"singleValueExtendedProperties\(\$filter=(.+)\)", text.strip())
    if text.strip() == "attachments":
        return (), True
    parts = [re.fullmatch(rf"\s*id eq {TEXT}\s*", part) for part in found.group(1).split(" or ")] if found else []
    if not parts or not all(parts):
        raise malformed("Parsing OData Select and Expand failed.")
    return tuple(part.group(1).replace("''", "'") for part in parts if part), False


def _tests(text: str, user: User) -> list[tuple[str, Test]]:
    """The conditions, all of which must hold, each with the property that it is about."""
    rest, found = text.strip(), []
    while rest:
        for pattern, make in PATTERNS:
            match = pattern.match(rest)
            if match:
                found.append(make(match, user))
                rest = rest[match.end() :].lstrip()
                break
        else:
            raise _no_filter()
        if rest:
            if not rest.startswith("and "):
                raise _no_filter()
            rest = rest[4:].lstrip()
            if not rest:
                raise _no_filter()
    return found


def _property(match: re.Match[str], _user: User) -> tuple[str, Test]:
    key, value = folded_property(match.group(2).replace("''", "'")), match.group(3).replace("''", "'").casefold()
    return "singleValueExtendedProperties", lambda item: properties_of(item).get(key, ("", ""))[1].casefold() == value


def _moment(match: re.Match[str], _user: User) -> tuple[str, Test]:
    name, compare, moment = match.group(1), COMPARE[match.group(2)], match.group(3)
    wanted = read(moment if "T" in moment else f"{moment}T00:00:00Z")
    return name, lambda item: compare(float(SORTED_BY[name](item)), wanted)


def _equal(match: re.Match[str], user: User) -> tuple[str, Test]:
    name, value = match.group(1), match.group(2).replace("''", "'")
    if name == "conversationId":
        return name, lambda item: item.conversation == value
    if name == "internetMessageId":
        return name, lambda item: item.internet_id == value
    if name == "parentFolderId":
        return name, lambda item: folder_id(user, item.folder) == value
    if name == "subject":
        return name, lambda item: (item.body.get("subject") or "").casefold() == value.casefold()
    return name, lambda item: item.sender == folded(value)


def _whether(match: re.Match[str], _user: User) -> tuple[str, Test]:
    name, wanted = match.group(1), (match.group(3) == "true") == (match.group(2) == "eq")
    if name == "isDraft":
        return name, lambda item: item.draft == wanted
    if name == "isRead":
        return name, lambda item: bool(item.body.get("isRead", True)) == wanted
    raise inefficient()


def _category(match: re.Match[str], _user: User) -> tuple[str, Test]:
    wanted = match.group(2).replace("''", "'")
    return "categories", lambda item: wanted in (item.body.get("categories") or ())


PATTERNS = (
    (PROPERTY, _property), (MOMENT, _moment), (EQUAL, _equal), (WHETHER, _whether), (CATEGORY, _category),
)  # fmt: skip


def _search(text: str) -> list[Test]:
    """The part of KQL that is about people, and words anywhere."""
    if not (len(text) > 2 and text[0] == text[-1] == '"') or '"' in text[1:-1]:
        raise malformed("Syntax error: character is not valid in the $search expression.")
    name, colon, value = text[1:-1].partition(":")
    value = folded(value)
    if not colon:
        return [lambda item: folded(name) in _words(item)]
    if name == "to":
        return [lambda item: value in _to(item)]
    if name == "from":
        return [lambda item: item.sender == value]
    if name == "participants":
        return [lambda item: value in (*_to(item), item.sender)]
    if name == "subject":
        return [lambda item: value in folded(item.body.get("subject") or "")]
    raise malformed("Syntax error in the $search expression.")


def _to(item: MailItem) -> list[str]:
    return [folded(address) for address in recipients_of(item.body)]


def _words(item: MailItem) -> str:
    parts = (
        item.body.get("subject") or "",
        address_of(item.body.get("from")),
        letters.as_text(item.body.get("body") or {}),
    )
    return folded(" ".join(parts))


def found(items: list[MailItem], asked: Asked) -> list[MailItem]:
    """Those that match, in order: the newest first unless something else was asked for."""
    kept = [
        item
        for item in items
        if all(test(item) for _, test in asked.tests) and all(test(item) for test in asked.search)
    ]
    kept.sort(key=lambda item: (item.received, item.seq), reverse=True)
    for name, descending in reversed(asked.order):
        kept.sort(key=SORTED_BY[name], reverse=descending)
    return kept
