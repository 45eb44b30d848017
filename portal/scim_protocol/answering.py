"""Answering one SCIM request: the library knows the protocol, the storage what there is for the client that asks.

https://www.rfc-editor.org/rfc/rfc7644
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scim2_models import AuthenticationScheme, InvalidFilterException, SCIMException, ScimPolicy
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from portal.logs import log
from portal.scim_protocol import habits, sizes

BULK = "/bulk"
MOST_RESULTS = 200
# Of a filter, in characters: a client asks for one person, by one or two of their attributes.
LONGEST_FILTER = 2_000
# What clients send beyond the standard is taken: see docs/integrations/scim.md.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore, remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)  # fmt: skip


def by_token(scope: str) -> list[AuthenticationScheme]:
    """How clients say who they are: with a token of this scope."""
    kind = AuthenticationScheme.Type.oauthbearertoken
    words = f"A token of the portal with the scope {scope}."
    return [AuthenticationScheme(type=kind, name="Token", primary=True, description=words)]


class Service(ScimService):
    """The protocol, with a line in the log for what fails inside a bulk request."""

    def bulk_failure(self, outcome: dict[str, Any], exception: Exception) -> dict[str, Any]:
        if not isinstance(exception, SCIMException):
            log.error("SCIM bulk operation failed", exc_info=exception)
        return super().bulk_failure(outcome, exception)


def respond(
    service: Service, storage: Any, request: ScimRequest, *, also: Callable[[dict[str, Any]], None] | None = None
) -> ScimResponse:
    """What the service answers out of this storage. also: is given the body of a bulk request first."""
    try:
        service.match(request)
        _check_filter(request.query)
        if request.method in ("POST", "PUT", "PATCH"):
            service.ensure_json(request.header("Content-Type"))
            body = habits.read(request.body)
            _check_filter(body)
            is_bulk = request.path.casefold() == BULK
            sizes.check(body, bulk=is_bulk)
            if is_bulk and also is not None:
                also(body)
            request = replace(request, body=json.dumps(body).encode())
        return ScimHandler(service, storage).handle(request)
    except SCIMException as refusal:
        return service.error_response(refusal)


def _check_filter(asked: Mapping[str, Any]) -> None:
    """Raises InvalidFilterException for one that takes too much work: it is compared with everybody."""
    if len(str(asked.get("filter") or "")) > LONGEST_FILTER:
        raise InvalidFilterException(detail=f"A filter has at most {LONGEST_FILTER} characters.")
