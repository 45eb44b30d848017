"""Users as they are found and kept, and the one namespace of addresses."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from portal.sandbox.google.state.models import (
    Access,
    Consent,
    Customer,
    Earlier,
    Group,
    Held,
    Licence,
    Member,
    Refresh,
    User,
)
from portal.sandbox.google.state.store import DELETED_LIFE, State


def fixed_id(key: str) -> str:
    """A user's id: 21 digits, the same in every sandbox."""
    return f"1{int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10**20:020d}"


def new_id() -> str:
    return f"1{secrets.randbelow(10**20):020d}"


def written(seconds: float) -> str:
    """A moment as Google writes it: 2026-11-24T09:00:00.000Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds * 1000) % 1000:03d}Z"


def etag(*parts: Any) -> str:
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()
    return f'"sandbox-{digest[:24]}/{digest[24:44]}"'


def live(user_id: str) -> User | None:
    return User.get_or_none((User.id == user_id) & User.deleted_at.is_null())


def deleted(customer: str, user_id: str) -> User | None:
    found = (User.id == user_id) & (User.customer == customer) & User.deleted_at.is_null(False)
    return User.get_or_none(found)


def find(key: str) -> User | None:
    """A live user by id, primary address, alias or address in a domain alias; of whatever customer."""
    if "@" not in key:
        return live(key)
    held = Held.get_or_none((Held.address == key.lower()) & (Held.kind.in_(("user", "alias", "unmanaged"))))
    return live(held.owner) if held and held.free_at is None else None


def aliases(owner: str, kind: str = "alias") -> list[str]:
    """The addresses that were given besides the first one."""
    found = Held.select(Held.address).where((Held.owner == owner) & (Held.kind == kind) & Held.free_at.is_null())
    return [row.address for row in found.order_by(Held.address)]


def by_domain_alias(customer: Customer, address: str) -> list[str]:
    """The addresses that domain aliases give to the owner of this one."""
    local, _, domain = address.partition("@")
    return [f"{local}@{alias}" for alias, of in sorted(customer.alias_names.items()) if of == domain]


def hold(customer: str, address: str, kind: str, owner: str) -> None:
    Held.replace(address=address.lower(), kind=kind, owner=owner, customer=customer, free_at=None).execute()


def let_go(state: State, address: str) -> None:
    """The address is free, at once or after a while."""
    if not state.timing.freed:
        Held.delete().where(Held.address == address.lower()).execute()
        return
    free_at = state.clock.time() + state.timing.freed
    Held.update(free_at=free_at).where(Held.address == address.lower()).execute()
    state.wake_at(free_at)


def holder(customer: Customer, address: str) -> Held | None:
    """Who has this address, in its own or in the domain that a domain alias stands for."""
    local, _, domain = address.lower().partition("@")
    same = customer.alias_names.get(domain, domain)
    return Held.get_or_none(Held.address == f"{local}@{same}")


def save(state: State, user: User, kind: str, before: dict[str, Any] | None = None) -> None:
    """Keep a new or changed user. kind: add, update, delete, undelete or makeAdmin. before: as reads showed it."""
    user.version += kind != "add"
    lasts = max(state.timing.reads, state.timing.flips)
    if before is not None and lasts and not Earlier.select().where(Earlier.id == user.id).exists():
        until = state.clock.time() + lasts
        Earlier.create(id=user.id, until=until, shown=before)
        state.wake_at(until)
    user.given, user.family = (user.body["name"].get(part, "").casefold() for part in ("givenName", "familyName"))
    user.save(force_insert=kind == "add")
    if user.customer:
        state.changed.append((user.customer, user.id, kind))


def end_tokens(user_id: str, *, all_of_them: bool) -> None:
    """The person's access tokens end; all_of_them: the grant as well."""
    Access.delete().where(Access.user == user_id).execute()
    if all_of_them:
        Refresh.delete().where(Refresh.user == user_id).execute()
        Consent.delete().where(Consent.user == user_id).execute()


def purge(user: User) -> None:
    """Gone for good."""
    for table in (Licence, Refresh, Access, Consent):
        table.delete().where(table.user == user.id).execute()
    Member.delete().where(Member.member == user.id).execute()
    Held.delete().where(Held.owner == user.id).execute()
    User.delete().where(User.seq == user.seq).execute()


def settle(state: State) -> None:
    """What time brings: see Store.settle."""
    moment = state.clock.time()
    Earlier.delete().where(Earlier.until <= moment).execute()
    Held.delete().where(Held.free_at <= moment).execute()
    Access.delete().where(Access.ends_at <= moment - 86400).execute()
    for user in User.select().where(User.deleted_at <= moment - DELETED_LIFE):
        purge(user)


def find_group(key: str) -> Group | None:
    """By id, address or alias."""
    if "@" not in key:
        return Group.get_or_none(Group.id == key)
    held = Held.get_or_none((Held.address == key.lower()) & (Held.kind.in_(("group", "group alias"))))
    return Group.get_or_none(Group.id == held.owner) if held else None
