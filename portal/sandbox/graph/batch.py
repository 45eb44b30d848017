"""Several calls in one.

https://learn.microsoft.com/graph/json-batching
"""

import json
from typing import Any

from flask import Response, request

from portal.sandbox import parts
from portal.sandbox.graph.calls import answer, call, sent
from portal.sandbox.refusals import malformed
from portal.sandbox.rules.permissions import Caller

MOST = 20
METHODS = {"GET", "POST", "PATCH", "PUT", "DELETE"}
KEPT_HEADERS = {
    "content-type", "retry-after", "request-id", "client-request-id", "location", "x-ms-resource-unit",
    "x-ms-throttle-limit-percentage", "x-ms-throttle-scope", "x-ms-throttle-information", "www-authenticate",
    "cache-control", "preference-applied",
}  # fmt: skip
Item = dict[str, Any]


@call("POST", "/$batch", needs=(), alone=False)
def batch(caller: Caller) -> Response:
    """A batch itself needs no permission: each of its items does."""
    items = _items(sent())
    done: dict[str, Item] = {}
    for item in items:
        done[item["id"].lower()] = _answered(item, done)
    return answer({"responses": list(done.values())})


def _items(body: dict[str, Any]) -> list[Item]:
    """Raises Refusal for a batch that cannot be read."""
    items = body.get("requests")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise malformed("Invalid batch payload format.")
    if len(items) > MOST:
        raise malformed(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    seen: set[str] = set()
    for item in items:
        own = str(item.get("id") or "").lower()
        if not own or own in seen:
            raise malformed("Invalid batch request: each id must be there, and only once.")
        if str(item.get("method", "")).upper() not in METHODS or not str(item.get("url") or "").strip():
            raise malformed(f"Invalid batch request: method and url are needed in the item '{item['id']}'.")
        before = [str(other).lower() for other in item.get("dependsOn") or ()]
        if set(before) - seen:
            raise malformed(f"Invalid batch request: the item '{item['id']}' depends on one that is not before it.")
        if item.get("body") is not None and not _headers(item).get("content-type"):
            raise malformed(f"Invalid batch request: the item '{item['id']}' has a body, but no Content-Type header.")
        seen.add(own)
    return items


def _headers(item: Item) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in (item.get("headers") or {}).items()}


def _answered(item: Item, done: dict[str, Item]) -> Item:
    """The answer to one item: as if it had come alone."""
    parents = [done[str(other).lower()] for other in item.get("dependsOn") or ()]
    if any(parent["status"] >= 400 for parent in parents):
        return _refused(item, 424, "FailedDependency", "A request on which this one depends has failed.")
    url, body = "/" + str(item["url"]).strip().lstrip("/"), item.get("body")
    if url.startswith("/$batch"):
        return _refused(item, 400, "BadRequest", "A batch cannot be inside a batch.")
    path, _, query = url.removeprefix("/v1.0").partition("?")
    text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
    headers = {"authorization": request.headers.get("Authorization", ""), **_headers(item)}
    found = parts.ask(
        str(item["method"]).upper(), f"/v1.0{path}", query, headers, text.encode(),
        # What depends on nothing is done at the same time as the batch itself.
        at_once=not item.get("dependsOn"),
    )  # fmt: skip
    if found.is_lost:
        return _refused(item, 504, "UnknownError", "The service did not answer.")
    kept = {name: value for name, value in found.headers if name.lower() in KEPT_HEADERS}
    answered = {"id": item["id"], "status": int(found.status.split()[0]), "headers": kept}
    return {**answered, "body": _body(found.body)} if found.body else answered


def _refused(item: Item, status: int, code: str, message: str) -> Item:
    error = {"error": {"code": code, "message": message}}
    return {"id": item["id"], "status": status, "headers": {"Content-Type": "application/json"}, "body": error}


def _body(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")
