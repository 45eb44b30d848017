"""Groups and who is in them.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups
"""

from typing import Any

from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.directory.keys import group_of
from portal.sandbox.google.paging import paged
from portal.sandbox.google.refusals import bad_request, domain_not_found, not_found
from portal.sandbox.google.state import Group, User, people
from portal.sandbox.google.state.models import Member


def shown(group: Group) -> dict[str, Any]:
    own = people.aliases(group.id, "group alias")
    gone = User.select(User.id).where(User.deleted_at.is_null(False))
    members = Member.select().where((Member.group == group.id) & Member.member.not_in(gone)).count()
    found = {
        "kind": "admin#directory#group", "id": group.id, "etag": people.etag(group.id, members, *own),
        "email": group.email, "name": group.name, "directMembersCount": str(members), "description": group.description,
        "adminCreated": True,
    }  # fmt: skip
    if own:
        found["aliases"] = own
    customer = state().customers[group.customer]
    given = [item for address in (group.email, *own) for item in people.by_domain_alias(customer, address)]
    return {**found, "nonEditableAliases": given} if given else found


@call("directory.groups.get")
def get(asked: Asked) -> dict[str, Any]:
    return shown(group_of(asked.caller, asked.names["groupKey"]))


@call("directory.groups.list")
def list_groups(asked: Asked) -> dict[str, Any]:
    """All of a customer or domain, or those that somebody is in directly."""
    own, options = asked.caller.need_admin(), asked.options
    if not any(options.get(name) for name in ("customer", "domain", "userKey")):
        raise bad_request()
    if options.get("customer"):
        own = asked.caller.need_customer(options["customer"])
    domain = (options.get("domain") or "").lower()
    if domain and domain not in own.domain_names:
        raise domain_not_found()
    groups = Group.select().where(Group.customer == own.id).order_by(Group.email)
    if options.get("userKey"):
        member = _member_id(own.id, options["userKey"])
        groups = groups.join(Member, on=Member.group == Group.id).where(Member.member == member)
    found = [group for group in groups if not domain or group.email.endswith(f"@{domain}")]
    part, token = paged(found, options)
    answer: dict[str, Any] = {"kind": "admin#directory#groups", "etag": people.etag(own.id, len(found))}
    if part:
        answer["groups"] = [shown(group) for group in part]
    return {**answer, "nextPageToken": token} if token else answer


def _member_id(customer: str, key: str) -> str:
    """The id of a user or group of the customer. Raises Refusal."""
    user, group = people.find(key), people.find_group(key)
    for found in (user, group):
        if found is not None and found.customer == customer:
            return found.id
    raise not_found("userKey")


@call("directory.groups.aliases.list")
def list_aliases(asked: Asked) -> dict[str, Any]:
    group = group_of(asked.caller, asked.names["groupKey"])
    found = [
        {"kind": "admin#directory#alias", "id": group.id, "etag": people.etag(group.id, item),
         "primaryEmail": group.email, "alias": item}
        for item in people.aliases(group.id, "group alias")
    ]  # fmt: skip
    answer: dict[str, Any] = {"kind": "admin#directory#aliases", "etag": people.etag(group.id, len(found))}
    return {**answer, "aliases": found} if found else answer
