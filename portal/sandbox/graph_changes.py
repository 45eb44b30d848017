"""What changed since last time, and several calls in one.

https://learn.microsoft.com/graph/api/user-delta and https://learn.microsoft.com/graph/json-batching
"""

import base64
import json
from typing import Any

from flask import current_app, jsonify, request

from portal.sandbox import query
from portal.sandbox.graph import CONTEXT, READ_USERS, blueprint, body, graph_url, need
from portal.sandbox.identity import state
from portal.sandbox.refusals import Refusal, bad_request

PAGE = 200
TOKEN_LIFE = 7 * 24 * 3600
LARGEST_BATCH = 20


def _token(**values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _read(token: str) -> dict[str, Any]:
    """What a token of ours says. Raises Refusal 410 for one that is too old or not ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        values = {"at": 0}
    if values["at"] + TOKEN_LIFE < state().clock.time():
        headers = {"Location": graph_url("/users/delta?$deltatoken=")}
        raise Refusal(410, "resyncRequired", "Resync required. The token is no longer valid.", headers=headers)
    return values


@blueprint.get("/users/delta")
@blueprint.get("/users/delta()")
def changes():
    """https://learn.microsoft.com/graph/api/user-delta"""
    tenant = need(*READ_USERS)
    token = request.args.get("$skiptoken") or request.args.get("$deltatoken")
    values = _read(token) if token and token != "latest" else {}
    select = values.get("select", request.args.get("$select"))
    since, start = values.get("since", -1), values.get("start", 0)
    upto = values.get("upto", state().changes)
    moment = state().clock.time()
    if token == "latest":
        since = upto
    found = [user for user in tenant.users.values() if since < user.get("_changed", 0) <= upto]
    found = [user for user in found if since >= 0 or not user.get("deletedDateTime")]
    answer: dict[str, Any] = {"@odata.context": f"{CONTEXT}users"}
    if start + PAGE < len(found):
        skip = _token(since=since, upto=upto, start=start + PAGE, select=select, at=moment)
        answer["@odata.nextLink"] = graph_url(f"/users/delta?$skiptoken={skip}")
    else:
        delta = _token(since=upto, select=select, at=moment)
        answer["@odata.deltaLink"] = graph_url(f"/users/delta?$deltatoken={delta}")
    answer["value"] = [_shown(user, select) for user in found[start : start + PAGE]]
    return jsonify(answer)


def _shown(user: dict[str, Any], select: str | None) -> dict[str, Any]:
    if user.get("deletedDateTime"):
        return {"id": user["id"], "@removed": {"reason": "changed"}}
    return {"id": user["id"], **query.selected(user, select)}


@blueprint.post("/$batch")
def batch():
    """https://learn.microsoft.com/graph/json-batching"""
    parts = body().get("requests")
    if not isinstance(parts, list) or not 1 <= len(parts) <= LARGEST_BATCH:
        raise bad_request(f"Number of batch request steps must be between 1 and {LARGEST_BATCH}.")
    ids = [str(part.get("id", "")).lower() for part in parts]
    if len(set(ids)) != len(ids) or "" in ids:
        raise bad_request("Request Id has to be unique in a batch.")
    answers: dict[str, dict[str, Any]] = {}
    for part in parts:
        needed = [str(name).lower() for name in part.get("dependsOn") or []]
        failed = any(answers.get(name, {"status": 424})["status"] >= 400 for name in needed)
        answers[str(part["id"]).lower()] = _failed_parent(part) if failed else _one(part)
    return jsonify(responses=list(answers.values()))


def _failed_parent(part: dict[str, Any]) -> dict[str, Any]:
    error = {"code": "FailedDependency", "message": "A request this one depends on failed."}
    return {"id": part["id"], "status": 424, "headers": {}, "body": {"error": error}}


def _one(part: dict[str, Any]) -> dict[str, Any]:
    """One item of the batch, sent through the whole application, so that every rule and fault holds for it too."""
    headers = {**part.get("headers", {}), "Authorization": request.headers.get("Authorization", "")}
    response = current_app.test_client().open(
        f"/v1.0{part['url']}", method=part["method"], json=part.get("body"), headers=headers
    )
    kept = {
        name: response.headers[name] for name in ("Retry-After", "Location", "request-id") if name in response.headers
    }
    answer = {"id": part["id"], "status": response.status_code, "headers": kept}
    if response.is_json:
        answer["headers"]["Content-Type"] = "application/json"
        answer["body"] = response.get_json()
    return answer
