"""Users: list, read, create, change, delete.

https://learn.microsoft.com/graph/api/resources/user
"""

from typing import Any

from flask import g, jsonify, request

from portal.sandbox import query, rules
from portal.sandbox.graph import CONTEXT, PASSWORDS, READ_USERS, WRITE_USERS, blueprint, body, graph_url, need, user_of
from portal.sandbox.identity import state
from portal.sandbox.refusals import bad_request, not_permitted
from portal.sandbox.state import Tenant, new_id


@blueprint.get("/users")
def list_users():
    """https://learn.microsoft.com/graph/api/user-list"""
    tenant = need(*READ_USERS)
    context = f"{CONTEXT}users"
    shown = [user for user in tenant.live() if state().is_shown(user)] if state().lag else tenant.live()
    return jsonify(query.listing(shown, request.args, request.headers, base=graph_url("/users"), context=context))


@blueprint.post("/users")
def create_user():
    """https://learn.microsoft.com/graph/api/user-post-users"""
    tenant, wanted = need(*WRITE_USERS), body()
    with state().lock:
        rules.check_new(tenant, wanted)
        moment = state().clock.now()
        profile = wanted.pop("passwordProfile")
        user = {
            **{name: value for name, value in wanted.items() if not name.startswith("@odata.")},
            "id": new_id(), "userType": wanted.get("userType") or "Member", "createdDateTime": moment,
            "signInSessionsValidFromDateTime": moment, "businessPhones": wanted.get("businessPhones") or [],
            "proxyAddresses": [], "assignedLicenses": [], "mail": None,
            "_password": profile["password"], "_mustChange": bool(profile.get("forceChangePasswordNextSignIn")),
            "_roles": [], "_manager": None, "_born": state().clock.time(),
        }  # fmt: skip
        state().keep(tenant, user)
    shown = query.selected(user, None)
    return jsonify({"@odata.context": f"{CONTEXT}users/$entity", **shown}), 201


@blueprint.get("/users/<name>")
def get_user(name: str):
    """https://learn.microsoft.com/graph/api/user-get"""
    user = user_of(need(*READ_USERS), name)
    return jsonify({"@odata.context": f"{CONTEXT}users/$entity", **query.selected(user, request.args.get("$select"))})


@blueprint.patch("/users/<name>")
def update_user(name: str):
    """https://learn.microsoft.com/graph/api/user-update"""
    changes = body()
    tenant = need(*WRITE_USERS, *(("User.EnableDisableAccount.All",) if set(changes) == {"accountEnabled"} else ()))
    with state().lock:
        user = user_of(tenant, name)
        if user["_roles"] and set(changes) & {
            "accountEnabled",
            "mobilePhone",
            "businessPhones",
            "otherMails",
            "passwordProfile",
        }:
            raise not_permitted()
        if "passwordProfile" in changes and not g.roles & set(PASSWORDS):
            raise not_permitted()
        if user.get("onPremisesSyncEnabled") and set(changes) - {"usageLocation", "otherMails"}:
            raise bad_request(
                "Unable to update the specified properties for on-premises mastered Directory Sync objects."
            )
        rules.check_changes(tenant, changes, user)
        _change(tenant, user, changes)
    return "", 204


def _change(tenant: Tenant, user: dict[str, Any], changes: dict[str, Any]) -> None:
    old_name = user["userPrincipalName"]
    profile = changes.pop("passwordProfile", None)
    attributes = changes.pop("onPremisesExtensionAttributes", None)
    if profile and profile.get("password"):
        user["_password"] = profile["password"]
        user["_mustChange"] = bool(profile.get("forceChangePasswordNextSignIn"))
    if attributes:
        user["onPremisesExtensionAttributes"] = {**(user.get("onPremisesExtensionAttributes") or {}), **attributes}
    user.update({name: value for name, value in changes.items() if not name.startswith("@odata.")})
    state().keep(tenant, user, old_name=old_name)


@blueprint.delete("/users/<name>")
def delete_user(name: str):
    """https://learn.microsoft.com/graph/api/user-delete"""
    tenant = need("User.DeleteRestore.All", *WRITE_USERS)
    with state().lock:
        user = user_of(tenant, name)
        old_name = user["userPrincipalName"]
        user["deletedDateTime"] = state().clock.now()
        user["userPrincipalName"] = user["id"].replace("-", "") + old_name
        state().keep(tenant, user, old_name=old_name)
    return "", 204


@blueprint.post("/users/<name>/revokeSignInSessions")
def revoke_sessions(name: str):
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
    tenant = need("User.RevokeSessions.All", *WRITE_USERS)
    with state().lock:
        user = user_of(tenant, name)
        user["signInSessionsValidFromDateTime"] = state().clock.now()
        state().keep(tenant, user)
    return jsonify({"@odata.context": f"{CONTEXT}Edm.Boolean", "value": True})
