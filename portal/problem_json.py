"""Failures of the API, as RFC 9457 wants them, and of SCIM: https://www.rfc-editor.org/rfc/rfc9457

`portal.errors` decides what a failure is; here it only gets its shape.
"""

import json
from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from portal.config import settings
from portal.problems import Problem

SCIM = "/scim/"
PREFIXES = ("/api/", SCIM)
TYPE = "application/problem+json"
SCIM_TYPE = "application/scim+json"
SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
# Status -> (the word a program knows it by, what is wrong, what to do), where a page would speak of buttons.
WORDS = {
    400: ("bad-request", "The request cannot be read.", "Compare it with the description of the API."),
    404: ("not-found", "There is nothing at this address, or it is not your organisation’s.",
          "Compare the address with the description of the API."),
    405: ("method-not-allowed", "This address does not take this method.", "The header Allow says which it takes."),
    413: ("too-large", "The request is larger than the API accepts.", "Send less at once."),
    415: ("not-json", "The body is not JSON in UTF-8, or it is packed.",
          "Send JSON in UTF-8, with Content-Type: application/json and without Content-Encoding."),
    429: ("too-many-requests", "There were too many requests within a minute.",
          "Wait for as many seconds as Retry-After says, then go on."),
    500: ("unexpected", "The portal met an error it did not expect.",
          "Send the same again with the same Idempotency-Key. If it stays, give the instance to your IT team."),
    502: ("application-failed", "", ""),
    503: ("busy", "The portal is busy. Nothing was saved.",
          "Wait for as many seconds as Retry-After says, then send the same again."),
}  # fmt: skip


def is_wanted() -> bool:
    """Whether the request is one of the API, whatever its address leads to."""
    return request.path.startswith(PREFIXES)


def address_of(kind: str) -> str:
    """Where the description of the API says what this kind of problem means."""
    return f"{settings().public_url.rstrip('/')}/api/v1/docs#problem-{kind}"


def of(error: Problem) -> Response:
    """A rule that said no."""
    next_step = error.next_step or "Nothing was changed. Read how it is now before you decide again."
    answer = _answer(error.kind, error.status, error.title, error.message, next_step, **error.more)
    if seconds := getattr(error, "retry_after", 0):
        answer.headers["Retry-After"] = str(seconds)
    return answer


def of_status(
    status: int, title: str, message: str, next_step: str, *, code: str = "", request_id: str = ""
) -> Response:
    """Any other failure. code, request_id: the connected application's own, for support."""
    kind, own_message, own_step = WORDS.get(status, WORDS[400] if status < 500 else WORDS[500])
    small_print = {name: value for name, value in (("code", code), ("request_id", request_id)) if value}
    if small_print or status in (409, 502):
        own_message, own_step = message, next_step
    more = {"small_print": small_print} if small_print else {}
    return _answer(kind if status != 409 else "application-refused", status, title, own_message, own_step, **more)


def not_in_plan(feature: str) -> Response:
    return _answer(
        "not-in-plan", 403, "Not in your plan", f"{feature.capitalize()} is not part of your organisation’s plan.",
        "Contact sales to upgrade.",
    )  # fmt: skip


def _answer(kind: str, status: int, title: str, detail: str, next_step: str, **more: Any) -> Response:
    body = {
        "type": address_of(kind), "title": title, "status": status, "detail": detail, "next_step": next_step,
        "instance": f"urn:request:{g.get('request_id', '')}", **more,
    }  # fmt: skip
    is_scim = request.path.startswith(SCIM)
    if is_scim:
        # https://www.rfc-editor.org/rfc/rfc7644#section-3.12
        body = {"schemas": [SCIM_ERROR], "status": str(status), "detail": f"{detail} {next_step}".strip()}
    answer = Response(json.dumps(body, ensure_ascii=False), status, content_type=SCIM_TYPE if is_scim else TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
