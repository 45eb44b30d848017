"""Lists of users: filters, order, pages.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/list
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from portal.sandbox.google.caller import Caller
from portal.sandbox.google.directory import shapes
from portal.sandbox.google.refusals import bad_request, domain_not_found, invalid_input
from portal.sandbox.google.rules.search import Search, read
from portal.sandbox.google.state import Customer, State, User, people
from portal.sandbox.google.state.models import Earlier, Held

TOKEN_LIFE = 3 * 86400.0
AT_ONCE = 500
ORDERS = {"email": User.address, "familyName": User.family, "givenName": User.given}


@dataclass
class Wanted:
    """Which users, and in what order. after: the value and number of the last one of the page before."""

    customer: Customer
    domain: str
    deleted: bool
    search: Search | None
    column: Any
    descending: bool
    after: list[Any] | None

    def where(self, state: State) -> Any:
        moment = state.clock.time()
        wanted = (User.customer == self.customer.id) & User.deleted_at.is_null(not self.deleted)
        wanted &= User.known_at <= moment
        if self.domain:
            wanted &= User.address.endswith(f"@{self.domain}")
        if self.search is not None and state.timing.search:
            wanted &= User.created <= moment - state.timing.search
        for hint in self.search.hints if self.search else ():
            wanted &= hint
        return wanted

    def beyond(self) -> Any:
        """What comes after."""
        value, seq = self.after or ("", 0)
        if self.descending:
            return (self.column < value) | ((self.column == value) & (User.seq < seq))
        return (self.column > value) | ((self.column == value) & (User.seq > seq))

    def matching(self, state: State) -> Iterator[tuple[User, dict[str, Any]]]:
        order = (self.column.desc(), User.seq.desc()) if self.descending else (self.column, User.seq)
        while True:
            part = self.where(state) if self.after is None else self.where(state) & self.beyond()
            users = list(User.select().where(part).order_by(*order).limit(AT_ONCE))
            for user, shown in zip(users, shown_together(state, users), strict=True):
                searched = shapes.said(self.customer, user, shown, "search")
                if self.search is None or self.search.fits(searched):
                    yield user, shapes.said(self.customer, user, shown, "list")
            if len(users) < AT_ONCE:
                return
            self.after = self.place(users[-1])

    def place(self, user: User) -> list[Any]:
        return [getattr(user, self.column.name), user.seq]


def page(state: State, caller: Caller, options: dict[str, Any]) -> dict[str, Any]:
    """Raises Refusal."""
    customer, domain = _asked_of(caller, options)
    asked = [options.get(name) for name in ("query", "orderBy", "sortOrder", "domain", "showDeleted")]
    wanted = Wanted(
        customer, domain, deleted=str(options.get("showDeleted", "")).lower() == "true",
        search=read(customer, options["query"]) if options.get("query") else None,
        column=ORDERS[options.get("orderBy", "email")], descending=options.get("sortOrder") == "DESCENDING",
        after=_read_token(state, options["pageToken"], asked) if options.get("pageToken") else None,
    )  # fmt: skip
    found = list(islice(wanted.matching(state), options["maxResults"] + 1))
    shown = [shapes.projected(item, options) for _, item in found[: options["maxResults"]]]
    answer: dict[str, Any] = {"kind": "admin#directory#users", "etag": people.etag(*[item["etag"] for item in shown])}
    if shown:
        answer["users"] = shown
    if len(found) > options["maxResults"]:
        answer["nextPageToken"] = _token(state, wanted.place(found[-2][0]), asked)
    return answer


def _asked_of(caller: Caller, options: dict[str, Any]) -> tuple[Customer, str]:
    """The customer, and the domain when only one is wanted. Raises Refusal."""
    own = caller.need_admin()
    if not options.get("customer") and not options.get("domain"):
        raise bad_request()
    if options.get("customer") and "." in options["customer"]:
        raise invalid_input("customer")
    if options.get("customer"):
        own = caller.need_customer(options["customer"])
    domain = (options.get("domain") or "").lower()
    if domain and domain not in own.domain_names:
        raise domain_not_found()
    return own, domain


def shown_together(state: State, users: list[User]) -> list[dict[str, Any]]:
    """Many users as reads show them, with as few questions to the tables as can be."""
    ids = [user.id for user in users]
    aliases: dict[str, list[str]] = {}
    held = (Held.owner.in_(ids)) & (Held.kind == "alias") & Held.free_at.is_null()
    for row in Held.select().where(held).order_by(Held.address):
        aliases.setdefault(row.owner, []).append(row.address)
    trails = state.timing.reads or state.timing.flips
    earlier = {row.id: row for row in Earlier.select().where(Earlier.id.in_(ids))} if trails else {}
    return [
        shapes.seen(state, user, own=aliases.get(user.id, []), earlier=earlier.get(user.id)) for user in users
    ]  # fmt: skip


def _token(state: State, last: list[Any], asked: list[Any]) -> str:
    text = json.dumps([last, asked, int(state.clock.time())], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(state: State, token: str, asked: list[Any]) -> list[Any]:
    """Where the page before ended. Raises Refusal."""
    try:
        last, before, at = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        raise invalid_input("pageToken") from None
    if before != asked or at + TOKEN_LIFE < state.clock.time():
        raise invalid_input("pageToken")
    return last
