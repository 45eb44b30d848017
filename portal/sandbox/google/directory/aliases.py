"""Aliases of a user.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.aliases
"""

from typing import Any

from portal.sandbox.google import log
from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.directory import shapes
from portal.sandbox.google.directory.keys import changeable, user_of
from portal.sandbox.google.refusals import duplicate, not_found, required
from portal.sandbox.google.rules import addresses
from portal.sandbox.google.state import User, people


def _alias(user: User, address: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#alias", "id": user.id, "etag": people.etag(user.id, address),
        "primaryEmail": user.address, "alias": address,
    }  # fmt: skip


@call("directory.users.aliases.list")
def list_aliases(asked: Asked) -> dict[str, Any]:
    user = user_of(state(), asked.caller, asked.names["userKey"])
    found = [_alias(user, address) for address in people.aliases(user.id)]
    answer: dict[str, Any] = {"kind": "admin#directory#aliases", "etag": people.etag(user.id, user.version, "aliases")}
    return {**answer, "aliases": found} if found else answer


@call("directory.users.aliases.insert")
def insert(asked: Asked) -> dict[str, Any]:
    user = changeable(state(), asked.caller, asked.names["userKey"])
    if not asked.body.get("alias"):
        raise required("alias")
    customer = asked.caller.need_admin()
    address = addresses.check_form(customer, asked.body["alias"], "alias", alias=True)
    if people.holder(customer, address) is not None:
        raise duplicate()
    before = shapes.whole(state(), user)
    people.hold(customer.id, address, "alias", user.id)
    people.save(state(), user, "update", before)
    log.record(state(), asked.caller.user, customer, "alias", user.address, USER_NICKNAME=address)
    return {name: value for name, value in _alias(user, address).items() if name != "primaryEmail"}


@call("directory.users.aliases.delete")
def delete(asked: Asked) -> None:
    user = changeable(state(), asked.caller, asked.names["userKey"])
    address = asked.names["alias"].lower()
    if address not in people.aliases(user.id):
        raise not_found("alias")
    before = shapes.whole(state(), user)
    people.let_go(state(), address)
    people.save(state(), user, "update", before)
    customer = asked.caller.need_admin()
    log.record(state(), asked.caller.user, customer, "no alias", user.address, USER_NICKNAME=address)
