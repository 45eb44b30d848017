"""What the identity platform says no with, and small things its pages share.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import json

from flask import Response, current_app, render_template, request

from portal.sandbox.identity.platform import Identity
from portal.sandbox.state import State, Tenant
from portal.sandbox.state.people import new_id

ANY_TENANT = ("organizations", "common")


class SignInError(Exception):
    """The token endpoint says no. number: the AADSTS code."""

    def __init__(self, status: int, error: str, number: int, text: str, suberror: str = ""):
        super().__init__(text)
        self.status, self.error, self.number, self.text, self.suberror = status, error, number, text, suberror


def identity() -> Identity:
    return current_app.extensions["identity"]


def state() -> State:
    return current_app.extensions["state"]


def tenant_or_refuse(name: str) -> Tenant:
    """By id, or any of its domains. Raises SignInError."""
    try:
        return state().tenant_named(name)
    except KeyError:
        text = (
            f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the "
            "correct cloud. Check with your subscription administrator, this may happen if there are no active "
            "subscriptions for the tenant."
        )
        raise SignInError(400, "invalid_tenant", 90002, text) from None


def described(number: int, text: str) -> str:
    """An error_description as the platform writes it."""
    date = state().clock.now().replace("T", " ")
    return f"AADSTS{number}: {text}\r\nTrace ID: {new_id()}\r\nCorrelation ID: {new_id()}\r\nTimestamp: {date}"


def refuse(error: SignInError) -> Response:
    """The error as JSON, in Microsoft's own shape."""
    trace, correlation, date = new_id(), _correlation(), state().clock.now().replace("T", " ")
    text = (
        f"AADSTS{error.number}: {error.text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {date}"
    )
    body = {
        "error": error.error, "error_description": text, "error_codes": [error.number], "timestamp": date,
        "trace_id": trace, "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={error.number}",
    }  # fmt: skip
    if error.suberror:
        body["suberror"] = error.suberror
    return json_answer(body, error.status)


def _correlation() -> str:
    return request.headers.get("client-request-id") or request.args.get("client-request-id") or new_id()


def json_answer(body: dict, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache", "x-ms-request-id": new_id()}
    return Response(json.dumps(body), status, headers, content_type="application/json; charset=utf-8")


def trouble(number: int, text: str) -> tuple[str, int]:
    """A failure that stays on Microsoft's own page, because the client cannot be trusted with it."""
    title = "Sorry, but we’re having trouble signing you in"
    return render_template("sandbox/message.html", title=title, text=f"AADSTS{number}: {text}"), 400


def problem_of_client(redirect_uri: str) -> tuple[str, int] | None:
    """The page that says what is wrong with the application or its redirect address; None when all is well."""
    client_id = request.args.get("client_id", "")
    if client_id != identity().client_id:
        return trouble(700016, f"Application with identifier '{client_id}' was not found in the directory.")
    if not identity().knows(redirect_uri):
        text = (
            f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured "
            f"for the application '{client_id}'."
        )
        return trouble(50011, text)
    return None
