"""What accounts and the token endpoint say no with."""

import json
from typing import Any

from flask import Response, current_app, render_template

from portal.sandbox.google.accounts.client import Client
from portal.sandbox.google.state import State


class TokenError(Exception):
    """The token endpoint says no."""

    def __init__(self, status: int, error: str, text: str = "", subtype: str = ""):
        super().__init__(text or error)
        self.status, self.error, self.text, self.subtype = status, error, text, subtype


def state() -> State:
    return current_app.extensions["state"]


def client() -> Client:
    return current_app.extensions["client"]


def refuse(error: TokenError) -> Response:
    body = {"error": error.error}
    if error.text:
        body["error_description"] = error.text
    if error.subtype:
        body["error_subtype"] = error.subtype
    return json_answer(body, error.status)


def json_answer(body: dict[str, Any], status: int = 200, cache: str = "no-cache, no-store, max-age=0") -> Response:
    return Response(
        json.dumps(body, indent=2), status, {"Cache-Control": cache}, content_type="application/json; charset=utf-8"
    )


def trouble(status: int, error: str, text: str) -> tuple[str, int]:
    """A refusal that stays on Google's own page: "Error 400: redirect_uri_mismatch"."""
    return render_template(
        "sandbox/google/blocked.html", application=client().name, error=f"Error {status}: {error}", text=text
    ), status  # fmt: skip
