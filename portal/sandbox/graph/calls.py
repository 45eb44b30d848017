"""What every call of Graph has around it: the token, one hand at the state, request ids, errors in Graph's shape.

https://learn.microsoft.com/graph/use-the-api and https://learn.microsoft.com/graph/errors
"""

import functools
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from portal.sandbox import directory, mailboxes
from portal.sandbox.faults import wait
from portal.sandbox.identity.platform import Identity
from portal.sandbox.odata import options as odata_options
from portal.sandbox.odata.options import Options
from portal.sandbox.refusals import Refusal, bad_request, malformed, not_found
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import State, User
from portal.sandbox.throttle import Throttle

blueprint = Blueprint("graph", __name__, url_prefix="/v1.0")
JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
DIAGNOSTIC = json.dumps({
    "ServerInfo": {"DataCenter": "Sandbox", "Slice": "E", "Ring": "1", "ScaleUnit": "000", "RoleInstance": "SANDBOX"}
})  # fmt: skip


def state() -> State:
    return current_app.extensions["state"]


def identity() -> Identity:
    return current_app.extensions["identity"]


def throttle() -> Throttle:
    return current_app.extensions["throttle"]


def call(
    method: str, *rules: str, needs: tuple[str, ...], alone: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a call. The view gets the Caller first, then the names in the path.

    needs: the permissions of which one must be granted, or none. alone: the view runs inside State.work.
    """

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def run(**names: str) -> Any:
            caller = g.caller
            if needs:
                caller.need(needs)
            if not alone:
                return view(caller, **names)
            with state().work():
                return view(caller, **names)

        for rule in rules:
            blueprint.add_url_rule(rule, f"{method} {rule}".replace(".", "_"), run, methods=[method])
        return view

    return register


def of_person(
    method: str, *rules: str, needs: tuple[str, ...] = (), mailbox: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a call about the person in whose name the application asks. The view gets the user after the Caller.

    needs: the scopes of which one must be granted. mailbox: whether the person must have one.
    """

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def run(caller: Caller, **names: str) -> Any:
            if not caller.person:
                raise malformed("/me request is only valid with delegated authentication flow.")
            if not caller.scopes & set(needs):
                raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
            user = known_user(caller, caller.person)
            if mailbox:
                mailboxes.open_of(caller.tenant, user)
            return view(caller, user, **names)

        call(method, *rules, needs=())(run)
        return view

    return register


def name_request() -> None:
    g.request_id = str(uuid.uuid4())
    g.client_request_id = request.headers.get("client-request-id") or g.request_id


@blueprint.before_request
def identify() -> None:
    """Who asks, and whether there is room for one more. Raises Refusal."""
    name_request()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    claims = identity().check_token(state(), token if scheme.lower() == "bearer" else "")
    tenant = state().tenants[claims["tid"]]
    g.caller = Caller(
        tenant, frozenset(claims.get("roles") or ()), claims.get("appid", ""),
        person=claims["oid"] if "scp" in claims else "", scopes=frozenset(claims.get("scp", "").split()),
    )  # fmt: skip
    g.cost = throttle().cost(request.method, request.path, request.args)
    g.throttle_headers = throttle().take(state(), g.caller, request.method, g.cost)
    g.mailbox = throttle().enter_mailbox(state(), g.caller, request.path)
    if g.mailbox:
        wait(throttle().limits.mailbox_seconds)


@blueprint.teardown_request
def leave_mailbox(_error: BaseException | None) -> None:
    if g.get("mailbox"):
        throttle().leave_mailbox(g.mailbox)


@blueprint.after_request
def mark(response: Response) -> Response:
    headers = response.headers
    headers["request-id"] = g.get("request_id", "")
    headers["client-request-id"] = g.get("client_request_id", "")
    headers["x-ms-ags-diagnostic"] = DIAGNOSTIC
    headers["x-ms-resource-unit"] = str(g.get("cost", 1))
    headers["OData-Version"] = "4.0"
    headers["Cache-Control"] = "no-cache"
    headers.update(g.get("throttle_headers") or {})
    return response


@blueprint.errorhandler(Refusal)
def refuse(error: Refusal) -> Response:
    date = datetime.fromtimestamp(state().clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    body = error.body(request_id=g.request_id, client_request_id=g.client_request_id, date=date)
    return Response(json.dumps(body), error.status, error.headers, content_type="application/json")


def answer(value: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, content_type=JSON_TYPE)


def nothing(status: int = 204) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def sent() -> dict[str, Any]:
    """The JSON object of the request. Raises Refusal."""
    if not request.get_data():
        raise malformed("Empty Payload. JSON content expected.")
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise malformed(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format."
        )
    return found


def asked() -> Options:
    """The options of the request. Raises Refusal."""
    return odata_options.read(request.args, request.headers)


def address(path: str) -> str:
    """Where a path of Graph is, on this sandbox."""
    return f"{request.host_url.rstrip('/')}/v1.0{path}"


def reference() -> str:
    """The id at the end of @odata.id. Raises Refusal.

    https://learn.microsoft.com/graph/api/user-post-manager
    """
    link = sent().get("@odata.id")
    if not isinstance(link, str) or "/" not in link:
        raise bad_request("A value is required for property '@odata.id' of resource 'Reference'.")
    return link.rstrip("/").rpartition("/")[2]


def known_user(caller: Caller, name: str) -> User:
    """A live user that has reached the replica that answers: a new one is unknown for a while. Raises Refusal."""
    user = directory.user_of(caller.tenant, name)
    if user.visible_at > state().clock.time():
        raise not_found(name)
    return user


def live_users(caller: Caller) -> Callable[[Any], Any]:
    """What belongs to the collection of users, as an expression over the model."""
    moment = state().clock.time()
    return lambda model: (model.tenant == caller.tenant.id) & model.deleted_at.is_null() & (model.visible_at <= moment)
