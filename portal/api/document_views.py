"""The description of the API, for programs and for people. Neither wants a sign-in."""

import json
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal import access
from portal.api import document
from portal.api.routes import PER_MINUTE, ROUTES
from portal.api.schemas import MOST
from portal.api_tokens import at_once
from portal.api_tokens.scopes import WORDS
from portal.web import Answer, page

blueprint = Blueprint("api_document", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@access.public
def openapi() -> Response:
    """OpenAPI 3.1, with the address under which it was asked for."""
    found = {**document.document(), "servers": [{"url": request.host_url.rstrip("/")}]}
    return Response(json.dumps(found, ensure_ascii=False), content_type="application/json")


@blueprint.get("/docs")
@access.public
def docs() -> Answer:
    """The same as a page."""
    found = document.document()
    routes = [(route, document.address_of(route), _fields(route.body)) for route in ROUTES]
    queries = {route.name: found["paths"][address][route.method.lower()]["parameters"] for route, address, _ in routes}
    return page(
        "api/docs.html", routes=routes, parameters=queries, scopes=WORDS, problems=document.PROBLEMS,
        per_minute=PER_MINUTE, at_once=at_once.MOST, most=MOST, address=request.host_url,
    )  # fmt: skip


def _fields(model: Any) -> list[tuple[str, str, bool]]:
    """Name, what it means, and whether it must be there, of each field of a body."""
    fields = model.model_fields.items() if model is not None else ()
    return [(name, field.description or "", field.is_required()) for name, field in fields]
