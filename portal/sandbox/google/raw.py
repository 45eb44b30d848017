"""What the control address does to users, without any of Google's rules."""

from typing import Any

from portal.sandbox.google import log
from portal.sandbox.google.directory import shapes
from portal.sandbox.google.directory.keys import find
from portal.sandbox.google.state import Customer, State, User, people
from portal.sandbox.google.state.models import Access, Consent, Licence, Refresh

COLUMNS = {
    "suspended": "suspended", "archived": "archived", "isAdmin": "is_admin", "isDelegatedAdmin": "is_delegated",
    "orgUnitPath": "org_unit", "password": "password", "changePasswordAtNextLogin": "must_change",
}  # fmt: skip


def named(state: State, name: str) -> User:
    """Live by id or any address, or deleted by id or address. Raises KeyError."""
    user = find(state, name) or User.get_or_none((User.id == name) | (User.address == name))
    if user is None:
        raise KeyError(name)
    return user


def shown(state: State, user: User) -> dict[str, Any]:
    """All of a user: Google's properties, and what Google never shows with a line in front."""
    own = {
        "_deleted": user.deleted_at is not None, "_password": user.password, "_signedOutAt": user.signed_out_at,
        "_licences": [row.sku for row in Licence.select().where(Licence.user == user.id)],
    }  # fmt: skip
    if not user.customer:
        return {"id": user.id, "primaryEmail": user.address, "name": user.body["name"], **own}
    return {**shapes.whole(state, user), **own}


def _actor(customer: str) -> User:
    """The administrator in whose name things happen by hand."""
    admins = User.select().where((User.customer == customer) & User.is_admin & User.deleted_at.is_null())
    return admins.order_by(User.seq).first() or User(id="0", address="nobody")


def change(state: State, asked: dict[str, Any]) -> dict[str, Any]:
    """See Control.change_user. Raises KeyError for a user who is not there."""
    with state.work():
        user = named(state, asked["name"])
        before = shapes.whole(state, user) if user.customer else None
        values = dict(asked.get("values") or {})
        what = _say(user, values)
        if "primaryEmail" in values:
            people.let_go(state, user.address)
            user.address = values.pop("primaryEmail").lower()
            people.hold(user.customer, user.address, "user", user.id)
        if "lastLoginTime" in values:
            user.last_login = state.clock.time() if values.pop("lastLoginTime") else None
        for name, value in values.items():
            _set(user, name, value)
        what = _move(state, user, asked) or what
        if asked.get("purge"):
            people.purge(user)
            return {}
        people.save(state, user, what if what in ("delete", "undelete") else "update", before)
        if user.customer:
            log.record(state, _actor(user.customer), state.customers[user.customer], what, user.address)
        return shown(state, user)


def _say(user: User, values: dict[str, Any]) -> str:
    """What the admin log calls it."""
    if "suspended" in values and values["suspended"] != user.suspended:
        return "suspend" if values["suspended"] else "unsuspend"
    if "primaryEmail" in values:
        return "rename"
    if "isAdmin" in values:
        return "promote" if values["isAdmin"] else "demote"
    return "given" if "name" in values else "other"


def _set(user: User, name: str, value: Any) -> None:
    if name in COLUMNS:
        setattr(user, COLUMNS[name], value)
    elif value is None:
        user.body.pop(name, None)
    else:
        user.body[name] = {**user.body["name"], **value} if name == "name" else value


def _move(state: State, user: User, asked: dict[str, Any]) -> str:
    if asked.get("delete"):
        user.deleted_at = state.clock.time()
        state.wake_at(user.deleted_at)
        user.body["_aliases"] = people.aliases(user.id)
        for address in (user.address, *user.body["_aliases"]):
            people.let_go(state, address)
        Licence.delete().where(Licence.user == user.id).execute()
        people.end_tokens(user.id, all_of_them=False)
        return "delete"
    if asked.get("restore"):
        user.deleted_at = None
        people.hold(user.customer, user.address, "user", user.id)
        return "undelete"
    return ""


def make(state: State, asked: dict[str, Any]) -> dict[str, Any]:
    """See Control.make_user."""
    with state.work():
        personal = asked.get("customer") == "personal"
        customer = "" if personal else _customer(state, asked).id
        name = {"givenName": asked.get("first", "New"), "familyName": asked.get("last", "Person")}
        user = User(
            id=people.new_id(), customer=customer, address=asked["address"].lower(), password="Sandbox-Password-1",
            created=state.clock.time(), body={"name": name},
        )  # fmt: skip
        for key, value in (asked.get("values") or {}).items():
            _set(user, key, value)
        people.hold(customer, user.address, "unmanaged" if personal else "user", user.id)
        people.save(state, user, "add")
        if customer:
            log.record(state, _actor(customer), state.customers[customer], "create", user.address)
        return shown(state, user)


def _customer(state: State, asked: dict[str, Any]) -> Customer:
    return state.customer_named(asked.get("customer") or "Acme")


def narrow(user: User, scopes: list[str]) -> list[str]:
    """Only these scopes are left in what has been granted."""
    tables: tuple[Any, ...] = (Consent, Refresh, Access)
    for table in tables:
        for row in table.select().where(table.user == user.id):
            row.scopes = [scope for scope in row.scopes if scope in scopes]
            row.save()
    return scopes
