"""Several calls in one.

https://learn.microsoft.com/graph/json-batching
"""

import json
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.sandbox.faults import Fault
from portal.sandbox.graph.calls import answer, call, sent
from portal.sandbox.refusals import malformed
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.server import AT_ONCE

MOST = 20
# What takes the answer of one item away from the batch.
NO_ANSWER = ("reset", "lost answer", "cut short")
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
        error = {"error": {"code": "FailedDependency", "message": "A request on which this one depends has failed."}}
        return {"id": item["id"], "status": 424, "headers": {"Content-Type": "application/json"}, "body": error}
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = _environ(item)
    if environ is None:
        error = {"error": {"code": "BadRequest", "message": "A batch cannot be inside a batch."}}
        return {"id": item["id"], "status": 400, "headers": {"Content-Type": "application/json"}, "body": error}
    # In a context of its own, so that the batch and its items keep their faults and request ids apart.
    with app.app_context():
        parts, status, headers = run_wsgi_app(app.wsgi_app, environ)
        fault: Fault | None = g.get("fault")
    # The batch's line in the journal says that not all of it is the service's own answer.
    g.fault_in_item = fault or g.get("fault_in_item")
    if fault is not None and fault.kind in NO_ANSWER:
        error = {"error": {"code": "UnknownError", "message": "The service did not answer."}}
        return {"id": item["id"], "status": 504, "headers": {"Content-Type": "application/json"}, "body": error}
    text = b"".join(parts)
    kept = {name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS}
    answered = {"id": item["id"], "status": int(status.split()[0]), "headers": kept}
    return {**answered, "body": _body(text)} if text else answered


def _environ(item: Item) -> dict[str, Any] | None:
    """The item as a request of its own, with the batch's token; None for a batch in a batch."""
    headers = {"authorization": request.headers.get("Authorization", ""), **_headers(item)}
    url, body = "/" + str(item["url"]).strip().lstrip("/"), item.get("body")
    if url.startswith("/$batch"):
        return None
    data = None if body is None else body if isinstance(body, str) else json.dumps(body)
    path, _, query = url.removeprefix("/v1.0").partition("?")
    builder = EnvironBuilder(
        path=f"/v1.0{path}", method=str(item["method"]).upper(),
        query_string=query, headers=Headers(headers), data=data,
        base_url=request.host_url,
    )  # fmt: skip
    environ = builder.get_environ()
    # What depends on nothing is done at the same time as the batch itself.
    environ[AT_ONCE] = not item.get("dependsOn")
    return environ


def _body(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")
