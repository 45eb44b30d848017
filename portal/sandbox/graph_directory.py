"""Managers, memberships, the tenant itself, and the recycle bin."""

import uuid

from flask import jsonify, request

from portal.sandbox import query
from portal.sandbox.graph import CONTEXT, READ_USERS, WRITE_USERS, blueprint, body, graph_url, need, user_of
from portal.sandbox.graph_licences import consumed
from portal.sandbox.identity import state
from portal.sandbox.refusals import bad_request, not_found
from portal.sandbox.seed import ROLES


@blueprint.get("/users/<name>/manager")
@blueprint.get("/users/<name>/manager/$ref")
def manager(name: str):
    """https://learn.microsoft.com/graph/api/user-list-manager"""
    tenant = need(*READ_USERS)
    found = tenant.find(user_of(tenant, name)["_manager"] or "")
    if found is None:
        raise not_found("manager")
    if request.path.endswith("$ref"):
        link = f"https://graph.microsoft.com/v2/{tenant.id}/directoryObjects/{found['id']}/Microsoft.DirectoryServices.User"
        return jsonify({"@odata.context": f"{CONTEXT}$ref", "@odata.id": link})
    shown = query.selected(found, request.args.get("$select"))
    return jsonify(
        {"@odata.context": f"{CONTEXT}directoryObjects/$entity", "@odata.type": "#microsoft.graph.user", **shown}
    )


@blueprint.put("/users/<name>/manager/$ref")
def set_manager(name: str):
    """https://learn.microsoft.com/graph/api/user-post-manager"""
    tenant, wanted = need(*WRITE_USERS), body()
    with state().lock:
        user = user_of(tenant, name)
        wanted_id = str(wanted.get("@odata.id", "")).rpartition("/")[2]
        if not wanted_id:
            raise bad_request("A value is required for property '@odata.id' of resource 'Reference'.")
        user["_manager"] = user_of(tenant, wanted_id)["id"]
        state().keep(tenant, user)
    return "", 204


@blueprint.delete("/users/<name>/manager/$ref")
def clear_manager(name: str):
    """https://learn.microsoft.com/graph/api/user-delete-manager"""
    tenant = need(*WRITE_USERS)
    with state().lock:
        user = user_of(tenant, name)
        if not user["_manager"]:
            raise not_found("manager")
        user["_manager"] = None
        state().keep(tenant, user)
    return "", 204


@blueprint.get("/users/<name>/memberOf")
def member_of(name: str):
    """https://learn.microsoft.com/graph/api/user-list-memberof"""
    tenant = need(
        "Directory.Read.All",
        "GroupMember.Read.All",
        "Group.Read.All",
        "GroupMember.ReadWrite.All",
        "Group.ReadBasic.All",
    )
    user = user_of(tenant, name)
    roles = [
        {
            "@odata.type": "#microsoft.graph.directoryRole",
            "id": str(uuid.uuid5(uuid.UUID(tenant.id), role)),
            "displayName": role,
            "roleTemplateId": ROLES[role],
        }
        for role in user["_roles"]
    ]
    groups = [
        {"@odata.type": "#microsoft.graph.group", "id": group["id"], "displayName": group["displayName"]}
        for group in tenant.groups
        if user["id"] in group["_members"]
    ]
    return jsonify({"@odata.context": f"{CONTEXT}directoryObjects", "value": roles + groups})


@blueprint.get("/subscribedSkus")
def subscribed_skus():
    """https://learn.microsoft.com/graph/api/subscribedsku-list"""
    tenant = need(
        "LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "Directory.Read.All"
    )
    value = [
        {
            **sku,
            "id": f"{tenant.id}_{sku['skuId']}",
            "accountId": tenant.id,
            "consumedUnits": consumed(tenant, sku["skuId"]),
        }
        for sku in tenant.skus
    ]
    return jsonify({"@odata.context": f"{CONTEXT}subscribedSkus", "value": value})


@blueprint.get("/organization")
def organization():
    """https://learn.microsoft.com/graph/api/organization-list"""
    tenant = need("Organization.Read.All", *READ_USERS)
    domains = [
        {"name": item["id"], "isDefault": item["isDefault"], "isInitial": item["isInitial"],
         "type": item["authenticationType"], "capabilities": "Email, OfficeCommunicationsOnline"}
        for item in tenant.domains if item["isVerified"]
    ]  # fmt: skip
    value = [{
        "id": tenant.id, "displayName": tenant.name, "countryLetterCode": tenant.country, "tenantType": "AAD",
        "verifiedDomains": domains,
    }]  # fmt: skip
    return jsonify({"@odata.context": f"{CONTEXT}organization", "value": value})


@blueprint.get("/domains")
def domains():
    """https://learn.microsoft.com/graph/api/domain-list"""
    tenant = need("Domain.Read.All", "Directory.Read.All")
    return jsonify({"@odata.context": f"{CONTEXT}domains", "value": tenant.domains})


@blueprint.get("/directory/deletedItems/graph.user")
@blueprint.get("/directory/deletedItems/microsoft.graph.user")
def deleted_users():
    """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
    tenant = need(*READ_USERS)
    base = graph_url("/directory/deletedItems/microsoft.graph.user")
    return jsonify(query.listing(tenant.deleted(), request.args, request.headers, base=base, context=f"{CONTEXT}users"))


@blueprint.post("/directory/deletedItems/<user_id>/restore")
def restore(user_id: str):
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    tenant = need("User.DeleteRestore.All", *WRITE_USERS)
    with state().lock:
        user = tenant.users.get(user_id.lower())
        if user is None or not user.get("deletedDateTime"):
            raise not_found(user_id)
        stored = user["userPrincipalName"]
        wanted = stored.removeprefix(user["id"].replace("-", ""))
        if tenant.find(wanted):
            raise bad_request("Another object with the same value for property userPrincipalName already exists.")
        user["deletedDateTime"], user["userPrincipalName"] = None, wanted
        state().keep(tenant, user, old_name=stored)
    shown = query.selected(user, None)
    return jsonify(
        {"@odata.context": f"{CONTEXT}directoryObjects/$entity", "@odata.type": "#microsoft.graph.user", **shown}
    )
