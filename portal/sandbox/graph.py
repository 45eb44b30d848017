"""Microsoft Graph v1.0: the calls with which accounts are provisioned. Each names the page it follows."""

import uuid
from datetime import UTC, datetime
from typing import Any

import jwt
from flask import Blueprint, Response, g, jsonify, request

from portal.sandbox import query, rules
from portal.sandbox.identity import identity, state
from portal.sandbox.refusals import Refusal, bad_request, not_found, not_permitted, unauthorised
from portal.sandbox.seed import ROLES
from portal.sandbox.state import Tenant, new_id

blueprint = Blueprint("graph", __name__, url_prefix="/v1.0")
CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
READ_USERS = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All")
WRITE_USERS = ("User.ReadWrite.All",)
PASSWORDS = ("User-PasswordProfile.ReadWrite.All",)


@blueprint.before_request
def identify() -> None:
    g.request_id = str(uuid.uuid4())
    g.client_request_id = request.headers.get("client-request-id", g.request_id)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise unauthorised("Access token is empty.")
    try:
        claims = identity().signer.read(token)
    except jwt.InvalidTokenError:
        raise unauthorised("Access token validation failure. Invalid signature.") from None
    if claims.get("aud") != "https://graph.microsoft.com":
        raise unauthorised("Access token validation failure. Invalid audience.")
    if claims["exp"] < state().clock.time():
        raise unauthorised("Lifetime validation failed, the token is expired.")
    g.roles = frozenset(claims.get("roles") or ())
    g.tenant = state().tenants[claims["tid"]]


@blueprint.after_request
def mark(response: Response) -> Response:
    response.headers["request-id"] = g.get("request_id", "")
    response.headers["client-request-id"] = g.get("client_request_id", "")
    response.headers["x-ms-resource-unit"] = "1"
    return response


@blueprint.errorhandler(Refusal)
def refuse(error: Refusal):
    date = datetime.fromtimestamp(state().clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    body = error.body(request_id=g.request_id, client_request_id=g.client_request_id, date=date)
    return jsonify(body), error.status, error.headers


def need(*any_of: str) -> Tenant:
    """The tenant of the token, if it carries one of the permissions. Raises Refusal."""
    if not g.roles & set(any_of):
        raise not_permitted()
    return g.tenant


def user_of(tenant: Tenant, name: str) -> dict[str, Any]:
    user = tenant.find(name)
    if user is None:
        raise not_found(name)
    return user


def body() -> dict[str, Any]:
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set.")
    return found


def graph_url(path: str) -> str:
    return f"{request.host_url.rstrip('/')}/v1.0{path}"


@blueprint.get("/users")
def list_users():
    """https://learn.microsoft.com/graph/api/user-list"""
    tenant = need(*READ_USERS)
    context = f"{CONTEXT}users"
    return jsonify(
        query.listing(tenant.live(), request.args, request.headers, base=graph_url("/users"), context=context)
    )


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
            "_roles": [], "_manager": None,
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


@blueprint.post("/users/<name>/assignLicense")
def assign_licence(name: str):
    """https://learn.microsoft.com/graph/api/user-assignlicense"""
    tenant, wanted = need("LicenseAssignment.ReadWrite.All", *WRITE_USERS), body()
    for part in ("addLicenses", "removeLicenses"):
        if part not in wanted:
            raise bad_request(
                "One or more parameters of the operation 'assignLicense' are missing from the request payload. "
                f"The missing parameters are: {part}."
            )
    with state().lock:
        user = user_of(tenant, name)
        held = [item for item in user["assignedLicenses"] if item["skuId"] not in wanted["removeLicenses"]]
        for item in wanted["addLicenses"]:
            _check_licence(tenant, user, item["skuId"], held)
            if item["skuId"] not in [other["skuId"] for other in held]:
                held.append({"skuId": item["skuId"], "disabledPlans": item.get("disabledPlans", [])})
        user["assignedLicenses"] = held
        if held and not user.get("mail"):
            user["mail"] = user["userPrincipalName"]
            user["proxyAddresses"] = [f"SMTP:{user['userPrincipalName']}"]
        state().keep(tenant, user)
    return jsonify({"@odata.context": f"{CONTEXT}users/$entity", **query.selected(user, None)})


def _check_licence(tenant: Tenant, user: dict[str, Any], sku_id: str, held: list[dict]) -> None:
    sku = tenant.sku(sku_id)
    if not user.get("usageLocation"):
        raise bad_request("License assignment cannot be done for user with invalid usage location.")
    if sku is None:
        raise bad_request(f"License {sku_id} does not correspond to a valid company License.")
    has = any(item["skuId"] == sku_id for item in held)
    if not has and consumed(tenant, sku_id) >= sku["prepaidUnits"]["enabled"]:
        raise bad_request(f"Subscription with SKU {sku_id} does not have any available licenses.")


def consumed(tenant: Tenant, sku_id: str) -> int:
    """Seats in use."""
    return sum(any(item["skuId"] == sku_id for item in user["assignedLicenses"]) for user in tenant.live())


@blueprint.get("/users/<name>/licenseDetails")
def licence_details(name: str):
    """https://learn.microsoft.com/graph/api/user-list-licensedetails"""
    tenant = need("LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", *READ_USERS)
    user = user_of(tenant, name)
    skus = [tenant.sku(item["skuId"]) for item in user["assignedLicenses"]]
    value = [
        {"id": sku["skuId"], **{name: sku[name] for name in ("skuId", "skuPartNumber", "servicePlans")}}
        for sku in skus if sku
    ]  # fmt: skip
    return jsonify({"@odata.context": f"{CONTEXT}users('{user['id']}')/licenseDetails", "value": value})


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
    roles = [
        {"@odata.type": "#microsoft.graph.directoryRole", "id": str(uuid.uuid5(uuid.UUID(tenant.id), role)),
         "displayName": role, "roleTemplateId": ROLES[role]}
        for role in user_of(tenant, name)["_roles"]
    ]  # fmt: skip
    return jsonify({"@odata.context": f"{CONTEXT}directoryObjects", "value": roles})


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


@blueprint.route("/<path:anything>", methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
def unknown(anything: str):
    raise Refusal(400, "BadRequest", f"Resource not found for the segment '{anything.split('/')[0]}'.")
