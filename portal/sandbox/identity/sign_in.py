"""The sign-in page, and the way back with a code.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, session

from portal.sandbox.identity import scopes
from portal.sandbox.identity.answers import SignInError, described, identity, problem_of_client, state
from portal.sandbox.identity.people import NotSignedIn, Person, offered, signed_in, signing_in
from portal.sandbox.keys import fresh_code
from portal.sandbox.state.people import new_id

blueprint = Blueprint("sign_in", __name__)
KEPT = ("redirect_uri", "nonce", "code_challenge", "code_challenge_method", "scope")


def page(tenant: str, problem: str = "", changing: str = "") -> Any:
    """The sign-in page. problem: why it is shown again."""
    return render_template(
        "sandbox/sign_in.html", people=offered(tenant), problem=problem, changing=changing, action=request.full_path,
        hint=request.args.get("login_hint", ""),
    )  # fmt: skip


def back(answer: dict[str, str]) -> Any:
    """Send the browser back to the application, in the response_mode it asked for."""
    redirect_uri, mode = request.args["redirect_uri"], request.args.get("response_mode", "query")
    if request.args.get("state"):
        answer = {**answer, "state": request.args["state"]}
    if mode == "form_post":
        return render_template("sandbox/form_post.html", action=redirect_uri, values=answer)
    sign = "#" if mode == "fragment" else "&" if "?" in redirect_uri else "?"
    return redirect(f"{redirect_uri}{sign}{urlencode(answer)}")


def refused(error: str, number: int, text: str) -> Any:
    return back({"error": error, "error_description": described(number, text)})


@blueprint.get("/<tenant>/oauth2/v2.0/authorize")
def authorize(tenant: str) -> Any:
    problem = problem_of_client(request.args.get("redirect_uri", "")) or _problem_of_request()
    if problem:
        return problem
    with state().work():
        if request.args.get("prompt") == "none":
            return _silently(tenant)
        return page(tenant)


def _silently(tenant: str) -> Any:
    person = signed_in(tenant)
    if person is None:
        return refused("login_required", 50058, NOBODY)
    if _missing(person):
        return refused("interaction_required", 65001, scopes.RULES[65001].text)
    return _with_code(person)


NOBODY = "A silent sign-in request was sent but no user is signed in."


def _problem_of_request() -> Any:
    if request.args.get("response_type", "code") != "code":
        return refused("unsupported_response_type", 700051, "response_type is not enabled for the application.")
    if request.args.get("code_challenge") and request.args.get("code_challenge_method", "plain") not in (
        "S256",
        "plain",
    ):
        return refused("invalid_request", 501491, "Invalid size or method of Code_Challenge parameter.")
    try:
        scopes.asked(request.args.get("scope", ""))
    except SignInError as error:
        return refused(error.error, error.number, error.text)
    return None


@blueprint.post("/<tenant>/oauth2/v2.0/authorize")
def sign_in(tenant: str) -> Any:
    problem = problem_of_client(request.args.get("redirect_uri", "")) or _problem_of_request()
    if problem:
        return problem
    with state().work():
        if request.form.get("answer") == "cancel":
            return refused("access_denied", 65004, "User declined to consent to access the app.")
        if request.form.get("answer") == "without approval":
            return refused("access_denied", 90094, APPROVAL)
        if request.form.get("answer") == "accept":
            return _agreed(tenant)
        try:
            person = signing_in(tenant)
        except NotSignedIn as error:
            return page(tenant, error.text, error.changing)
        return _ask(person) if _missing(person) else _with_code(person)


APPROVAL = (
    "An administrator of your organization has set a policy that prevents you from granting the application the "
    "permissions it is requesting. Contact an administrator, who can grant permissions to this application on your "
    "behalf."
)


def _missing(person: Person) -> list[str]:
    """The scopes that are asked for, and that nobody agreed to yet."""
    home, user = person
    return [item for item in scopes.asked(request.args.get("scope", "")) if item not in scopes.granted(home, user.id)]


def _ask(person: Person) -> Any:
    """https://learn.microsoft.com/entra/identity-platform/consent-types-developer"""
    home, user = person
    wanted = _missing(person)
    return render_template(
        "sandbox/agree.html", tenant=home, user=user, permissions=[scopes.KNOWN[name] for name in wanted],
        action=request.full_path, allowed=scopes.may_agree(home, user, wanted),
    )  # fmt: skip


def _agreed(tenant: str) -> Any:
    person = signed_in(tenant)
    if person is None:
        return redirect(request.full_path, 303)
    home, user = person
    wanted = _missing(person)
    if not scopes.may_agree(home, user, wanted):
        return refused("access_denied", 90094, APPROVAL)
    scopes.grant(home, user.id, wanted)
    return _with_code(person)


def _with_code(person: Person) -> Any:
    home, user = person
    code = fresh_code()
    identity().codes[code] = {
        "tenant": home.id, "user": user.id, "at": state().clock.time(), "used": False,
        **{name: request.args.get(name, "") for name in KEPT},
    }  # fmt: skip
    return back({"code": code, "session_state": new_id()})


@blueprint.get("/<tenant>/oauth2/v2.0/logout")
def logout(tenant: str) -> Any:
    """https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request"""
    session.clear()
    target = request.args.get("post_logout_redirect_uri", "")
    if target and identity().knows(target):
        return redirect(target)
    return render_template(
        "sandbox/message.html", title="You signed out of your account", text="You can close this window."
    )
