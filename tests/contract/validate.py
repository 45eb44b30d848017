"""Holds requests and answers against Microsoft Graph's published description, openapi.yaml beside this file."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

FILE = Path(__file__).parent / "openapi.yaml"
# Described in prose only: https://learn.microsoft.com/graph/json-batching
UNDESCRIBED = ("/$batch",)


@lru_cache(maxsize=1)
def _description() -> dict[str, Any]:
    with FILE.open(encoding="utf-8") as stream:
        return _nullable(yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(node, list):
        return [_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    fresh = {name: _nullable(value) for name, value in node.items()}
    if fresh.pop("nullable", False) and isinstance(fresh.get("type"), str):
        fresh["type"] = [fresh["type"], "null"]
        if "enum" in fresh and None not in fresh["enum"]:
            fresh["enum"] = [*fresh["enum"], None]
        if fresh.get("enum") == [None]:
            return {"type": "null"}
    return fresh


@lru_cache(maxsize=1)
def _paths() -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    found = []
    for template, item in _description()["paths"].items():
        pattern = re.escape(template)
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", pattern).replace(r"\(\)", r"(\(\))?")
        found.append(
            (re.compile(pattern.replace(r"/graph\.user", r"/(microsoft\.)?graph\.user") + "$"), template, item)
        )
    # The fixed words of a path come before its placeholders.
    return sorted(found, key=lambda entry: entry[0].pattern.count("[^/]+"))


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return Registry().with_resource("graph:", Resource(_description(), specification=DRAFT4))


@lru_cache(maxsize=256)
def _validator(pointer: str) -> Draft4Validator:
    """A validator of the schema at this place of the description."""
    return Draft4Validator({"$ref": f"graph:#{pointer}"}, registry=_registry())


def _schema_problems(text: str, pointer: str, where: str) -> list[str]:
    errors = list(_validator(pointer).iter_errors(json.loads(text)))
    return [f"{where} {'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}" for error in errors]


def _escaped(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


JSON_SCHEMA = ("content", "application/json", "schema")


def problems(method: str, path: str, request_body: str, status: int, answer: str) -> list[str]:
    """What the description would object to in one exchange. path: begins with /v1.0; bodies: text as sent."""
    short = path.removeprefix("/v1.0")
    if short in UNDESCRIBED:
        return []
    template, item = next(((name, item) for pattern, name, item in _paths() if pattern.match(short)), ("", {}))
    operation = item.get(method.lower())
    if operation is None:
        return [f"{method} {path} is not described"]
    here = _escaped("paths", template, method.lower())
    found = []
    if "requestBody" in operation and request_body:
        found += _schema_problems(request_body, here + _escaped("requestBody", *JSON_SCHEMA), f"{method} {path} sends")
    key = next((key for key in (str(status), f"{status // 100}XX") if key in operation["responses"]), None)
    if key is None:
        return [*found, f"{method} {path} answers {status}, which is not described"]
    described = operation["responses"][key]
    place = described["$ref"].removeprefix("#") if "$ref" in described else here + _escaped("responses", key)
    if answer:
        found += _schema_problems(answer, place + _escaped(*JSON_SCHEMA), f"{method} {path} answers {status}")
    return found
