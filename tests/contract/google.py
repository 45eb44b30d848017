"""Holds requests and answers against Google's own descriptions, in portal/sandbox/google/discovery.

problems("PUT", "/admin/directory/v1/users/x", "fields=id", '{"suspended": "yes"}', 200, answer_text)
-> ["directory.users.update body/suspended: 'yes' is not of type 'boolean'", …]
"""

import json
import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft7Validator

from portal.sandbox.google.description import Method, methods
from portal.sandbox.google.rules.users import LISTS

APIS = ("/admin/", "/apps/")
WORD = {
    "code": {"type": "integer"}, "message": {"type": "string"}, "status": {"type": "string"},
    "details": {"type": "array"},
}  # fmt: skip
# No description says what errors look like; this is their shape in every log.
ITEM = {
    "type": "object", "required": ["domain", "reason", "message"], "additionalProperties": False,
    "properties": {name: {"type": "string"} for name in ("domain", "reason", "message", "locationType", "location")},
}  # fmt: skip
ERROR = {
    "type": "object", "required": ["error"], "additionalProperties": False, "properties": {"error": {
        "type": "object", "required": ["code", "message", "errors"], "additionalProperties": False,
        "properties": {**WORD, "errors": {"type": "array", "minItems": 1, "items": ITEM}},
    }},
}  # fmt: skip


def problems(method: str, path: str, query: str, body: str, status: int, answer: str) -> list[str]:
    """Of a request and its answer. Paths outside the APIs have none."""
    if not path.startswith(APIS):
        return []
    known = _method(method, path)
    if known is None:
        return [f"{method} {path} is no method"]
    return _of_request(known, path, query, body) + problems_of_answer(method, path, status, answer)


def problems_of_answer(method: str, path: str, status: int, answer: str) -> list[str]:
    """Of an answer alone, whatever was asked."""
    known = _method(method, path) if path.startswith(APIS) else None
    if known is None or status in (202, 304) or not answer.startswith("{"):
        expected = known is None or status in (202, 204, 304) or (status >= 400 and not answer)
        return [] if expected else [f"{known and known.id} answers {status} {answer[:60]!r}"]
    value = json.loads(answer)
    if status >= 400:
        return _errors(f"{known.id} answers {status}", Draft7Validator(ERROR), value)
    if known.answer is None:
        return [f"{known.id} answers something, where nothing is described"]
    return _errors(f"{known.id} answers", _validator(known.id, known.answer, nullable=False), value)


@lru_cache(maxsize=1)
def _paths() -> list[tuple[re.Pattern[str], Method]]:
    found = []
    for method in methods().values():
        pattern = re.sub(r"\\{\\\+(\w+)\\}", r"(?P<\1>.+)", re.escape(method.path))
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
        found.append((re.compile(pattern), method))
    # The fixed words of a path come before its placeholders.
    return sorted(found, key=lambda entry: entry[0].pattern.count("(?P"))


def _method(verb: str, path: str) -> Method | None:
    return next((item for pattern, item in _paths() if item.verb == verb and pattern.fullmatch(path)), None)


def _of_request(known: Method, path: str, query: str, body: str) -> list[str]:
    pattern = next(pattern for pattern, item in _paths() if item is known)
    match = pattern.fullmatch(path)
    sent = list(parse_qsl(query, keep_blank_values=True)) + list((match.groupdict() if match else {}).items())
    found = [problem for name, value in sent for problem in _of_parameter(known, name, value)]
    named = {name for name, _ in sent}
    found += [f"{known.id} lacks {name}" for name, node in known.parameters.items()
              if node.get("required") and name not in named]  # fmt: skip
    if not body:
        return found
    if known.body is None:
        return [*found, f"{known.id} takes no body"]
    return found + _errors(f"{known.id} body", _validator(known.id, known.body, nullable=True), json.loads(body))


def _of_parameter(known: Method, name: str, value: str) -> list[str]:
    node = known.parameters.get(name)
    if node is None:
        return [f"{known.id} has no parameter {name}"]
    if "enum" in node and value not in node["enum"]:
        return [f"{known.id} {name}={value} is none of {node['enum']}"]
    if node["type"] == "boolean" and value not in ("true", "false"):
        return [f"{known.id} {name}={value} is not true or false"]
    if node["type"] == "integer":
        inside = value.isdigit() and int(node.get("minimum", 0)) <= int(value) <= int(node.get("maximum", value))
        return [] if inside else [f"{known.id} {name}={value} is out of range"]
    if "pattern" in node and not re.fullmatch(node["pattern"], value):
        return [f"{known.id} {name}={value} does not match {node['pattern']}"]
    return []


def _errors(where: str, validator: Draft7Validator, value: Any) -> list[str]:
    return [
        f"{where}/{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"
        for error in validator.iter_errors(value)
    ]


@lru_cache(maxsize=64)
def _validator(method_id: str, name: str, *, nullable: bool) -> Draft7Validator:
    """nullable: null may stand for everything, as in requests, which it clears."""
    known = next(item for item in methods().values() if item.id == method_id and name in (item.body, item.answer))
    schemas = {own: _schema(node, nullable) for own, node in known.document["schemas"].items()}
    if "User" in schemas:
        # The description leaves these open; its other schemas say what goes in.
        for own, (inner, _) in LISTS.items():
            items = {"type": "array", "items": {"$ref": f"#/definitions/{inner}"}}
            schemas["User"]["properties"][own] = {"anyOf": [items, *[{"type": "null"}] * nullable]}
    return Draft7Validator({"definitions": schemas, "$ref": f"#/definitions/{name}"})


def _schema(node: dict[str, Any], nullable: bool) -> dict[str, Any]:
    """A schema of a description in the words of JSON Schema."""
    nothing: list[Any] = [{"type": "null"}] * nullable
    if "$ref" in node:
        return {"anyOf": [{"$ref": f"#/definitions/{node['$ref']}"}, *nothing]}
    kind = node.get("type", "any")
    if kind == "any":
        return {}
    found: dict[str, Any] = {"type": [kind, *["null"] * nullable]}
    if "enum" in node:
        found["enum"] = [*node["enum"], *[None] * nullable]
    if kind == "array":
        found["items"] = _schema(node["items"], nullable)
    if kind == "object":
        others = node.get("additionalProperties")
        found["properties"] = {name: _schema(inner, nullable) for name, inner in node.get("properties", {}).items()}
        found["additionalProperties"] = _schema(others, nullable) if others else False
    return found
