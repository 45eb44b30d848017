"""/scim/v2: the addresses that another system calls. The token decides who asks, and for which organisation."""

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import access
from portal.api_tokens import at_once, checking
from portal.api_tokens.scopes import Scope
from portal.arrivals import most_bytes
from portal.scim import actions
from portal.scim_protocol.requests import METHODS, PER_MINUTE, counted, request_of, response_of, token_or_address
from portal.scim_protocol.words import LARGEST, MEDIA_TYPE
from portal.security import csrf, limiter

blueprint = Blueprint("scim", __name__, url_prefix="/scim/v2")
csrf.exempt(blueprint)
limiter.limit(lambda: f"{PER_MINUTE} per minute", key_func=token_or_address)(blueprint)
at_once.limit(blueprint)
blueprint.after_request(counted)


@blueprint.route("", defaults={"path": ""}, methods=METHODS)
@blueprint.route("/<path:path>", methods=METHODS)
@access.by_token(Scope.SCIM, own_pause=True)
@most_bytes(LARGEST)
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


def _token() -> Any:
    return checking.current.get()


def _accepted(found: Any) -> Response:
    """Accepted, as exporters expect it: the page of the client shows what became of it."""
    if int(found.status) >= HTTPStatus.BAD_REQUEST:
        return Response(json.dumps(found.body, ensure_ascii=False), int(found.status), content_type=MEDIA_TYPE)
    return Response(b"", 202, {"Location": url_for("integrations.show", _external=True)}, content_type=MEDIA_TYPE)
