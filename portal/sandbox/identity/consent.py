"""The page on which an administrator grants the application its permissions.

https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request

from portal.sandbox.identity import scopes
from portal.sandbox.identity.answers import described, problem_of_client, state
from portal.sandbox.identity.people import NotSignedIn, signed_in, signing_in
from portal.sandbox.identity.sign_in import back, page
from portal.sandbox.rules.permissions import DECLARED
from portal.sandbox.state import Tenant, User
from portal.sandbox.state.roles import MAY_CONSENT

blueprint = Blueprint("consent", __name__)
V2, V1 = "/<tenant>/v2.0/adminconsent", "/<tenant>/adminconsent"


@blueprint.get(V2)
@blueprint.get(V1)
def ask(tenant: str) -> Any:
    problem = problem_of_client(request.args.get("redirect_uri", ""))
    if problem:
        return problem
    with state().work():
        person = signed_in(tenant)
        if person is None:
            return page(tenant)
        home, user = person
        return render_template(
            "sandbox/consent.html", tenant=home, user=user, permissions=_listed(), action=request.full_path,
            allowed=may_consent(user),
        )  # fmt: skip


def _named() -> list[str]:
    """The scopes that the request names; none for all that the application declares. Raises SignInError."""
    return scopes.asked(request.args.get("scope", ""))


def _listed() -> dict[str, tuple[str, str]]:
    return {name: scopes.KNOWN[name] for name in _named()} or DECLARED


def may_consent(user: User) -> bool:
    return bool(set(user.roles) & MAY_CONSENT)


@blueprint.post(V2)
@blueprint.post(V1)
def answered(tenant: str) -> Any:
    problem = problem_of_client(request.args.get("redirect_uri", ""))
    if problem:
        return problem
    with state().work():
        if "answer" not in request.form:
            try:
                signing_in(tenant)
            except NotSignedIn as error:
                return page(tenant, error.text, error.changing)
            return redirect(request.full_path, 303)
        person = signed_in(tenant)
        if request.form["answer"] != "accept":
            return _declined()
        if person is None:
            return redirect(request.full_path, 303)
        home, user = person
        if not may_consent(user):
            return _declined()
        return _granted(home)


def _declined() -> Any:
    error = "access_denied" if "/v2.0/" in request.path else "permission_denied"
    text = described(65004, "User declined to consent to access the app.")
    return back({"error": error, "error_description": text, "admin_consent": "True"})


def _granted(home: Tenant) -> Any:
    if _named():
        scopes.grant(home, "", _named())
    else:
        grant(home, list(DECLARED))
    answer = {"admin_consent": "True", "tenant": home.id}
    return back({**answer, "scope": request.args["scope"]} if "scope" in request.args else answer)


def grant(tenant: Tenant, permissions: list[str]) -> None:
    """From now on the application has these here; what it had before is replaced."""
    tenant.registered, tenant.granted = True, sorted(permissions)
    tenant.granted_at = state().clock.time() + state().timing.grants
    state().keep_tenant(tenant)
