"""Users as the Directory API shows them.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
"""

from typing import Any

from portal.sandbox.google import unverified
from portal.sandbox.google.state import Customer, State, User, people
from portal.sandbox.google.state.models import Earlier

# What comes from columns and other tables, and stands in no body.
LISTS = ("emails", "addresses", "externalIds", "relations", "organizations", "phones", "languages", "ims", "websites",
         "keywords", "locations", "posixAccounts", "sshPublicKeys")  # fmt: skip
PLAIN = ("gender", "notes", "recoveryEmail", "recoveryPhone", "customSchemas", "isGuestUser", "guestAccountInfo")


def names(body: dict[str, Any]) -> dict[str, Any]:
    """name, with the full name that Google makes of its parts."""
    name = body["name"]
    full = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
    return {**name, "fullName": full}


def whole(state: State, user: User, own: list[str] | None = None) -> dict[str, Any]:
    """All of a user that reads can show. own: their aliases, where they are known already."""
    customer, body = state.customers[user.customer], user.body
    own = people.aliases(user.id) if own is None else own
    shown: dict[str, Any] = {
        "kind": "admin#directory#user", "id": user.id, "etag": people.etag(user.id, user.version),
        "primaryEmail": user.address, "name": names(body), "isAdmin": user.is_admin,
        "isDelegatedAdmin": user.is_delegated, "lastLoginTime": _last_login(user),
        "creationTime": people.written(user.created), "agreedToTerms": user.last_login is not None,
        "suspended": user.suspended, "archived": user.archived, "changePasswordAtNextLogin": user.must_change,
        "ipWhitelisted": body.get("ipWhitelisted", False), "emails": _emails(customer, user, own),
    }  # fmt: skip
    for name in (*LISTS, *PLAIN):
        if name != "emails" and body.get(name) not in (None, [], {}):
            shown[name] = body[name]
    shown.update(_of_state(state, customer, user, own))
    return shown


def _of_state(state: State, customer: Customer, user: User, own: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if own:
        found["aliases"] = own
    given = [item for address in (user.address, *own) for item in people.by_domain_alias(customer, address)]
    if given:
        found["nonEditableAliases"] = given
    if user.suspended:
        found["suspensionReason"] = user.body.get("suspensionReason", "ADMIN")
        found["suspensionTime"] = user.body.get("suspensionTime", people.written(user.created))
    if user.archived:
        found["archivalTime"] = user.body.get("archivalTime", people.written(user.created))
    if user.deleted_at is not None:
        found["deletionTime"] = people.written(user.deleted_at)
    return found | {
        "customerId": user.customer, "orgUnitPath": user.org_unit,
        "isMailboxSetup": user.mailbox_at <= state.clock.time(),
        "isEnrolledIn2Sv": bool(user.body.get("_2sv")), "isEnforcedIn2Sv": False,
        "includeInGlobalAddressList": user.body.get("includeInGlobalAddressList", True),
    }  # fmt: skip


def _last_login(user: User) -> str:
    return unverified.NEVER_SIGNED_IN if user.last_login is None else people.written(user.last_login)


def _emails(customer: Customer, user: User, own: list[str]) -> list[dict[str, Any]]:
    """Google's own entries, and those that somebody wrote."""
    found: list[dict[str, Any]] = [{"address": user.address, "primary": True}]
    found += [{"address": item} for item in own]
    found += [
        {"address": item} for address in (user.address, *own) for item in people.by_domain_alias(customer, address)
    ]
    taken = {item["address"] for item in found}
    return found + [item for item in user.body.get("emails") or () if item.get("address") not in taken]


def seen(state: State, user: User, own: list[str] | None = None, earlier: Earlier | None = None) -> dict[str, Any]:
    """A user as the replica that answers has them. own, earlier: where they are known already."""
    if own is None:
        earlier = Earlier.get_or_none(Earlier.id == user.id)
    trails = earlier is not None and earlier.until > state.clock.time()
    if earlier is not None and trails and not (state.timing.flips and next(state.turns) % 2):
        # The etag goes on changing while replicas agree.
        return {**earlier.shown, "etag": people.etag(user.id, user.version, state.clock.time())}
    shown = whole(state, user, own)
    if own is None and user.created > state.clock.time() - state.timing.whole:
        return {name: value for name, value in shown.items() if name not in (*LISTS, *PLAIN, "name")}
    return shown


def said(customer: Customer, user: User, shown: dict[str, Any], where: str) -> dict[str, Any]:
    """Without what a test has Google leave out, and without what is false where the customer's answers do so.

    where: "list", "get" for answers about the user alone, or "search" for what queries go by.
    """
    unsaid = (user.body.get("_unsaid") or {}).get(where, ())
    falses = customer.rule("says_false") or where == "search"
    return {name: value for name, value in shown.items() if name not in unsaid and (falses or value is not False)}


def projected(shown: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """What the projection and the view leave of it."""
    projection = options.get("projection", "basic")
    schemas = shown.get("customSchemas") or {}
    if projection == "custom":
        wanted = (options.get("customFieldMask") or "").split(",")
        schemas = {name: value for name, value in schemas.items() if name in wanted}
    rest = {name: value for name, value in shown.items() if name != "customSchemas"}
    if schemas and projection != "basic":
        rest["customSchemas"] = schemas
    if options.get("viewType") == "domain_public":
        rest = {name: value for name, value in rest.items() if name in PUBLIC}
    return rest


PUBLIC = (
    "kind", "id", "etag", "primaryEmail", "name", "emails", "organizations", "phones", "thumbnailPhotoUrl", "relations",
    "locations", "addresses", "externalIds",
)  # fmt: skip


def fresh(shown: dict[str, Any]) -> dict[str, Any]:
    """What insert answers: less than a read."""
    wanted = (
        "kind", "id", "etag", "primaryEmail", "name", "isAdmin", "isDelegatedAdmin", "creationTime", "customerId",
        "orgUnitPath", "isMailboxSetup", "changePasswordAtNextLogin", "suspended", "recoveryEmail", "recoveryPhone",
        *LISTS, "customSchemas",
    )  # fmt: skip
    return {name: shown[name] for name in wanted if name in shown and name != "emails"}
