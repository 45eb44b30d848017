"""/scim/v2: the addresses that another system calls. The token decides who asks, and for which organisation."""

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request, url_for
from flask_limiter.util import get_remote_address
from prometheus_client import Counter
from werkzeug.wrappers import Response

from portal import access
from portal.api_tokens import checking
from portal.api_tokens.scopes import Scope
from portal.scim import actions
from portal.scim.words import MEDIA_TYPE
from portal.security import csrf, limiter

PER_MINUTE = 1_200
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _token_or_address() -> str:
    token = checking.current.get()
    return f"token {token.key}" if token is not None else get_remote_address()


blueprint = Blueprint("scim", __name__, url_prefix="/scim/v2")
csrf.exempt(blueprint)
REQUESTS = Counter("portal_scim_requests", "Requests by SCIM", ["method", "status"])
limiter.limit(lambda: f"{PER_MINUTE} per minute", key_func=_token_or_address)(blueprint)


@blueprint.after_request
def count(response: Response) -> Response:
    REQUESTS.labels(request.method, response.status_code).inc()
    return response


@blueprint.route("", defaults={"path": ""}, methods=METHODS)
@blueprint.route("/<path:path>", methods=METHODS)
@access.by_token(Scope.SCIM, own_pause=True)
def serve(path: str) -> Response:
    """Whatever SCIM has below this address."""
    # The library takes half a second to load, which only those who use it wait for.
    from portal.scim import serving

    client = actions.client_of(_token(), begin=request.method != "GET")
    if client.paused_at is not None:
        raise actions.Paused()
    found = serving.answer(client, request_of("/scim/v2", path))
    if path.casefold() == "bulk" and "respond-async" in request.headers.get("Prefer", "").casefold():
        return _accepted(found)
    return response_of(found)


def request_of(base: str, path: str) -> Any:
    """This request as the library reads one. base: the address below which `path` is."""
    from scim2_server.requests import ScimRequest

    return ScimRequest(
        method=request.method, base_url=f"{request.url_root.rstrip('/')}{base}", path=f"/{path}",
        query=request.args.to_dict(), headers=list(request.headers.items()), body=request.get_data(),
    )  # fmt: skip


def response_of(found: Any) -> Response:
    """What the library answers."""
    body = b"" if found.body is None else json.dumps(found.body, ensure_ascii=False).encode()
    return Response(body, int(found.status), found.headers)


def _token() -> Any:
    return checking.current.get()


def _accepted(found: Any) -> Response:
    """Accepted, as exporters expect it: the page of the client shows what became of it."""
    if int(found.status) >= HTTPStatus.BAD_REQUEST:
        return Response(json.dumps(found.body, ensure_ascii=False), int(found.status), content_type=MEDIA_TYPE)
    return Response(b"", 202, {"Location": url_for("integrations.show", _external=True)}, content_type=MEDIA_TYPE)
