"""Parameters and bodies, held against Google's descriptions."""

from collections.abc import Mapping
from typing import Any

from flask import Request
from werkzeug.datastructures import MultiDict

from portal.sandbox.google.description import Method
from portal.sandbox.google.refusals import Refusal, invalid

BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "object": (dict,), "array": (list,), "integer": (int, str),
    "number": (int, float),
}  # fmt: skip


def read_options(method: Method, sent: MultiDict[str, str]) -> dict[str, Any]:
    """The parameters of the query, typed, with their defaults. Raises Refusal."""
    known = {name: node for name, node in method.parameters.items() if node["location"] == "query"}
    found = {name: _typed(name, node, node["default"]) for name, node in known.items() if "default" in node}
    for name in sent:
        if name not in known:
            text = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            raise invalid(text)
        node = known[name]
        values = [_typed(name, node, value) for value in sent.getlist(name)]
        found[name] = values if node.get("repeated") else values[-1]
    for name, node in known.items():
        if node.get("required") and name not in found:
            raise Refusal(400, "required", f"Required parameter: {name}", where=("parameter", name))
    return found


def _typed(name: str, node: Mapping[str, Any], value: str) -> Any:
    if "enum" in node and value not in node["enum"]:
        raise _wrong(name, value)
    if node["type"] == "boolean":
        if value.lower() not in BOOLEANS:
            raise _wrong(name, value)
        return BOOLEANS[value.lower()]
    if node["type"] == "integer":
        digits = value.lstrip("-")
        if not digits.isdigit():
            raise _wrong(name, value)
        number = int(value)
        if not int(node.get("minimum", number)) <= number <= int(node.get("maximum", number)):
            raise _wrong(name, value)
        return number
    return value


def _wrong(name: str, value: str) -> Refusal:
    return Refusal(400, "invalidParameter", f"Invalid value '{value}' for {name}.", where=("parameter", name))


def read_body(method: Method, request: Request) -> dict[str, Any]:
    """The JSON object of the request, of the form that the method takes. Raises Refusal."""
    if method.body is None:
        return {}
    if not request.get_data():
        return {}
    if request.mimetype != "application/json":
        raise Refusal(400, "badContent", f"Unsupported content with type: {request.mimetype or 'none'}")
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Refusal(400, "parseError", "Parse Error")
    _check(method.document["schemas"], {"$ref": method.body}, found, "")
    return found


def _check(schemas: Mapping[str, Any], node: Mapping[str, Any], value: Any, at: str) -> None:
    """Raises Refusal for names and types that the schema does not have. None stands for every kind."""
    if "$ref" in node:
        node = schemas[node["$ref"]]
    kind = node.get("type", "any")
    if value is None or kind == "any":
        return
    if not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        raise invalid(f"Invalid value at '{at or 'body'}'.")
    if isinstance(value, list):
        for item in value:
            _check(schemas, node["items"], item, at)
    if isinstance(value, dict):
        _check_names(schemas, node, value, at)


def _check_names(schemas: Mapping[str, Any], node: Mapping[str, Any], value: dict[str, Any], at: str) -> None:
    others = node.get("additionalProperties")
    for name, item in value.items():
        inner = node.get("properties", {}).get(name, others)
        if inner is None:
            where = f" at '{at}'" if at else ""
            raise invalid(f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.')
        _check(schemas, inner, item, f"{at}.{name}" if at else name)
