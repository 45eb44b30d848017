"""Requests of SCIM clients, as Flask has them and as the library reads them. The first one loads it: half a second."""

import json
from typing import Any

from flask import request
from flask_limiter.util import get_remote_address
from prometheus_client import Counter
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from portal import params
from portal.api_tokens import checking

PER_MINUTE = 1_200
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_REQUESTS = Counter("portal_scim_requests", "Requests by SCIM", ["method", "status"])


def token_or_address() -> str:
    """Whose requests are counted together."""
    token = checking.current.get()
    return f"token {token.key}" if token is not None else get_remote_address()


def counted(response: Response) -> Response:
    """The response, which the metrics now know of."""
    _REQUESTS.labels(request.method, response.status_code).inc()
    return response


def request_of(base: str, path: str) -> Any:
    """This request as the library reads one. base: the address below which `path` is."""
    from scim2_server.requests import ScimRequest

    if params.is_packed():
        raise UnsupportedMediaType()
    return ScimRequest(
        method=request.method, base_url=f"{request.url_root.rstrip('/')}{base}", path=f"/{path}",
        query={name: value for name, value in request.args.items() if value},
        headers=list(request.headers.items()), body=request.get_data(),
    )  # fmt: skip


def response_of(found: Any) -> Response:
    """What the library answers."""
    body = b"" if found.body is None else json.dumps(found.body, ensure_ascii=False).encode()
    return Response(body, int(found.status), found.headers)
