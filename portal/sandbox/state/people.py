"""Users as they are found and kept: the row, what it is found by, and the record of its changes."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from portal.sandbox.rows import packed
from portal.sandbox.state import models
from portal.sandbox.state.models import Address, Change, EarlierUser, Group, Lag, Licence, Tenant, User, Word
from portal.sandbox.state.store import RECYCLE_BIN_LIFE, State

COLUMNS = {
    "userPrincipalName": "upn", "displayName": "display_name", "givenName": "given_name", "surname": "surname",
    "mail": "mail", "mailNickname": "mail_nickname", "employeeId": "employee_id", "department": "department",
    "jobTitle": "job_title", "usageLocation": "usage_location", "userType": "user_type",
}  # fmt: skip
# What changes nothing of the tables by which a user is found.
NOT_SEARCHED = frozenset({"manager", "signInSessionsValidFromDateTime"})


def new_id() -> str:
    return str(uuid.uuid4())


def folded(value: Any) -> str | None:
    return None if value is None else str(value).casefold()


def words_of(text: str | None) -> str:
    """The words of a display name, each after a space: what $search compares with."""
    return "".join(f" {word}" for word in re.split(r"[\W_]+", (text or "").casefold()) if word)


def assigned(states: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """assignedLicenses, out of licenseAssignmentStates."""
    found: dict[str, dict[str, Any]] = {}
    for state in states:
        found.setdefault(state["skuId"], {"disabledPlans": state["disabledPlans"], "skuId": state["skuId"]})
    return list(found.values())


def keys_of(body: dict[str, Any]) -> dict[str, Any]:
    """The columns that a user with these properties is found by."""
    keys: dict[str, Any] = {column: folded(body.get(name)) for name, column in COLUMNS.items()}
    keys["enabled"] = bool(body.get("accountEnabled"))
    keys["created"] = body.get("createdDateTime")
    keys["words"] = words_of(body.get("displayName"))
    return keys


def find(tenant: Tenant, id_or_name: str) -> User | None:
    """A live user by object id or user principal name."""
    wanted = id_or_name.casefold()
    column = User.upn if "@" in wanted else User.id
    found: Any = User.select().where((User.tenant == tenant.id) & (column == wanted) & User.deleted_at.is_null())
    return next(iter(found.limit(1)), None)


def find_deleted(tenant: Tenant, user_id: str) -> User | None:
    """A user in the recycle bin."""
    wanted = (User.tenant == tenant.id) & (User.id == user_id.lower()) & User.deleted_at.is_null(False)
    return User.get_or_none(wanted)


def holder_of_address(tenant: Tenant, address: str) -> str | None:
    """The id of the live user that has smtp:… among its proxy addresses, or of the group whose address it is."""
    key = address.casefold()
    user = Address.select(Address.user).where((Address.tenant == tenant.id) & (Address.key == key)).scalar()
    mail = key.removeprefix("smtp:")
    return user or Group.select(Group.id).where((Group.tenant == tenant.id) & (Group.mail == mail)).scalar()


def save(state: State, user: User, names: Iterable[str], kind: str = "updated") -> None:
    """Keep a new or changed user. names: the properties that changed; kind: as in Change."""
    changed = set(names)
    if state.timing.search:
        _lag(state, user, None if kind == "created" else User.get_by_id(user.seq))
    body = user.body
    body["assignedLicenses"] = assigned(body.get("licenseAssignmentStates") or [])
    for column, value in keys_of(body).items():
        setattr(user, column, value)
    user.save(force_insert=kind == "created")
    if kind != "updated" or changed - NOT_SEARCHED:
        _index(user, new=kind == "created")
    record(state, user, changed, kind)


def _index(user: User, *, new: bool) -> None:
    """Write again what a user is found by in tables of their own; a search finds none who is in the recycle bin."""
    for table in () if new else FOUND_BY:
        table.delete().where(table.user == user.id).execute()
    if user.deleted_at is None:
        insert_found_by(user.tenant, user.id, user.body)


def insert_found_by(tenant: str, user: str, body: dict[str, Any]) -> None:
    """The rows by which a user is found."""
    for table, rows in found_by(tenant, user, body).items():
        for row in rows:
            table.insert(dict(zip(FOUND_BY[table], row, strict=True))).execute()


FOUND_BY: dict[Any, Any] = {
    Address: (Address.tenant, Address.key, Address.user),
    Word: (Word.tenant, Word.word, Word.user),
    Licence: (Licence.tenant, Licence.sku, Licence.user, Licence.group),
}


def found_by(tenant: str, user: str, body: dict[str, Any]) -> dict[Any, list[tuple]]:
    """The rows of each table by which a user is found."""
    states = body.get("licenseAssignmentStates") or ()
    return {
        Address: [(tenant, item.casefold(), user) for item in body.get("proxyAddresses") or ()],
        Word: [(tenant, word, user) for word in set(words_of(body.get("displayName")).split())],
        Licence: [(tenant, item["skuId"], user, item.get("assignedByGroup") or "") for item in states],
    }


def record(state: State, user: User, names: Iterable[str], kind: str) -> None:
    """Note a change for delta queries and change notifications."""
    row = {"tenant": user.tenant, "user": user.id, "at": state.clock.time(), "kind": kind}
    Change.insert(**row, names=packed(sorted(set(names)))).execute()
    state.changed.append((user.tenant, user.id, kind))


def _lag(state: State, user: User, before: User | None) -> None:
    """The search index still shows what was there before, for a while."""
    if Lag.select().where(Lag.id == user.id).exists():
        return
    until = state.clock.time() + state.timing.search
    Lag.create(id=user.id, until=until)
    if before is not None:
        EarlierUser.create(**before.__data__)
    state.wake_at(until)


def remove(state: State, user: User) -> None:
    """Gone for good."""
    record(state, user, (), "purged")
    for table in FOUND_BY:
        table.delete().where(table.user == user.id).execute()
    models.Member.delete().where(models.Member.user == user.id).execute()
    models.Mailbox.delete().where(models.Mailbox.user == user.id).execute()
    models.Owner.delete().where(models.Owner.user == user.id).execute()
    User.update(manager=None).where(User.manager == user.id).execute()
    User.delete().where(User.seq == user.seq).execute()


def settle(state: State) -> None:
    """What time brings: see State.settle."""
    moment = state.clock.time()
    for user in User.select().where(User.mailbox_due <= moment):
        open_mailbox(user)
        save(state, user, ("mail", "proxyAddresses"))
    for user in User.select().where(User.addresses_due <= moment):
        follow_name(state, user)
        save(state, user, ("mail", "proxyAddresses"))
    over = Lag.select(Lag.id).where(Lag.until <= moment)
    EarlierUser.delete().where(EarlierUser.id.in_(over)).execute()
    Lag.delete().where(Lag.until <= moment).execute()
    for user in User.select().where(User.deleted_at <= moment - RECYCLE_BIN_LIFE):
        remove(state, user)


def open_mailbox(user: User) -> None:
    """Exchange gives a mailbox its addresses."""
    address = user.body["userPrincipalName"]
    user.mailbox_due = None
    user.body["mail"] = user.body.get("mail") or address
    others = [
        item for item in user.body.get("proxyAddresses") or () if not item.casefold().endswith(address.casefold())
    ]
    user.body["proxyAddresses"] = [f"SMTP:{address}", *others]


def follow_name(state: State, user: User) -> None:
    """Exchange follows: the new name becomes the primary one, or only one more.

    The old one stays. https://learn.microsoft.com/microsoft-365/admin/add-users/change-a-user-name-and-email-address
    """
    user.addresses_due = None
    name, held = user.body["userPrincipalName"], user.body.get("proxyAddresses") or []
    others = [item for item in held if item.partition(":")[2].casefold() != name.casefold()]
    if state.timing.old_stays_primary:
        user.body["proxyAddresses"] = [*others, f"smtp:{name}"]
        return
    user.body["proxyAddresses"] = [f"SMTP:{name}", *(f"smtp:{item.partition(':')[2]}" for item in others)]
    user.body["mail"] = name


def fixed_service_principal(tenant: Tenant) -> str:
    """The object id of the application in this tenant."""
    return str(uuid.uuid5(uuid.UUID(tenant.id), "service principal"))
