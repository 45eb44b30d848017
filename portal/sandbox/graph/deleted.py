"""The recycle bin.

https://learn.microsoft.com/graph/api/resources/directory: thirty days, then gone.
"""

from flask import Response, request

from portal.sandbox import directory
from portal.sandbox.graph.calls import address, answer, asked, call, nothing, sent, state
from portal.sandbox.graph.shapes import CONTEXT, check_select, linked_user, user_shape
from portal.sandbox.odata import pages
from portal.sandbox.odata.kinds import USERS
from portal.sandbox.odata.options import Options
from portal.sandbox.rules import permissions, protections
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import people

LIST = ("/directory/deletedItems/graph.user", "/directory/deletedItems/microsoft.graph.user")


@call("GET", *LIST, needs=permissions.READ_USERS)
def deleted_users(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
    options = asked()
    check_select(options, caller, collection=True)
    page = pages.listing(
        USERS, lambda model: (model.tenant == caller.tenant.id) & model.deleted_at.is_null(False), options,
        lambda body: user_shape(body, options, caller), base=address(request.path.removeprefix("/v1.0")),
        moment=state().clock.time(),
    )  # fmt: skip
    return answer({"@odata.context": f"{CONTEXT}users", **page})


@call("GET", "/directory/deletedItems/<user_id>", needs=permissions.READ_USERS)
def deleted_user(caller: Caller, user_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-get"""
    options = asked()
    check_select(options, caller, collection=False)
    user = directory.deleted_user_of(caller.tenant, user_id)
    return answer({"@odata.context": f"{CONTEXT}directoryObjects/$entity", **linked_user(user, options, caller)})


@call("POST", "/directory/deletedItems/<user_id>/restore", needs=permissions.RESTORE_USERS)
def restore(caller: Caller, user_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    user = directory.deleted_user_of(caller.tenant, user_id)
    wanted = sent() if request.get_data() else {}
    directory.restore(
        state(), user, caller.tenant, new_name=wanted.get("newUserPrincipalName"),
        reconcile=wanted.get("autoReconcileProxyConflict") is True,
    )  # fmt: skip
    return answer({"@odata.context": f"{CONTEXT}directoryObjects/$entity", **linked_user(user, Options(), caller)})


@call("DELETE", "/directory/deletedItems/<user_id>", needs=permissions.DELETE_USERS)
def purge(caller: Caller, user_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-delete"""
    user = directory.deleted_user_of(caller.tenant, user_id)
    protections.check_administrator(caller, user)
    people.remove(state(), user)
    return nothing()
