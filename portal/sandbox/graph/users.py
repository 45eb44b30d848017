"""Users: list, read, create, change, delete, sign out."""

from flask import Response, request

from portal.sandbox import directory
from portal.sandbox.graph.calls import (
    address,
    answer,
    asked,
    call,
    known_user,
    live_users,
    nothing,
    sent,
    state,
)
from portal.sandbox.graph.expanding import expand
from portal.sandbox.graph.shapes import CONTEXT, check_select, user_shape
from portal.sandbox.odata import pages
from portal.sandbox.odata.kinds import USERS
from portal.sandbox.odata.options import Options
from portal.sandbox.refusals import not_permitted, unsupported
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User


def shown(user: User, options: Options, caller: Caller) -> dict:
    return {**user_shape(user.body, options, caller), **expand(user, options, caller)}


@call("GET", "/users", needs=permissions.READ_BASIC_USERS)
def list_users(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/user-list"""
    options = asked()
    check_select(options, caller, collection=True)
    if caller.sees_basics_only and options.filter:
        raise not_permitted()
    if options.expand and options.eventual:
        raise unsupported("Expand is not supported with advanced queries.")

    def show(body: dict) -> dict:
        found = user_shape(body, options, caller)
        if options.expand:
            found.update(expand(User.get(User.id == body["id"]), options, caller))
        return found

    page = pages.listing(
        USERS, live_users(caller), options, show, base=address("/users"), moment=state().clock.time()
    )  # fmt: skip
    return answer({"@odata.context": context_of(options), **page})


def context_of(options: Options) -> str:
    return f"{CONTEXT}users({','.join(options.select)})" if options.select else f"{CONTEXT}users"


@call("GET", "/users/$count", needs=permissions.READ_BASIC_USERS)
def count_users(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/count-query-parameter"""
    return Response(str(pages.count(USERS, live_users(caller), asked())), content_type="text/plain")


@call("POST", "/users", needs=permissions.WRITE_USERS)
def create_user(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/user-post-users"""
    user = directory.create(state(), caller, sent())
    place = {"Location": f"https://graph.microsoft.com/v2/{caller.tenant.id}/directoryObjects/{user.id}"}
    return answer({"@odata.context": f"{CONTEXT}users/$entity", **user_shape(user.body, Options(), caller)}, 201, place)


@call("GET", "/users/<name>", needs=permissions.READ_BASIC_USERS)
def get_user(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-get"""
    options = asked()
    check_select(options, caller, collection=False)
    user = known_user(caller, name)
    return answer({"@odata.context": f"{context_of(options)}/$entity", **shown(user, options, caller)})


@call("PATCH", "/users/<name>", needs=permissions.CHANGE_USERS)
def update_user(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-update"""
    changes = sent()
    user = known_user(caller, name)
    directory.change(state(), caller, user, changes)
    if "return=representation" in request.headers.get("Prefer", ""):
        body = {"@odata.context": f"{CONTEXT}users/$entity", **user_shape(user.body, Options(), caller)}
        return answer(body, headers={"Preference-Applied": "return=representation"})
    return nothing()


@call("DELETE", "/users/<name>", needs=permissions.DELETE_USERS)
def delete_user(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-delete"""
    directory.delete(state(), caller, known_user(caller, name))
    return nothing()


@call("POST", "/users/<name>/revokeSignInSessions", needs=permissions.REVOKE_SESSIONS)
def revoke_sessions(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
    directory.revoke_sessions(state(), known_user(caller, name))
    return answer({"@odata.context": f"{CONTEXT}Edm.Boolean", "value": True})
