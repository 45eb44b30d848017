"""What an application may do in the name of people, and who may agree to it.

https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies and
https://learn.microsoft.com/graph/permissions-reference
"""

from typing import NamedTuple

from portal.sandbox.identity.answers import SignInError, identity, state
from portal.sandbox.identity.platform import GRAPHS, STAND_IN
from portal.sandbox.state import Tenant, User
from portal.sandbox.state.roles import MAY_CONSENT

# The sign-in itself: https://learn.microsoft.com/entra/identity-platform/scopes-oidc
OF_SIGN_IN = ("openid", "profile", "email", "offline_access")
# Microsoft's titles and words.
KNOWN = {
    "User.Read": ("Sign in and read user profile", "Allows users to sign in, and the app to read their profile."),
    "Mail.Send": ("Send mail as a user", "Allows the app to send mail as users in the organization."),
    "Mail.ReadBasic": ("Read user basic mail", "Allows the app to read email except body, attachments and extensions."),
    "Mail.Read": ("Read user mail", "Allows the app to read email in user mailboxes."),
    "Mail.ReadWrite": (
        "Read and write access to user mail",
        "Allows the app to create, read, update, and delete email in user mailboxes. Not permission to send mail.",
    ),
    "Calendars.ReadBasic": ("Read basic details of user calendars", "Allows the app to read events, without body."),
    "Calendars.Read": ("Read user calendars", "Allows the app to read events in user calendars."),
    "Calendars.ReadWrite": (
        "Have full access to user calendars",
        "Allows the app to create, read, update, and delete events in user calendars.",
    ),
    "MailboxSettings.Read": ("Read user mailbox settings", "Allows the app to read user's mailbox settings."),
}
# What people may agree to on their own, by the policy of a tenant.
POLICIES = {
    "microsoft": frozenset({"User.Read", "Mail.Send"}),
    "everybody": frozenset(KNOWN),
    "administrators": frozenset(),
}


class Rule(NamedTuple):
    """How the token endpoint words that a person gets no token."""

    error: str
    text: str
    suberror: str = ""


# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
RULES = {
    50076: Rule(
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "use multi-factor authentication to access the resource.",
        "basic_action",
    ),
    50105: Rule(
        "invalid_grant",
        "Your administrator has configured the application to block users unless they are specifically granted "
        "('assigned') access to the application.",
    ),
    50173: Rule(
        "invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed."
    ),
    53003: Rule(
        "invalid_grant",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "message_only",
    ),
    65001: Rule(
        "invalid_grant",
        "The user or administrator has not consented to use the application. Send an interactive authorization request "
        "for this user and resource.",
        "consent_required",
    ),
    70043: Rule(
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        "bad_token",
    ),
    700082: Rule("invalid_grant", "The refresh token has expired due to inactivity.", "bad_token"),
}  # fmt: skip


def refusal(number: int) -> SignInError:
    rule = RULES[number]
    return SignInError(400, rule.error, number, rule.text, rule.suberror)


def asked(text: str) -> list[str]:
    """The scopes of Graph in a request, by their short names. Raises SignInError for one that there is none of."""
    found = []
    for scope in text.split():
        name = scope
        for resource in (*GRAPHS, identity().base_url, STAND_IN):
            name = name.removeprefix(f"{resource}/")
        if name in OF_SIGN_IN or name == ".default":
            continue
        if name not in KNOWN:
            words = f"The application asked for scope '{name}' that doesn't exist on the resource."
            raise SignInError(400, "invalid_scope", 650053, words)
        found.append(name)
    return list(dict.fromkeys(found))


def granted(tenant: Tenant, user_id: str) -> frozenset[str]:
    """What the application may do for this person."""
    return frozenset([*tenant.delegated.get("", ()), *tenant.delegated.get(user_id, ())])


def may_agree(tenant: Tenant, user: User, scopes: list[str]) -> bool:
    """Whether this person may agree to them for their own account."""
    return bool(set(user.roles) & MAY_CONSENT) or set(scopes) <= POLICIES[tenant.consent_policy]


def grant(tenant: Tenant, user_id: str, scopes: list[str]) -> None:
    """Besides what was granted before. user_id: "" for everybody in the tenant."""
    now = {*tenant.delegated.get(user_id, ()), *scopes}
    tenant.delegated = {**tenant.delegated, user_id: sorted(now)}
    tenant.registered = True
    state().keep_tenant(tenant)
