"""Groups and who is in them.

https://learn.microsoft.com/graph/api/resources/group
"""

from flask import jsonify, request

from portal.sandbox.graph import CONTEXT, blueprint, body, need
from portal.sandbox.identity import state
from portal.sandbox.refusals import bad_request, not_found
from portal.sandbox.state import Tenant

READ_GROUPS = ("Group.Read.All", "GroupMember.Read.All", "Group.ReadBasic.All", "GroupMember.ReadWrite.All")
MEMBERS = "already exist for the following modified properties: 'members'."


def _group(tenant: Tenant, group_id: str) -> dict:
    found = next((group for group in tenant.groups if group["id"] == group_id), None)
    if found is None:
        raise not_found(group_id)
    return found


@blueprint.get("/groups")
def list_groups():
    """https://learn.microsoft.com/graph/api/group-list"""
    tenant = need(*READ_GROUPS, "Directory.Read.All")
    start = request.args.get("$filter", "")
    shown = [{name: value for name, value in group.items() if not name.startswith("_")} for group in tenant.groups]
    if start.startswith("startswith(displayName,"):
        wanted = start.split("'")[1].lower()
        shown = [group for group in shown if group["displayName"].lower().startswith(wanted)]
    return jsonify({"@odata.context": f"{CONTEXT}groups", "value": shown})


@blueprint.post("/groups/<group_id>/members/$ref")
def add_member(group_id: str):
    """https://learn.microsoft.com/graph/api/group-post-members"""
    tenant = need("GroupMember.ReadWrite.All")
    with state().lock:
        group = _group(tenant, group_id)
        member_id = str(body().get("@odata.id", "")).rpartition("/")[2]
        if tenant.find(member_id) is None:
            raise not_found(member_id)
        if member_id in group["_members"]:
            raise bad_request(f"One or more added object references {MEMBERS}")
        group["_members"].append(member_id)
        state().keep_tenant(tenant)
    return "", 204


@blueprint.delete("/groups/<group_id>/members/<member_id>/$ref")
def remove_member(group_id: str, member_id: str):
    """https://learn.microsoft.com/graph/api/group-delete-members"""
    tenant = need("GroupMember.ReadWrite.All")
    with state().lock:
        group = _group(tenant, group_id)
        if member_id not in group["_members"]:
            raise not_found(member_id)
        group["_members"].remove(member_id)
        state().keep_tenant(tenant)
    return "", 204
