"""Which accounts have one of these numbers, addresses or names, the recycle bin included: asked in one round trip."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from portal.connectors.errors import NotUnderstood, Refused
from portal.connectors.microsoft365 import payloads, shapes
from portal.connectors.microsoft365.batch import Part, many
from portal.connectors.microsoft365.client import ADVANCED, GraphClient, quoted, with_query
from portal.connectors.microsoft365.holders import BIN, all_of, good
from portal.connectors.values import Alike, RemoteAccount, Wanted
from portal.languages import gettext as _
from portal.languages import listed

# Microsoft takes fifteen values in a list, and about as many conditions.
MOST_VALUES, MOST_CONDITIONS, MOST_TERMS = 15, 10, 8
MOST_FOUND = 100
LONGEST_NUMBER = payloads.FIELDS["employee_number"][1]


@dataclass(frozen=True)
class _Question:
    """what: what is searched by, in words."""

    what: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> Part:
        return Part("GET", self.path, shapes.Page[shapes.User], headers=self.headers)


def alike(graph: GraphClient, wanted: Wanted) -> Alike:
    """Every account that has any of what is wanted. Raises ConnectorError.

    A question that the tenant does not take is skipped, and the answer says so.
    """
    questions = list(_questions(wanted))
    *outcomes, bin_outcome = many(graph, [*(question.part for question in questions), BIN])
    found: dict[str, RemoteAccount] = {}
    unchecked: dict[str, None] = {}
    for question, outcome in zip(questions, outcomes, strict=True):
        if isinstance(outcome.error, NotUnderstood | Refused):
            unchecked[question.what] = None
            continue
        users = good(graph, outcome, question.part)["value"]
        found.update((user["id"], payloads.remote_account(user)) for user in users)
    for user in all_of(graph, bin_outcome):
        found[user["id"]] = payloads.remote_account(user, deleted=True)
    return Alike(
        tuple(found.values()),
        _("Microsoft 365 could not be searched by %(what)s.", what=listed(unchecked)) if unchecked else "",
    )


def _questions(wanted: Wanted) -> Iterator[_Question]:
    numbers = [number for number in wanted.numbers if number and len(number) <= LONGEST_NUMBER]
    for some in _portions(numbers, MOST_VALUES):
        yield _filtered(_("employee number"), f"employeeId in ({_list(some)})")
    for some in _portions(wanted.addresses, MOST_CONDITIONS // 2):
        proxies = [
            f"proxyAddresses/any(p:p eq {quoted(prefix + one)})" for one in some for prefix in ("smtp:", "SMTP:")
        ]
        yield _filtered(_("address"), f"userPrincipalName in ({_list(some)}) or mail in ({_list(some)})")
        yield _filtered(_("address"), " or ".join(proxies))
    for some in _portions(wanted.personal, MOST_CONDITIONS):
        yield _filtered(_("personal email"), " or ".join(f"otherMails/any(o:o eq {quoted(one)})" for one in some))
    for some in _portions(wanted.names, MOST_CONDITIONS):
        yield _filtered(_("name"), " or ".join(f"displayName eq {quoted(one)}" for one in some))
    for some in _portions(wanted.usernames, MOST_CONDITIONS):
        yield _filtered(_("username"), " or ".join(f"startswith(userPrincipalName,{quoted(one)})" for one in some))
    for some in _portions(filter(None, map(_words, wanted.words)), MOST_TERMS):
        yield _searched(some)
    # In a question of their own, so that a common family name does not crowd out the whole ones.
    for family in filter(None, map(_words, wanted.families)):
        yield _searched([family])


def _portions(values: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def _list(values: Sequence[str]) -> str:
    return ",".join(map(quoted, values))


def _filtered(what: str, condition: str) -> _Question:
    """https://learn.microsoft.com/graph/api/user-list with $filter"""
    return _Question(what, with_query("/users", filter=condition, select=payloads.SELECT, top=MOST_FOUND))


def _searched(words: Sequence[str]) -> _Question:
    """https://learn.microsoft.com/graph/search-query-parameter: by the beginnings of the words of a name."""
    terms = " OR ".join(f'"displayName:{one}"' for one in words)
    path = with_query("/users", search=terms, select=payloads.SELECT, top=MOST_FOUND, count="true")
    return _Question("name", path, dict(ADVANCED))


def _words(name: str) -> str:
    """A name as a term of a search, which has quotes around it."""
    return " ".join(name.replace('"', " ").replace("\\", " ").split())
