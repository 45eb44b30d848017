"""The description of the API as OpenAPI 3.1 has it, made from the routes and the classes they use.

https://spec.openapis.org/oas/v3.1.0
"""

import re
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.api.once import HEADER
from portal.api.routes import LINES, ROUTES, Route
from portal.api.schemas import Preview, ProblemBody
from portal.api_tokens.scopes import WORDS
from portal.connectors import SERVICES
from portal.languages import N_

BASE = "/api/v1"
PARTS = re.compile(r"<(?:(\w+):)?(\w+)>")
PROBLEM = "application/problem+json"
SERVICE_KEY = N_("The key of the application.")
# Word of a problem -> when it comes. The page shows them, and the type of each problem leads there.
PROBLEMS = {
    "token-needed": N_("There is no header Authorization with a token."),
    "token-unknown": N_("There is no such token, or it was not copied as a whole."),
    "token-over": N_("The token has expired or was revoked."),
    "other-network": N_("The token may not be used from this address."),
    "scope-missing": N_("The token lacks a scope, which `scope` names."),
    "not-in-plan": N_("The plan of the organisation does not include the API."),
    "api-paused": N_("An Admin has paused the API."),
    "too-many-requests": N_("The token asked too often within a minute. Retry-After says how many seconds to wait."),
    "too-many-at-once": N_("The token cannot have more requests under way at a time."),
    "not-found": N_("There is nothing at this address, or it is another organisation’s."),
    "not-valid": N_("Something in the body or the query cannot be used. `errors` says where and what."),
    "not-json": N_("The body is not JSON in UTF-8, or it is packed."),
    "cursor": N_("The value of `after` is not one of this API."),
    "cursor-mismatch": N_("The value of `after` belongs to another list or filter."),
    "key-needed": N_("The request makes something and has no Idempotency-Key."),
    "key-reused": N_("The Idempotency-Key came with another request before."),
    "still-running": N_("The same request is still under way."),
    "version-needed": N_("The change has no If-Match."),
    "version-old": N_("The record has changed since it was read. `current` is its ETag now."),
    "nothing-to-do": N_("It is already as asked, or another change is under way."),
    "may-have-one": N_("The employee may have an account already. `candidates` names them."),
    "protected": N_(
        "The portal does not change this account: an administrator’s, a guest’s, or one that is synchronised."
    ),
    "would-lose-deleted": N_("A deleted account of this name could never be restored after this."),
    "name-taken": N_("Another account has this username."),
    "no-account": N_("The employee has no account at this application."),
    "not-connected": N_("The application is not connected."),
    "address-is-new": N_("A person has to do this, because the private address changed recently."),
    "password-waits": N_("A person has to do this, because a password is on its way to the address."),
    "steps-passed": N_("Steps of the timeline would happen at once. `steps` names them."),
    "brake": N_("Tokens have changed as many as one Admin may start alone within 24 hours."),
    "application-failed": N_("The connected application did not answer."),
    "application-refused": N_("The connected application refused."),
    "busy": N_("The portal is saving many changes."),
    "unexpected": N_("An error of the portal. `instance` helps your IT team to find it."),
}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


@cache
def document() -> dict[str, Any]:
    """The whole description, without the address of the portal."""
    models = (
        {route.answer for route in ROUTES} | {route.body for route in ROUTES if route.body} | {Preview, ProblemBody}
    )
    named = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "validation") for model in named], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(address_of(route), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "Account Portal", "version": "1.0.0",
            "description": "Read and change employees and their accounts, under the same rules as the pages.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"token": {
                "type": "http", "scheme": "bearer", "bearerFormat": "por_…",
                "description": "Scopes: " + "; ".join(f"{scope}: {words}" for scope, words in WORDS.items()),
            }},
        },
    }  # fmt: skip


def address_of(route: Route) -> str:
    """The address as OpenAPI writes it: /api/v1/employees/{employee_id}."""
    return BASE + PARTS.sub(r"{\2}", route.path)


def _operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": route.name, "summary": route.summary,
        "security": [{"token": [str(route.scope)] if route.scope else []}],
        "parameters": [*_in_path(route), *_in_query(route), *_in_headers(route)], "responses": _responses(route),
    }  # fmt: skip
    if route.body is not None:
        content: dict[str, Any] = {"schema": _ref(route.body)}
        content["example"] = route.example
        kind = "application/merge-patch+json" if route.method == "PATCH" else "application/json"
        found["requestBody"] = {"required": True, "content": {"application/json": content, kind: content}}
    return found


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name, "in": "path", "required": True,
            "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1} if kind == "int"
            else {"type": "string", "enum": list(SERVICES)},
            **({} if kind else {"description": SERVICE_KEY, "example": next(iter(SERVICES))}),
        }
        for kind, name in PARTS.findall(route.path)
    ]  # fmt: skip


def _in_query(route: Route) -> list[dict[str, Any]]:
    schema = route.query.model_json_schema()
    return [
        {"name": name, "in": "query", "required": False, "schema": {key: each[key] for key in each if key != "title"}}
        for name, each in schema.get("properties", {}).items()
    ]


def _in_headers(route: Route) -> list[dict[str, Any]]:
    found = []
    if route.once:
        words = N_("A fresh UUID for each new request; the same one when it is repeated. Not needed with dry_run.")
        found.append(_header(HEADER, words, needed=False))
    if route.method == "PATCH":
        words = N_("The ETag of the record as it was read, or * to change it whatever happened.")
        found.append(_header("If-Match", words, needed=True))
    return found


def _header(name: str, words: str, *, needed: bool) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return {"name": name, "in": "header", "required": needed, "description": words, "schema": schema}


def _responses(route: Route) -> dict[str, Any]:
    schema: dict[str, Any] = _ref(route.answer)
    if route.many:
        properties = {
            "items": {"type": "array", "items": schema}, "next": {"type": ["string", "null"]},
            "count": {"type": "integer", "minimum": 0},
        }  # fmt: skip
        schema = {"type": "object", "required": ["items", "next"], "properties": properties}
    if route.writes and route.status == 200:
        schema = {"anyOf": [schema, _ref(Preview)]}
    answers = {str(route.status): _answer("Done", schema, etag=route.etag)}
    if route.lines:
        answers[str(route.status)]["content"][LINES] = {"schema": _ref(route.answer)}
    if route.writes and route.status != 200:
        answers["200"] = _answer("With dry_run: what would change", _ref(Preview))
    problem = {"description": "Not done", "content": {PROBLEM: {"schema": _ref(ProblemBody)}}}
    return {**answers, "default": problem}


def _answer(words: str, schema: dict[str, Any], *, etag: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"description": words, "content": {"application/json": {"schema": schema}}}
    if etag:
        found["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return found
