"""What `query` of users.list says.

https://developers.google.com/workspace/admin/directory/v1/guides/search-users
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.sandbox.google.refusals import invalid_input
from portal.sandbox.google.state import Customer, User
from portal.sandbox.google.state.models import Held

Shown = dict[str, Any]
CLAUSE = re.compile(r"""\s*([A-Za-z_][\w.]*)\s*(:|=|>=|<=|>|<)\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'"]+)""")
BARE = re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s:='"]+)(?=\s|$)""")


def _of(*path: str) -> Callable[[Shown], list[str]]:
    """The values of a list of entries, or of an entry, by name."""

    def values(shown: Shown) -> list[str]:
        node: Any = shown
        for name in path:
            if isinstance(node, list):
                node = [item[name] for item in node if isinstance(item, dict) and item.get(name)]
            else:
                node = (node or {}).get(name)
        node = node if isinstance(node, list) else [node]
        return [str(item) for item in node if item not in (None, "")]

    return values


def _addresses(shown: Shown) -> list[str]:
    return [shown["primaryEmail"], *shown.get("aliases", ()), *shown.get("nonEditableAliases", ())]


def _names(shown: Shown) -> list[str]:
    name = shown["name"]
    return [f"{name['givenName']} {name['familyName']}", name["givenName"], name["familyName"]]


def _manager(shown: Shown) -> list[str]:
    return [item["value"] for item in shown.get("relations", ()) if item.get("type") == "manager"]


FIELDS: dict[str, Callable[[Shown], list[str]]] = {
    "name": _names, "email": _addresses, "givenname": _of("name", "givenName"), "familyname": _of("name", "familyName"),
    "phone": _of("phones", "value"), "im": _of("ims", "im"), "orgname": _of("organizations", "name"),
    "orgtitle": _of("organizations", "title"), "orgdepartment": _of("organizations", "department"),
    "orgdescription": _of("organizations", "description"), "orgcostcenter": _of("organizations", "costCenter"),
    "externalid": _of("externalIds", "value"), "address": _of("addresses", "formatted"),
    "addressstreet": _of("addresses", "streetAddress"), "addresslocality": _of("addresses", "locality"),
    "addressregion": _of("addresses", "region"), "addresspostalcode": _of("addresses", "postalCode"),
    "addresscountry": _of("addresses", "country"), "manager": _manager, "directmanager": _manager,
    "orgunitpath": _of("orgUnitPath"),
}  # fmt: skip
SWITCHES = {
    "isadmin": "isAdmin", "isdelegatedadmin": "isDelegatedAdmin", "issuspended": "suspended", "isarchived": "archived",
}  # fmt: skip
# Fields whose values stand in the body as they are.
OF_BODY = {name for name in FIELDS if name not in ("name", "email", "orgunitpath")}
PLAIN = re.compile(r"[\w@. -]+", re.ASCII)


@dataclass
class Search:
    """tests: what a user must fit. hints: the same for the tables, where they can say it at once."""

    tests: list[Callable[[Shown], bool]]
    hints: list[Any]

    def fits(self, shown: Shown) -> bool:
        return all(test(shown) for test in self.tests)


def read(customer: Customer, text: str) -> Search:
    """Raises Refusal for what cannot be read."""
    search, rest = Search([], []), text
    while rest.strip():
        clause = CLAUSE.match(rest)
        if clause:
            search.tests.append(_test(*clause.groups()))
            search.hints += _hints(customer, *clause.groups())
        else:
            clause = BARE.match(rest)
            if clause is None:
                raise invalid_input("query")
            search.tests.append(_anywhere(_unquoted(clause.group(1)).casefold()))
        rest = rest[clause.end() :]
    return search


def _hints(customer: Customer, field: str, sign: str, value: str) -> list[Any]:
    """Who can fit at all: a value of the body stands in it, an address is held by somebody."""
    wanted, name = _unquoted(value), field.lower()
    if sign != "=" or not PLAIN.fullmatch(wanted):
        return []
    if name == "email":
        known = wanted.rpartition("@")[2].lower() in customer.domain_names
        return [User.id.in_(Held.select(Held.owner).where(Held.address == wanted.lower()))] if known else []
    return [User.body.contains(wanted)] if name in OF_BODY else []


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "'\"" else value


def _test(field: str, sign: str, value: str) -> Callable[[Shown], bool]:
    wanted, name = _unquoted(value).casefold(), field.lower()
    if name in SWITCHES:
        if sign != "=" or wanted not in ("true", "false"):
            raise invalid_input("query")
        return lambda shown: shown.get(SWITCHES[name]) is (wanted == "true")
    values = FIELDS.get(name) or (_of("customSchemas", *field.split(".", 1)) if "." in field else None)
    if values is None or sign in "<>" or (sign == ":" and name == "orgunitpath"):
        raise invalid_input("query")
    if name == "orgunitpath":
        return lambda shown: (shown["orgUnitPath"].casefold() + "/").startswith(wanted.rstrip("/") + "/")
    if sign == "=":
        return lambda shown: any(item.casefold() == wanted for item in values(shown))
    if wanted.endswith("*"):
        start = wanted[:-1]
        if name == "name":
            # The whole name, which begins with the first name.
            return lambda shown: _names(shown)[0].casefold().startswith(start)
        return lambda shown: any(word.startswith(start) for item in values(shown) for word in _words(item))
    return lambda shown: any(wanted == word for item in values(shown) for word in _words(item))


def _words(value: str) -> list[str]:
    """The whole, and each word of it; of an address the part before the @ as well."""
    whole = value.casefold()
    return [whole, *re.split(r"[\s.@_-]+", whole)]


def _anywhere(wanted: str) -> Callable[[Shown], bool]:
    """A word without a field: of the names or addresses."""
    start = wanted.rstrip("*")

    def test(shown: Shown) -> bool:
        words = [word for value in (*_names(shown), *_addresses(shown)) for word in _words(value)]
        return any(word.startswith(start) if wanted.endswith("*") else word == wanted for word in words)

    return test
