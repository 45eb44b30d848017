"""Google Workspace's state, and what time does to it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from peewee import SQL

from portal.sandbox.google.state import models
from portal.sandbox.google.state.models import Customer, Earlier, Held, User
from portal.sandbox.store import Delays, Store

DELETED_LIFE = 20 * 86400.0


@dataclass
class Timing(Delays):
    """Seconds that things take at Google.

    new_user: until reads find a new user. denied: for so long a new user is forbidden to all. whole: until reads show
    their names and fields as well. complete: until a new user can be changed. reads: until reads show a change. flips:
    how long every other read shows what was before. search: until queries find somebody new. rename: until a renamed
    user can be changed again. freed: how long the address of a deleted user is held. mailbox: until isMailboxSetup.
    log: until the admin log tells. licence: until the licence service knows a new user. pictures: until reads show
    another picture.
    """

    new_user: float = 0.0
    denied: float = 0.0
    whole: float = 0.0
    complete: float = 0.0
    reads: float = 0.0
    flips: float = 0.0
    search: float = 0.0
    rename: float = 0.0
    freed: float = 0.0
    mailbox: float = 0.0
    log: float = 0.0
    licence: float = 0.0
    pictures: float = 0.0


class State(Store[Timing]):
    """All that is known of Google Workspace."""

    def __init__(self, path: Path | None, seed: Callable[[], None]):
        self.customers: dict[str, Customer] = {}
        self.turns = count()
        super().__init__(models, Timing, path, seed)

    def load(self) -> None:
        self.customers = {customer.id: customer for customer in Customer.select().order_by(Customer.name)}

    def is_empty(self) -> bool:
        return not self.customers

    def next_due(self) -> float:
        """The end of what replicas remember, of held addresses, and of deleted users."""
        earlier = Earlier.select(SQL("min(until)")).scalar()
        held = Held.select(SQL("min(free_at)")).where(Held.free_at.is_null(False)).scalar()
        gone = User.select(SQL("min(deleted_at)")).where(User.deleted_at.is_null(False)).scalar()
        moments = (earlier, held, gone and gone + DELETED_LIFE)
        return min((value for value in moments if value is not None), default=float("inf"))

    def customer_named(self, name: str) -> Customer:
        """By id, name or any domain. Raises KeyError."""
        wanted = name.lower()
        for customer in self.customers.values():
            if wanted in (customer.id.lower(), customer.name.lower(), *customer.domain_names):
                return customer
        raise KeyError(name)
