"""What the person's administrator, or the application's own settings, do not let through.

https://support.google.com/a/answer/7281227
"""

from collections.abc import Collection
from typing import Any

from portal.sandbox.google.accounts.answers import client, state, trouble
from portal.sandbox.google.accounts.scopes import GRANTED_SIGN_IN
from portal.sandbox.google.state import User

TEXTS = {
    "admin_policy_enforced": "Your administrator has blocked this app. Contact your administrator for access.",
    "access_not_configured": "Your organisation’s settings do not allow this app. Ask your administrator to review it.",
    "org_internal": "This app is only available to users within its own organisation.",
    "access_denied": "The app is being tested, and can only be used by testers whom its developer has approved.",
}  # fmt: skip


def policy_error(user: User, wanted: Collection[str]) -> str:
    """The error's name, or "" when nothing is in the way. wanted: scopes, by the names under which they are granted."""
    customer = state().customers.get(user.customer)
    if client().internal:
        return "org_internal"
    if customer is None:
        return ""
    app = customer.rule("app")
    if app == "blocked":
        return "admin_policy_enforced"
    rule = customer.rule("unconfigured_apps")
    if app == "" and not (set(wanted) <= GRANTED_SIGN_IN if rule == "sign-in" else rule):
        return "access_not_configured"
    return ""


def refused_by_policy(user: User, wanted: Collection[str]) -> Any:
    """Google's page, or the way back where some refusals arrive; None when nothing is in the way."""
    from portal.sandbox.google.accounts.authorize import back

    error = policy_error(user, wanted)
    if not error:
        return None
    return back({"error": error}) if client().policy_comes_back else trouble(400, error, TEXTS[error])
