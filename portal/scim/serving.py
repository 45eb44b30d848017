"""Answering one SCIM request: the library knows the protocol, the storage the people of the client that asks.

https://www.rfc-editor.org/rfc/rfc7644
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from scim2_models import SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from portal.logs import log
from portal.scim import habits
from portal.scim.models import ScimClient, ScimPerson
from portal.scim.schema import PROVIDER
from portal.scim.storage import Storage
from portal.scim.words import ENTERPRISE

BULK = "/bulk"


class Service(ScimService):
    """The protocol, with a line in the log for what fails inside a bulk request."""

    def bulk_failure(self, outcome: dict[str, Any], exception: Exception) -> dict[str, Any]:
        if not isinstance(exception, SCIMException):
            log.error("SCIM bulk operation failed", exc_info=exception)
        return super().bulk_failure(outcome, exception)


@cache
def _service() -> Service:
    return Service(PROVIDER)


def answer(client: ScimClient, request: ScimRequest) -> ScimResponse:
    """What SCIM answers to the request of this client."""
    return respond(_service(), Storage(client), request, also=lambda body: _upsert(client, body))


def respond(
    service: Service, storage: Any, request: ScimRequest, *, also: Callable[[dict[str, Any]], None] | None = None
) -> ScimResponse:
    """What the service answers out of this storage. also: is given the body of a bulk request first."""
    try:
        service.match(request)
        if request.method in ("POST", "PUT", "PATCH"):
            service.ensure_json(request.header("Content-Type"))
            body = habits.read(request.body)
            if request.path.casefold() == BULK and also is not None:
                also(body)
            request = replace(request, body=json.dumps(body).encode())
        return ScimHandler(service, storage).handle(request)
    except SCIMException as refusal:
        return service.error_response(refusal)


def _upsert(client: ScimClient, body: dict[str, Any]) -> None:
    """Exporters POST everybody each time: who is known is changed by what comes, and not refused."""
    mine = (ScimPerson.client == client) & ScimPerson.deleted_at.is_null()
    operations = next((body[name] for name in body if name.casefold() == "operations"), None)
    for one in operations if isinstance(operations, list) else ():
        if not isinstance(one, dict) or str(one.get("method")).upper() != "POST":
            continue
        data = one.get("data")
        if not isinstance(data, dict) or str(one.get("path", "")).strip("/").casefold() != "users":
            continue
        named = str(data.get("externalId") or "").strip()
        known = ScimPerson.get_or_none(mine, ScimPerson.external_id == named) if named else None
        if known is not None:
            one |= {"method": "PUT", "path": f"/Users/{known.resource_id}", "data": _joined(known.resource, data)}


def _joined(before: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """What was kept, with what came: whatever is not sent stays."""
    parts = {name: {**(before.get(name) or {}), **(sent.get(name) or {})} for name in ("name", ENTERPRISE)}
    joined = {**before, **sent, **{name: part for name, part in parts.items() if part}}
    joined["schemas"] = sorted({*(before.get("schemas") or ()), *(sent.get("schemas") or ())})
    return joined
