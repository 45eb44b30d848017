"""Who has an address in the tenant: an account, as its name or as another address, a group, or the recycle bin."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.connectors.errors import BadCredentials, NotPermitted, NotUnderstood
from portal.connectors.microsoft365 import payloads, shapes
from portal.connectors.microsoft365.batch import Answered, Part, many
from portal.connectors.microsoft365.client import LARGEST_PAGE, GraphClient, next_path, quoted, with_query
from portal.connectors.values import Holder

MOST_AT_ONCE = 9
OF_GROUPS = "id,displayName,mail,mailNickname,mailEnabled,proxyAddresses"
Items = list[dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """Which objects of a collection meet any of the conditions."""

    collection: str
    conditions: tuple[str, ...]
    select: str

    @property
    def part(self) -> Part:
        path = with_query(self.collection, filter=" or ".join(self.conditions), select=self.select, top=25)
        of = shapes.User if self.collection == "/users" else shapes.Group
        return Part("GET", path, shapes.Page[of])  # type: ignore[valid-type]

    def in_parts(self) -> "list[Question]":
        return [Question(self.collection, (condition,), self.select) for condition in self.conditions]


def holders_of(graph: GraphClient, usernames: Sequence[str]) -> dict[str, list[Holder]]:
    """Each username's holders, most telling first; asked in one round trip for every nine names. Raises ConnectorError.

    Groups are missing where the portal may not read them, and so are questions that the tenant takes in no form:
    Microsoft has the last word when the account is created.
    """
    found: dict[str, list[Holder]] = {}
    for start in range(0, len(usernames), MOST_AT_ONCE):
        some = usernames[start : start + MOST_AT_ONCE]
        questions = [question for name in some for question in (_users(name), _groups(name))]
        # Microsoft finds nothing by the old name, as the object id is now in front of it: so we search the whole bin.
        *outcomes, bin_outcome = many(graph, [*(question.part for question in questions), BIN])
        items = [_items(graph, question, outcome) for question, outcome in zip(questions, outcomes, strict=True)]
        deleted = [payloads.remote_account(user, deleted=True) for user in all_of(graph, bin_outcome)]
        for number, name in enumerate(some):
            found[name] = [
                *sorted(_accounts(name, items[2 * number]), key=lambda holder: holder.kind),
                *_group_holders(name, items[2 * number + 1]),
                *(
                    Holder("deleted", account.display_name, account)
                    for account in deleted
                    if name.casefold() in (account.username.casefold(), (account.email or "").casefold())
                ),
            ]
    return found


def _addresses(username: str) -> tuple[str, ...]:
    """https://learn.microsoft.com/graph/aad-advanced-queries: the value has its prefix, upper case for the first."""
    return tuple(f"proxyAddresses/any(p:p eq {quoted(prefix + username)})" for prefix in ("smtp:", "SMTP:"))


def _users(username: str) -> Question:
    """https://learn.microsoft.com/graph/api/user-list"""
    name = quoted(username)
    names = (f"userPrincipalName eq {name}", f"mail eq {name}")
    return Question("/users", (*names, *_addresses(username)), payloads.SELECT)


def _groups(username: str) -> Question:
    """https://learn.microsoft.com/graph/api/group-list"""
    nickname = quoted(username.partition("@")[0])
    names = (f"mail eq {quoted(username)}", f"mailNickname eq {nickname}")
    return Question("/groups", (*names, *_addresses(username)), OF_GROUPS)


# https://learn.microsoft.com/graph/api/directory-deleteditems-list
BIN = Part(
    "GET",
    with_query("/directory/deletedItems/graph.user", select=payloads.SELECT_DELETED, top=LARGEST_PAGE),
    shapes.Page[shapes.User],
)


def _items(graph: GraphClient, question: Question, outcome: Answered) -> Items:
    """What a question found; asked in parts where the tenant does not take it whole. Raises ConnectorError."""
    if isinstance(outcome.error, NotPermitted) and question.collection == "/groups":
        return []
    if isinstance(outcome.error, NotUnderstood):
        questions = question.in_parts() if len(question.conditions) > 1 else []
        outcomes = many(graph, [part.part for part in questions])
        parts = [_items(graph, part, answer) for part, answer in zip(questions, outcomes, strict=True)]
        return list({item["id"]: item for items in parts for item in items}.values())
    return good(graph, outcome, question.part)["value"]


def good(graph: GraphClient, outcome: Answered, part: Part) -> dict[str, Any]:
    """The answer to a part. A refused token is replaced by asking once more, alone. Raises ConnectorError."""
    if isinstance(outcome.error, BadCredentials | NotPermitted):
        return graph.call("GET", part.path, headers=dict(part.headers), shape=part.shape)
    if outcome.error:
        raise outcome.error
    return outcome.body


def all_of(graph: GraphClient, outcome: Answered) -> Iterator[Mapping[str, Any]]:
    """All items of the recycle bin, whose first page came with the batch. Raises ConnectorError."""
    page = good(graph, outcome, BIN)
    yield from page["value"]
    if path := next_path(page):
        yield from graph.items(path, shapes.User)


def _accounts(username: str, users: Items) -> Iterator[Holder]:
    for user in users:
        account = payloads.remote_account(user)
        kind = "account" if account.username.casefold() == username.casefold() else "alias"
        yield Holder(kind, account.display_name, account)


def _group_holders(username: str, groups: Items) -> Iterator[Holder]:
    """Groups with this address; one with a mailbox also by its nickname, which Exchange wants for itself alone."""
    for group in groups:
        addresses = {address.casefold().removeprefix("smtp:") for address in group.get("proxyAddresses") or ()}
        addresses.add((group.get("mail") or "").casefold())
        if username.casefold() in addresses or group.get("mailEnabled"):
            yield Holder("group", group.get("displayName") or "")
