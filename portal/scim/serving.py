"""Answering one SCIM request about people, and a bulk request that says everything again."""

from functools import cache
from typing import Any

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from portal.scim.models import ScimClient, ScimPerson
from portal.scim.schema import PROVIDER
from portal.scim.storage import Storage
from portal.scim_protocol.answering import Service, respond
from portal.scim_protocol.words import ENTERPRISE


@cache
def _service() -> Service:
    return Service(PROVIDER)


def answer(client: ScimClient, request: ScimRequest) -> ScimResponse:
    """What SCIM answers to the request of this client."""
    return respond(_service(), Storage(client), request, also=lambda body: _upsert(client, body))


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
