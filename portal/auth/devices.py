"""Browsers in which a user signed in before: a signed cookie says which. It opens nothing; it only sets a browser apart
from those of guessers, so that they cannot keep its owner out.
"""

import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from portal.auth import throttle
from portal.auth.models import User
from portal.signing import SIGNING, Signer

COOKIE = "device"
REMEMBERED_SECONDS = 180 * 24 * 3600
MOST_USERS = 5


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.secret_key or "", salt="known device", signer=Signer, signer_kwargs=SIGNING
    )  # fmt: skip


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-{COOKIE}"


def _read() -> dict:
    """{"id": of this browser, "of": [whose]}; the whose are keyed hashes, so that the cookie shows no name."""
    try:
        return _serializer().loads(request.cookies.get(_name(), ""), max_age=REMEMBERED_SECONDS)
    except BadSignature:
        return {"id": secrets.token_urlsafe(12), "of": []}


def _mark(email: str) -> str:
    return throttle.keyed_hash(f"device of {email}")[:16]


def known(email: str) -> str:
    """The name of this browser if the user with this address signed in here before, else empty."""
    device = _read()
    return device["id"] if _mark(email) in device["of"] else ""


def browser_or_address() -> str:
    """Whom a limit holds: this browser, if a user signed in here before, so that strangers at its address do not."""
    device = _read()
    return f"device {device['id']}" if device["of"] else throttle.network_of(request.remote_addr or "")


def remember(response: Response, user: User) -> Response:
    """Let this browser count as known to the user."""
    device = _read()
    mark = _mark(user.email)
    device["of"] = [mark, *(other for other in device["of"] if other != mark)][:MOST_USERS]
    response.set_cookie(
        _name(), _serializer().dumps(device), max_age=REMEMBERED_SECONDS, httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response
