"""Which accounts have one of these numbers, addresses or names, deleted ones included.

https://developers.google.com/workspace/admin/directory/v1/guides/search-users
Clauses of a query are joined by "and" alone, so each value is a question of its own. Of a small company the first page
is everybody, and nothing more has to be asked; of a large one only the most telling values are searched by.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from portal.connectors.errors import NotPermitted, NotUnderstood, Refused
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.holders import account_of
from portal.connectors.google_workspace.queries import quoted
from portal.connectors.values import Alike, RemoteAccount, Wanted
from portal.languages import gettext as _
from portal.languages import listed

# How many values of each kind are searched by. With more queries than these in all, every account is read instead.
MOST_OF_EACH, MOST_QUESTIONS = 4, 40
MOST_FOUND = 100


def alike(client: DirectoryClient, wanted: Wanted) -> Alike:
    """Every account that has any of what is wanted. Raises ConnectorError.

    What Google does not take as a question is left out, and said.
    """
    found: dict[str, RemoteAccount] = {}
    pages = client.users()
    first = next(pages)
    _add(client, found, first.get("users") or ())
    unchecked = ""
    if first.get("nextPageToken"):
        questions = list(_questions(wanted))
        if len(questions) > MOST_QUESTIONS:
            for page in pages:
                _add(client, found, page.get("users") or ())
        else:
            unchecked = _search(client, found, questions)
    for user in client.deleted_users():
        found[user["id"]] = account_of(client, user, deleted=True)
    return Alike(tuple(found.values()), unchecked)


def _search(client: DirectoryClient, found: dict[str, RemoteAccount], questions: list[tuple[str, str]]) -> str:
    """A sentence about what could not be searched by."""
    left_out: dict[str, None] = {}
    for what, query in questions:
        try:
            _add(client, found, matching(client, query, MOST_FOUND))
        except (NotUnderstood, Refused, NotPermitted):
            left_out[what] = None
    return _("Google Workspace could not be searched by %(what)s.", what=listed(left_out)) if left_out else ""


def matching(client: DirectoryClient, query: str, most: int) -> list[dict[str, Any]]:
    """At most so many of the users that a query finds; Google may divide even a few of them between pages."""
    found: list[dict[str, Any]] = []
    for page in client.users(query=query, most=most):
        found += page.get("users") or ()
        if len(found) >= most:
            break
    return found[:most]


def is_exactly(account: RemoteAccount, text: str) -> bool:
    """Whether this is the account's number, name, or an address of its own, with the domain or without."""
    addresses = [address.casefold() for address in (account.username, *account.aliases)]
    known = [*addresses, *(address.partition("@")[0] for address in addresses), account.display_name.casefold(),
             account.fields.get("employee_number", "").casefold()]  # fmt: skip
    return " ".join(text.casefold().split()) in known


def _add(client: DirectoryClient, found: dict[str, RemoteAccount], users: Iterable[dict[str, Any]]) -> None:
    found.update((user["id"], account_of(client, user)) for user in users)


def _questions(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """What is searched by, in words, and the query."""
    for what, field, values in (
        (_("employee number"), "externalId", wanted.numbers),
        (_("address"), "email", wanted.addresses),
        (_("personal email"), "email", wanted.personal),
        (_("name"), "name", wanted.names),
        (_("family name"), "familyName", wanted.families),
    ):
        for value in islice(filter(None, map(quoted, values)), MOST_OF_EACH):
            yield what, f"{field}:{value}" if field == "name" else f"{field}={value}"
    for query in islice(filter(None, map(beginnings, wanted.words)), MOST_OF_EACH):
        yield _("name"), query
    for beginning in islice(wanted.usernames, MOST_OF_EACH):
        if beginning.isascii() and _plain(beginning):
            yield _("username"), f"email:{beginning}*"


def beginnings(text: str) -> str:
    """By the beginnings of the words of a name: the first of the first name, the last of the last name."""
    words = text.split()
    if not words or not all(map(_plain, words)):
        return ""
    return f"givenName:{words[0]}* familyName:{words[-1]}*" if len(words) > 1 else f"name:{words[0]}*"


def beginning_of_family_name(text: str) -> str:
    """By the beginning of a family name, where nothing else was given: names as a whole begin with the first name."""
    word = text.strip()
    return f"familyName:{word}*" if word and _plain(word) else ""


def _plain(word: str) -> bool:
    """Whether it can stand in a query without quotes, inside which no * means a beginning."""
    return not set(word) & set("'\\ *:=\"")
