"""$select, $filter, $search, $orderby, $top and paging, as far as the directory supports them.

https://learn.microsoft.com/graph/aad-advanced-queries and https://learn.microsoft.com/graph/paging
"""

import base64
import json
import re
from typing import Any

from portal.sandbox.refusals import Refusal, bad_request

DEFAULTS = (
    "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName",
)  # fmt: skip
NOT_ON_COLLECTIONS = {
    "aboutMe", "birthday", "hireDate", "interests", "mySite", "pastProjects", "preferredName", "responsibilities",
    "schools", "skills", "mailboxSettings",
}  # fmt: skip
LARGEST_PAGE = 999
TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][\w/]*)|(?P<number>\d+)|(?P<sign>[(),:]))")


def selected(user: dict[str, Any], select: str | None) -> dict[str, Any]:
    """The properties that were asked for, or the eleven that come by themselves."""
    names = [name.strip() for name in select.split(",")] if select else DEFAULTS
    shown = {name: user.get(name) for name in names if not name.startswith("_")}
    for name in ("businessPhones", "proxyAddresses", "otherMails", "assignedLicenses", "licenseAssignmentStates"):
        if name in shown and shown[name] is None:
            shown[name] = []
    return {"id": user["id"], **shown} if "id" in names or not select else shown


class Parser:
    """A recursive parser of the part of $filter that the directory has."""

    def __init__(self, text: str, *, advanced: bool):
        self.tokens = self._split(text)
        self.at = 0
        self.advanced = advanced

    def _split(self, text: str) -> list[str]:
        tokens, position = [], 0
        while position < len(text.rstrip()):
            match = TOKEN.match(text, position)
            if not match:
                raise bad_request("Invalid filter clause.")
            tokens.append(match.group().strip())
            position = match.end()
        return tokens

    def _next(self) -> str:
        if self.at >= len(self.tokens):
            raise bad_request("Invalid filter clause.")
        self.at += 1
        return self.tokens[self.at - 1]

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def parse(self):
        test = self._either()
        if self._peek():
            raise bad_request("Invalid filter clause.")
        return test

    def _either(self):
        tests = [self._both()]
        while self._peek() == "or":
            self._next()
            tests.append(self._both())
        return lambda item: any(test(item) for test in tests)

    def _both(self):
        tests = [self._one()]
        while self._peek() == "and":
            self._next()
            tests.append(self._one())
        return lambda item: all(test(item) for test in tests)

    def _one(self):
        token = self._next()
        if token == "(":
            test = self._either()
            self._next()
            return test
        if token == "not":
            self._need_advanced()
            test = self._one()
            return lambda item: not test(item)
        if token.lower() in ("startswith", "endswith"):
            return self._function(token.lower())
        if token.endswith("/any"):
            return self._any(token.removesuffix("/any"))
        return self._comparison(token)

    def _need_advanced(self) -> None:
        if not self.advanced:
            raise Refusal(400, "Request_UnsupportedQuery", "Unsupported Query.")

    def _function(self, name: str):
        if name == "endswith":
            self._need_advanced()
        self._next()
        field = self._next()
        self._next()
        wanted = _literal(self._next())
        self._next()
        method = str.startswith if name == "startswith" else str.endswith
        return lambda item: method(str(_value(item, field) or "").lower(), str(wanted).lower())

    def _any(self, field: str):
        for _ in range(3):
            self._next()
        inner = self._either()
        self._next()
        return lambda item: any(
            inner({"": part} if not isinstance(part, dict) else part) for part in item.get(field) or []
        )

    def _comparison(self, field: str):
        operator = self._next()
        if operator == "in":
            self._next()
            wanted = []
            while True:
                wanted.append(str(_literal(self._next())).lower())
                if self._next() == ")":
                    break
            return lambda item: str(_value(item, field) or "").lower() in wanted
        value = _literal(self._next())
        if operator == "eq":
            return lambda item: _same(_value(item, field), value)
        if operator == "ne":
            self._need_advanced()
            return lambda item: not _same(_value(item, field), value)
        if operator in ("ge", "le"):
            sign = (lambda a, b: a >= b) if operator == "ge" else (lambda a, b: a <= b)
            return lambda item: sign(str(_value(item, field) or ""), str(value))
        raise bad_request("Invalid filter clause.")


def _value(item: dict[str, Any], field: str) -> Any:
    if "" in item:
        return item[""]
    for part in field.split("/"):
        if part in item:
            item = item[part] or {}
            continue
        if "/" in field and part == field.split("/")[0]:
            continue
        return None
    return item


def _same(held: Any, wanted: Any) -> bool:
    if isinstance(held, str) and isinstance(wanted, str):
        return held.lower() == wanted.lower()
    return held == wanted or (held in ("", None, {}) and wanted is None)


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    return {"true": True, "false": False, "null": None}.get(token, int(token) if token.isdigit() else token)


def search_test(expression: str):
    """$search="displayName:wei" OR "mail:wei": words match the beginnings of words."""
    terms = re.findall(r'"(\w+):((?:[^"\\]|\\.)*)"', expression)
    if not terms:
        raise bad_request('Syntax error: $search needs the form "property:text".')

    def matches(item: dict[str, Any]) -> bool:
        return any(_has_words(str(item.get(name) or ""), text) for name, text in terms)

    return matches if " AND " not in expression else lambda item: all(
        _has_words(str(item.get(name) or ""), text) for name, text in terms
    )  # fmt: skip


def _has_words(held: str, wanted: str) -> bool:
    parts = re.split(r"[\s@._-]+", held.lower())
    return all(any(part.startswith(word) for part in parts) for word in re.split(r"[\s@._-]+", wanted.lower()) if word)


def listing(
    items: list[dict], arguments: Any, headers: Any, *, base: str, context: str, total: bool = True
) -> dict[str, Any]:
    """One page of a collection of users. base: the address of the collection, for the link to the next page."""
    options = _options(arguments)
    advanced = headers.get("ConsistencyLevel", "").lower() == "eventual" and options.get("$count") == "true"
    select = options.get("$select")
    if select and NOT_ON_COLLECTIONS & {name.strip() for name in select.split(",")}:
        raise Refusal(501, "NotImplemented", "This operation target is not yet supported.")
    if "$skip" in options:
        raise bad_request("$skip is not supported.")
    if "$search" in options:
        if headers.get("ConsistencyLevel", "").lower() != "eventual":
            message = "Request with $search query parameter only works through MSGraph with a special request header: "
            raise Refusal(400, "Request_UnsupportedQuery", message + "'ConsistencyLevel: eventual'")
        items = list(filter(search_test(options["$search"]), items))
    if "$filter" in options:
        items = list(filter(Parser(options["$filter"], advanced=advanced).parse(), items))
    if "$orderby" in options:
        items = _ordered(items, options["$orderby"], advanced)
    top = _top(options.get("$top"))
    start = options.get("start", 0)
    page: dict[str, Any] = {"@odata.context": context}
    if advanced and start == 0:
        page["@odata.count"] = len(items)
    if start + top < len(items):
        token = base64.urlsafe_b64encode(json.dumps({**options, "start": start + top}).encode()).decode()
        page["@odata.nextLink"] = f"{base}?$skiptoken={token}"
    page["value"] = [selected(item, select) for item in items[start : start + top]]
    return page


def _options(arguments: Any) -> dict[str, Any]:
    token = arguments.get("$skiptoken")
    if not token:
        return dict(arguments)
    try:
        return json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Refusal(400, "Directory_ExpiredPageToken", "The specified page token value has expired.") from None


def _top(text: str | None) -> int:
    if text is None:
        return 100
    if not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive.")
    return int(text)


def _ordered(items: list[dict], orderby: str, advanced: bool) -> list[dict]:
    field, _, direction = orderby.partition(" ")
    if field not in ("displayName", "userPrincipalName") and not advanced:
        raise Refusal(400, "Request_UnsupportedQuery", "Sorting not supported for current query.")
    return sorted(items, key=lambda item: str(item.get(field) or "").lower(), reverse=direction.strip() == "desc")
