"""The way to an authorization code: sign-in page, consent page with a box for each scope, and back.

https://developers.google.com/identity/protocols/oauth2/web-server and
https://developers.google.com/identity/protocols/oauth2/resources/granular-permissions
"""

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, session

from portal.sandbox.google.accounts import scopes
from portal.sandbox.google.accounts.answers import client, state, trouble
from portal.sandbox.google.accounts.client import ISSUER
from portal.sandbox.google.accounts.policy import refused_by_policy
from portal.sandbox.google.accounts.sign_in import NotSignedIn, offered, signed_in, signing_in
from portal.sandbox.google.state import User
from portal.sandbox.google.state.models import Consent

blueprint = Blueprint("accounts", __name__)
V2, V1 = "/o/oauth2/v2/auth", "/o/oauth2/auth"
KEPT = ("redirect_uri", "nonce", "code_challenge", "code_challenge_method", "access_type")
BLOCKED = "Access blocked: this app’s request is invalid"


def problem_of_request() -> tuple[str, int] | None:
    """The page that says what is wrong with the request; None when all is well."""
    given = request.args
    if given.get("client_id", "") != client().client_id:
        return trouble(401, "invalid_client", "The OAuth client was not found.")
    if client().deleted:
        return trouble(401, "deleted_client", "The OAuth client was deleted.")
    if not client().knows(given.get("redirect_uri", "")):
        return trouble(400, "redirect_uri_mismatch", f"{BLOCKED}: redirect_uri={given.get('redirect_uri', '')}")
    if given.get("response_type") != "code":
        return trouble(400, "invalid_request", "Required parameter is missing: response_type")
    if given.get("code_challenge") and given.get("code_challenge_method", "plain") not in ("S256", "plain"):
        return trouble(400, "invalid_request", "Invalid code_challenge_method.")
    try:
        if scopes.read(given.get("scope", "")):
            return None
    except KeyError as error:
        return trouble(400, "invalid_scope", f"Some requested scopes were invalid: {error}")
    return trouble(400, "invalid_request", "Missing required parameter: scope")


def back(answer: dict[str, str]) -> Any:
    """Send the browser back to the application."""
    target = request.args["redirect_uri"]
    if "state" in request.args:
        answer = {"state": request.args["state"], **answer}
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}")


def chooser(problem: str = "", changing: str = "") -> Any:
    hint = request.args.get("login_hint", "")
    return render_template(
        "sandbox/google/sign_in.html", people=offered(request.args.get("hd", "")), problem=problem, changing=changing,
        action=request.full_path, hint=hint, application=client().name,
    )  # fmt: skip


@blueprint.get(V2)
@blueprint.get(V1)
def ask() -> Any:
    problem = problem_of_request()
    if problem:
        return problem
    with state().work():
        person, prompt = signed_in(), request.args.get("prompt", "")
        if "none" in prompt.split():
            if person is None:
                return back({"error": "login_required"})
            return back({"error": "interaction_required"}) if _lacks(person) else _with_code(person, _wanted())
        if person is None or "select_account" in prompt.split():
            return chooser()
        return _next(person)


@blueprint.post(V2)
@blueprint.post(V1)
def answered() -> Any:
    """Somebody has signed in, or has decided."""
    problem = problem_of_request()
    if problem:
        return problem
    with state().work():
        if "answer" not in request.form:
            try:
                return _next(signing_in())
            except NotSignedIn as error:
                return chooser(error.text, error.changing)
        return _decided()


def _decided() -> Any:
    if request.form["answer"] == "other":
        session.pop("person", None)
        return chooser()
    person = signing_in() if request.form.get("pick") else signed_in()
    if person is None:
        return chooser()
    blocked = refused_by_policy(person, _wanted())
    if blocked:
        return blocked
    if request.form["answer"] == "all":
        return _consent(person, ticked=True)
    if request.form["answer"] != "allow":
        return back({"error": "access_denied"})
    return _with_code(person, _ticked())


def _next(person: User) -> Any:
    """The consent page, or straight back when all has been granted before."""
    blocked = refused_by_policy(person, _wanted())
    if blocked:
        return blocked
    if "consent" in request.args.get("prompt", "").split() or _lacks(person):
        return _consent(person)
    return _with_code(person, _wanted())


def _wanted() -> list[str]:
    return scopes.read(request.args.get("scope", ""))


def _boxes() -> list[str]:
    """The scopes that can be ticked one by one: those that are not for signing in, when there are several."""
    return [scope for scope in _wanted() if scope not in scopes.GRANTED_SIGN_IN]


def _lacks(person: User) -> bool:
    held = Consent.get_or_none(Consent.user == person.id)
    return not set(_wanted()) <= set(held.scopes if held else ())


def _consent(person: User, *, ticked: bool = False) -> Any:
    held = Consent.get_or_none(Consent.user == person.id)
    return render_template(
        "sandbox/google/consent.html", user=person, application=client().name, action=request.full_path, ticked=ticked,
        boxes={scope: scopes.known()[scope] for scope in _boxes()}, held=set(held.scopes if held else ()),
    )  # fmt: skip


def _ticked() -> list[str]:
    """What has been granted: a single scope has no box, and goes with the button."""
    boxes = _boxes()
    given = set(request.form.getlist("scope")) if len(boxes) > 1 else set(boxes)
    return [scope for scope in _wanted() if scope in scopes.GRANTED_SIGN_IN or scope in given]


def _with_code(person: User, granted: list[str]) -> Any:
    held = Consent.get_or_none(Consent.user == person.id)
    before = list(held.scopes) if held else []
    together = list(dict.fromkeys([*granted, *before]))
    Consent.replace(user=person.id, scopes=together, at=state().clock.time()).execute()
    if request.args.get("include_granted_scopes") == "true":
        granted = together
    code = f"4/0A{secrets.token_urlsafe(48)}"
    # A refresh token comes with the first consent, and later only with a consent that was asked for again.
    refresh = request.args.get("access_type") == "offline" and (
        held is None or "consent" in request.args.get("prompt", "").split()
    )
    client().codes[code] = {
        "user": person.id, "at": state().clock.time(), "used": False, "scopes": granted, "refresh": refresh,
        **{name: request.args.get(name, "") for name in KEPT},
    }  # fmt: skip
    answer = {"iss": ISSUER, "code": code, "scope": " ".join(granted), "authuser": "0"}
    customer = state().customers.get(person.customer)
    if customer:
        answer["hd"] = person.address.partition("@")[2]
    return back({**answer, "prompt": request.args.get("prompt") or "none"})
