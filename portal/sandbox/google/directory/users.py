"""The methods of users.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
"""

from typing import Any

from flask import request

from portal.sandbox.google import log, unverified
from portal.sandbox.google.caller import Caller
from portal.sandbox.google.calls import Asked, answer, call, state
from portal.sandbox.google.directory import changing, leaving, listing, making, shapes
from portal.sandbox.google.directory.keys import changeable, user_of
from portal.sandbox.google.refusals import forbidden, not_found, not_met
from portal.sandbox.google.state import Customer, User, people


@call("directory.users.get")
def get(asked: Asked) -> dict[str, Any]:
    key, own = asked.names["userKey"], asked.caller.user
    if asked.options["viewType"] == "domain_public" and asked.caller.customer is not None:
        seer = Caller(User(id=own.id, is_admin=True), asked.caller.customer, asked.caller.scopes)
        return _shown(user_of(state(), seer, key), asked.options)
    return _shown(user_of(state(), asked.caller, key), asked.options)


def _shown(user: User, options: dict[str, Any]) -> dict[str, Any]:
    customer = state().customers[user.customer]
    return shapes.projected(shapes.said(customer, user, shapes.seen(state(), user), "get"), options)


@call("directory.users.list")
def list_users(asked: Asked) -> dict[str, Any]:
    return listing.page(state(), asked.caller, asked.options)


@call("directory.users.insert")
def insert(asked: Asked) -> Any:
    customer = _may_make(asked.caller)
    try:
        user = making.make(state(), asked.caller.user, customer, asked.body)
    except making.Invited:
        return answer({"kind": "admin#directory#user", "primaryEmail": asked.body["primaryEmail"]}, status=202)
    return shapes.fresh(shapes.whole(state(), user))


def _may_make(caller: Caller) -> Customer:
    """Raises Refusal."""
    return caller.need_admin() if unverified.DELEGATED_MAY_CREATE else caller.need_super_admin()


@call("directory.users.update")
def update(asked: Asked) -> dict[str, Any]:
    return _changed(asked, patch=False)


@call("directory.users.patch")
def patch(asked: Asked) -> dict[str, Any]:
    return _changed(asked, patch=True)


def _changed(asked: Asked, *, patch: bool) -> dict[str, Any]:
    user = changeable(state(), asked.caller, asked.names["userKey"])
    wanted = request.headers.get("If-Match", "*")
    if unverified.IF_MATCH and wanted not in ("*", people.etag(user.id, user.version)):
        raise not_met("Precondition Failed")
    changing.change(state(), asked.caller.user, user, asked.body, patch=patch)
    return shapes.projected(shapes.whole(state(), user), asked.options)


@call("directory.users.delete")
def delete(asked: Asked) -> None:
    leaving.delete(state(), asked.caller.user, changeable(state(), asked.caller, asked.names["userKey"]))


@call("directory.users.undelete")
def undelete(asked: Asked) -> None:
    """By id only."""
    customer, key = _may_make(asked.caller), asked.names["userKey"]
    if not key.isdigit():
        raise not_found("userKey")
    leaving.undelete(state(), asked.caller.user, customer, key, asked.body.get("orgUnitPath"))


@call("directory.users.makeAdmin")
def make_admin(asked: Asked) -> None:
    asked.caller.need_super_admin()
    user = changeable(state(), asked.caller, asked.names["userKey"])
    promote(asked.caller.user, user, wanted=bool(asked.body.get("status")))


def promote(actor: User, user: User, *, wanted: bool) -> None:
    """Make a super administrator of somebody, or the reverse. Raises Refusal."""
    if user.id == actor.id and not wanted:
        raise forbidden()
    if user.is_admin != wanted:
        before = shapes.whole(state(), user)
        user.is_admin = wanted
        people.save(state(), user, "makeAdmin", before)
        what = "promote" if wanted else "demote"
        log.record(state(), actor, state().customers[user.customer], what, user.address)


@call("directory.users.signOut")
def sign_out(asked: Asked) -> None:
    """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/signOut"""
    user = changeable(state(), asked.caller, asked.names["userKey"])
    user.signed_out_at = state().clock.time()
    user.save()
    log.record(state(), asked.caller.user, state().customers[user.customer], "sign out", user.address)
