"""Who sits in front of the sign-in page, and whether the door opens for them.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from flask import request, session

from portal.sandbox.clock import read
from portal.sandbox.identity.answers import ANY_TENANT, state, tenant_or_refuse
from portal.sandbox.refusals import Refusal
from portal.sandbox.rules.users import check_password
from portal.sandbox.state import Tenant, User, people

SHOWN = 12
BLOCKED = "AADSTS50057: Your account has been locked. Contact your support person to unlock it."
WRONG = "AADSTS50126: Your account or password is incorrect."
UNKNOWN = "We couldn’t find an account with that username."
MUST_CHANGE = "You need to change your password because this is the first time you are signing in."
Person = tuple[Tenant, User]


class NotSignedIn(Exception):
    """The sign-in page is shown again. changing: the username whose password must be changed first."""

    def __init__(self, text: str, changing: str = ""):
        super().__init__(text)
        self.text, self.changing = text, changing


def tenants_of(tenant: str) -> list[Tenant]:
    return list(state().tenants.values()) if tenant in ANY_TENANT else [tenant_or_refuse(tenant)]


def offered(tenant: str) -> list[tuple[Tenant, list[User]]]:
    """The invented people to pick from."""
    found = []
    for item in tenants_of(tenant):
        live = (User.tenant == item.id) & User.deleted_at.is_null() & (User.user_type == "member")
        found.append((item, list(User.select().where(live).order_by(User.seq).limit(SHOWN))))
    return found


def door(user: User, password: str, moment: float = 0) -> str:
    """Would this password open the door: "ok", "must change password", "wrong password" or "blocked".

    "pass": it is the Temporary Access Pass, at a moment at which that holds.
    """
    held = user.access_pass
    if held and held["value"] == password and held["begins"] <= moment < held["ends"]:
        return "pass" if user.enabled else "blocked"
    if user.password != password:
        return "wrong password"
    if not user.enabled:
        return "blocked"
    return "must change password" if user.must_change else "ok"


def signing_in(tenant: str) -> Person:
    """Who signs in with the form that was sent. Raises NotSignedIn."""
    picked = request.form.get("pick")
    name = (picked or request.form.get("username", "")).strip()
    for home in tenants_of(tenant):
        user = people.find(home, name) if name else None
        if user is None:
            continue
        if picked:
            if not user.enabled:
                raise NotSignedIn(BLOCKED)
        else:
            _check_password_form(user)
        session["person"] = [home.id, user.id, state().clock.time()]
        return home, user
    raise NotSignedIn(UNKNOWN)


def _check_password_form(user: User) -> None:
    found = door(user, request.form.get("password", ""))
    if found == "blocked":
        raise NotSignedIn(BLOCKED)
    if found == "wrong password":
        raise NotSignedIn(WRONG)
    if found == "must change password":
        _change_password(user, request.form.get("new_password", ""))


def _change_password(user: User, fresh: str) -> None:
    name = user.body["userPrincipalName"]
    if not fresh or fresh == user.password:
        raise NotSignedIn(MUST_CHANGE, changing=name)
    try:
        check_password(fresh, name)
    except Refusal as error:
        raise NotSignedIn(error.message, changing=name) from None
    user.password, user.must_change = fresh, False
    user.body["lastPasswordChangeDateTime"] = state().clock.now()
    people.save(state(), user, ("lastPasswordChangeDateTime",))


def signed_in(tenant: str) -> Person | None:
    """Who is signed in already, if they belong to the tenant that is asked and their session has not ended."""
    home_id, user_id, since = session.get("person") or ("", "", 0)
    home = state().tenants.get(home_id)
    if home is None or home not in tenants_of(tenant):
        return None
    user = people.find(home, user_id)
    if user is None or not user.enabled or since < read(user.body["signInSessionsValidFromDateTime"]) - 1:
        return None
    return home, user
