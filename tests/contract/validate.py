"""Holds requests and answers against Microsoft Graph's published description: the openapi files beside this one.

problems("GET", "/v1.0/users", "", 200, answer_text) -> ["GET /v1.0/users answers 200 value/0/mail: …", …]
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

# Both are parts of one description. The second has what joiners, movers and leavers need beyond the first.
FILES = (Path(__file__).parent / "openapi.yaml", Path(__file__).parent / "openapi-lifecycle.yaml")
# A person's own mail and calendar. Its schemas differ from the others' of the same name, so they stay apart.
OF_PERSONS, APART = Path(__file__).parent / "openapi-mailbox.yaml", "persons"
JSON_SCHEMA = ("content", "application/json", "schema")
# Calls of Graph that the description leaves out, and the schema that its reference page gives the answer.
ALSO = {
    "GET /users/[^/]+/memberOf/microsoft\\.graph\\.\\w+": "microsoft.graph.directoryObjectCollectionResponse",
    "GET /domains/[^/]+": "microsoft.graph.domain",
    "DELETE /directory/deletedItems/[0-9a-fA-F-]{36}": "",
    "GET /users/\\$count": "",
    "POST /subscriptions/[^/]+/reauthorize": "",
}
ANY = "[^/$][^/]*"
ERROR = "microsoft.graph.ODataErrors.ODataError"
# Errors may say more than is described. Users and groups may too, but nothing here has a reason to.
OPEN = (
    "/components/schemas/microsoft.graph.ODataErrors", "/components/schemas/Reference",
    f"/{APART}/components/schemas/microsoft.graph.ODataErrors",
)  # fmt: skip


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The description, its nullable values in the words of JSON Schema. Of what both files have, the first counts."""
    first, *others = (_read(file) for file in FILES)
    for other in others:
        for template, item in other["paths"].items():
            first["paths"][template] = {**item, **first["paths"].get(template, {})}
        for kind, named in other["components"].items():
            first["components"][kind] = {**named, **first["components"].get(kind, {})}
    mailbox = _apart(_read(OF_PERSONS))
    first[APART] = {"components": mailbox["components"]}
    first["paths"] = {**mailbox["paths"], **first["paths"]}
    return _nullable(first)


def _apart(node: Any) -> Any:
    """The same, with references that lead to its own place."""
    if isinstance(node, list):
        return [_apart(item) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        return {"$ref": reference.replace("#/components/", f"#/{APART}/components/")}
    return {name: _apart(value) for name, value in node.items()}


def _read(file: Path) -> Any:
    with file.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


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
    for template, item in description()["paths"].items():
        pattern = re.escape(template)
        pattern = re.sub(r"\\{[^}]*\\}", ANY, pattern).replace(r"delta\(\)", r"(microsoft\.graph\.)?delta(\(\))?")
        found.append(
            (re.compile(re.sub(r"/graph\\.(user|group)", r"/(microsoft\\.)?graph\\.\1", pattern) + "$"), template, item)
        )
    # The fixed words of a path come before its placeholders.
    return sorted(found, key=lambda entry: entry[0].pattern.count(ANY))


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return Registry().with_resource("graph:", Resource(description(), specification=DRAFT4))


@lru_cache(maxsize=256)
def _validator(pointer: str) -> Draft4Validator:
    """A validator of the schema at this place of the description."""
    return Draft4Validator({"$ref": f"graph:#{pointer}"}, registry=_registry())


def _escaped(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _schema_problems(text: str, pointer: str, where: str) -> list[str]:
    return [f"{where} {problem}" for problem in _problems_of_text(text, pointer)]


# What a tenant is asked before everything else has the same answer in most tests.
@lru_cache(maxsize=2048)
def _problems_of_text(text: str, pointer: str) -> tuple[str, ...]:
    try:
        value = json.loads(text)
    except ValueError:
        return ("something that is not JSON",)
    errors = [
        f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"
        for error in _validator(pointer).iter_errors(value)
    ]
    return (*errors, *(f"{name}, which is not described" for name in _strangers(pointer, value)))


def _strangers(pointer: str, value: Any, at: str = "") -> list[str]:
    """The names in a value that its schema does not know; annotations like @odata.type do not count."""
    schemas = _flat(_node(pointer))
    if isinstance(value, list):
        items = next((schema["items"] for schema in schemas if "items" in schema), None)
        return [name for item in value for name in _strangers_in(items, item, at)] if items is not None else []
    if not isinstance(value, dict) or not any("properties" in schema for schema in schemas):
        return []
    if pointer.startswith(OPEN):
        return []
    known: dict[str, Any] = {}
    for schema in schemas:
        known.update(schema.get("properties", {}))
    folded = {name.casefold(): node for name, node in known.items()}
    found = []
    for name, item in value.items():
        if name.casefold() in folded:
            found += _strangers_in(folded[name.casefold()], item, f"{at}{name}/")
        elif "@" not in name and not _is_of_a_subtype(value):
            found.append(f"{at}{name}")
    return found


def _is_of_a_subtype(value: dict[str, Any]) -> bool:
    """A directoryObject that says it is a user or a group has that type's names."""
    return "@odata.type" in value


def _strangers_in(node: Any, value: Any, at: str) -> list[str]:
    if isinstance(node, dict) and set(node) == {"$ref"}:
        return _strangers(node["$ref"].removeprefix("#"), value, at)
    return _strangers_of(node, value, at)


def _strangers_of(node: Any, value: Any, at: str) -> list[str]:
    """As _strangers, for a schema that is written where it is used."""
    if isinstance(value, list) and isinstance(node, dict) and "items" in node:
        return [name for item in value for name in _strangers_in(node["items"], item, at)]
    return []


def _node(pointer: str) -> Any:
    node: Any = description()
    for part in pointer.split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def _flat(node: Any) -> list[dict[str, Any]]:
    """The schema and all that it is made of."""
    if "$ref" in node:
        return _flat(_node(node["$ref"].removeprefix("#")))
    return [node, *(part for inner in node.get("allOf", ()) for part in _flat(inner))]


def problems(method: str, path: str, request_body: str, status: int, answer: str) -> list[str]:
    """What the description would object to in one exchange. path: begins with /v1.0; bodies: text as sent."""
    return problems_of_request(method, path, request_body) + problems_of_answer(
        method, path, status, answer, request_body
    )


def _operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """The place of the operation in the description, and the operation."""
    short = path.removeprefix("/v1.0")
    for pattern, template, item in _paths():
        if pattern.match(short) and method.lower() in item:
            return _escaped("paths", template, method.lower()), item[method.lower()]
    return None


def _also(method: str, path: str) -> str | None:
    call = f"{method} {path.removeprefix('/v1.0')}"
    return next((schema for pattern, schema in ALSO.items() if re.fullmatch(pattern, call)), None)


def problems_of_request(method: str, path: str, body: str) -> list[str]:
    """What the description would object to in a request."""
    if path == "/v1.0/$batch":
        parts = json.loads(body).get("requests", [])
        return [
            problem
            for part in parts
            for problem in problems_of_request(part["method"], _path_of(part), _text_of(part.get("body")))
        ]
    found = _operation(method, path)
    if found is None:
        return [] if _also(method, path) is not None else [f"{method} {path} is not described"]
    here, operation = found
    if "requestBody" in operation and body:
        return _schema_problems(body, here + _escaped("requestBody", *JSON_SCHEMA), f"{method} {path} sends")
    return []


def problems_of_answer(method: str, path: str, status: int, answer: str, request_body: str = "") -> list[str]:
    """What the description would object to in an answer. request_body: needed for the parts of a batch."""
    if path == "/v1.0/$batch":
        return _problems_of_batch(status, answer, request_body)
    where = f"{method} {path} answers {status}"
    found = _operation(method, path)
    if found is None:
        schema = ERROR if status >= 400 else _also(method, path)
        if schema is None:
            return [f"{where}, and is not described"]
        return _schema_problems(answer, _escaped("components", "schemas", schema), where) if schema and answer else []
    here, operation = found
    if status == 302 and "application/octet-stream" in operation["responses"].get("200", {}).get("content", ()):
        # The file lies elsewhere, as its description says in words.
        return [f"{where} with a body"] if answer else []
    key = next((key for key in (str(status), f"{status // 100}XX") if key in operation["responses"]), None)
    if key is None:
        return [f"{where}, which is not described"]
    described = operation["responses"][key]
    place = described["$ref"].removeprefix("#") if "$ref" in described else here + _escaped("responses", key)
    content = (_node(place) if "$ref" in described else described).get("content")
    if content and JSON_SCHEMA[1] not in content:
        # A file.
        return []
    if not content:
        return [f"{where} with a body, and should not"] if answer else []
    return _schema_problems(answer, place + _escaped(*JSON_SCHEMA), where) if answer else [f"{where} with nothing"]


def _problems_of_batch(status: int, answer: str, request_body: str) -> list[str]:
    """https://learn.microsoft.com/graph/json-batching: each part by its own description."""
    if status != 200:
        return _schema_problems(answer, _escaped("components", "schemas", ERROR), f"a batch answers {status}")
    asked = {str(part["id"]).lower(): part for part in json.loads(request_body)["requests"]}
    found = []
    for part in json.loads(answer)["responses"]:
        own = asked.pop(str(part["id"]).lower(), None)
        if own is None:
            found.append(f"a batch answers {part['id']}, which was not asked")
            continue
        text = _text_of(part.get("body"))
        found += problems_of_answer(own["method"], _path_of(own), part["status"], text)
    return found + [f"a batch leaves {name} without an answer" for name in asked]


def _path_of(part: dict[str, Any]) -> str:
    return "/v1.0/" + str(part["url"]).lstrip("/").partition("?")[0]


def _text_of(body: Any) -> str:
    return "" if body is None else json.dumps(body)
