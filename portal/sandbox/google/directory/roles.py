"""Who administers what. Here there are two roles: super administrators, and those who manage users.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/roles
"""

from typing import Any

from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.directory.keys import user_of
from portal.sandbox.google.refusals import not_found
from portal.sandbox.google.state import Customer, User, people

SUPER, USERS = "13801188331880449", "13801188331880451"
NAMES = {SUPER: "_SEED_ADMIN_ROLE", USERS: "_USER_MANAGEMENT_ADMIN_ROLE"}
WORDS = {SUPER: "Google Workspace Administrator Seed Role", USERS: "User Management Administrator"}


def _role(own: str) -> dict[str, Any]:
    privileges = [{"privilegeName": "USERS_ALL", "serviceId": "00haapch16h1ysv"}]
    return {
        "kind": "admin#directory#role", "etag": people.etag(own), "roleId": own, "roleName": NAMES[own],
        "roleDescription": WORDS[own], "rolePrivileges": privileges, "isSystemRole": True,
        "isSuperAdminRole": own == SUPER,
    }  # fmt: skip


@call("directory.roles.list")
def list_roles(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customer"])
    return {"kind": "admin#directory#roles", "etag": people.etag(customer.id), "items": [_role(own) for own in NAMES]}


@call("directory.roles.get")
def get_role(asked: Asked) -> dict[str, Any]:
    asked.caller.need_customer(asked.names["customer"])
    if asked.names["roleId"] not in NAMES:
        raise not_found("roleId")
    return _role(asked.names["roleId"])


@call("directory.privileges.list")
def list_privileges(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customer"])
    known = {
        "kind": "admin#directory#privilege", "etag": people.etag("USERS_ALL"), "serviceId": "00haapch16h1ysv",
        "serviceName": "admin_directory", "privilegeName": "USERS_ALL", "isOuScopable": True,
    }  # fmt: skip
    return {"kind": "admin#directory#privileges", "etag": people.etag(customer.id), "items": [known]}


def _assignment(user: User) -> dict[str, Any]:
    return {
        "kind": "admin#directory#roleAssignment", "etag": people.etag(user.id, user.version),
        "roleAssignmentId": str(int(user.id[1:]) % 10**17), "roleId": SUPER if user.is_admin else USERS,
        "assignedTo": user.id, "assigneeType": "user", "scopeType": "CUSTOMER",
    }  # fmt: skip


def _holders(customer: Customer) -> list[User]:
    found = (User.customer == customer.id) & User.deleted_at.is_null() & (User.is_admin | User.is_delegated)
    return list(User.select().where(found).order_by(User.seq))


@call("directory.roleAssignments.list")
def list_assignments(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customer"])
    found = _holders(customer)
    if asked.options.get("userKey"):
        wanted = user_of(state(), asked.caller, asked.options["userKey"])
        found = [user for user in found if user.id == wanted.id]
    items = [_assignment(user) for user in found]
    role = asked.options.get("roleId")
    items = [item for item in items if role in (None, item["roleId"])]
    answer: dict[str, Any] = {"kind": "admin#directory#roleAssignments", "etag": people.etag(customer.id, len(items))}
    return {**answer, "items": items} if items else answer


@call("directory.roleAssignments.get")
def get_assignment(asked: Asked) -> dict[str, Any]:
    for user in _holders(asked.caller.need_customer(asked.names["customer"])):
        item = _assignment(user)
        if item["roleAssignmentId"] == asked.names["roleAssignmentId"]:
            return item
    raise not_found("roleAssignmentId")
