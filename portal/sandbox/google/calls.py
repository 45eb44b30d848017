"""What every call of an API has around it: the token, its scopes, the parameters, one hand at the state, the answer.

The addresses, parameters and scopes are those of Google's own descriptions.
"""

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from portal.sandbox.google import fields, unverified
from portal.sandbox.google.accounts.client import Client
from portal.sandbox.google.caller import Caller
from portal.sandbox.google.description import Method, methods
from portal.sandbox.google.options import read_body, read_options
from portal.sandbox.google.refusals import Refusal, api_not_enabled, login_required, scope_missing, unauthorised
from portal.sandbox.google.state import State, User
from portal.sandbox.google.state.models import Access

VIEWS: dict[str, Callable[["Asked"], Any]] = {}


@dataclass
class Asked:
    """names: of the path. options: of the query, with their defaults. body: None for a method that takes none."""

    caller: Caller
    names: dict[str, str]
    options: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)


def state() -> State:
    return current_app.extensions["state"]


def client() -> Client:
    return current_app.extensions["client"]


def call(name: str) -> Callable[[Callable[[Asked], Any]], Callable[[Asked], Any]]:
    """Register what a method does. It answers a dict, None for nothing, or a Response."""

    def register(view: Callable[[Asked], Any]) -> Callable[[Asked], Any]:
        VIEWS[name] = view
        return view

    return register


def blueprint() -> Blueprint:
    """All methods of the descriptions, at their addresses."""
    made = Blueprint("apis", __name__)
    for name, method in methods().items():
        rule = re.sub(r"{\+(\w+)}", r"<path:\1>", method.path)
        rule = re.sub(r"{(\w+)}", r"<\1>", rule)
        made.add_url_rule(rule, name.replace(".", "_"), functools.partial(_run, name, method), methods=[method.verb])
    return made


def _run(name: str, method: Method, **names: str) -> Response:
    try:
        with state().work():
            caller = identify()
            _check(method, caller)
            options = read_options(method, request.args)
            asked = Asked(caller, names, options, read_body(method, request))
            current_app.extensions["quotas"].take(state(), name, asked)
            view = VIEWS.get(name, _not_here)
            found = view(asked)
        return found if isinstance(found, Response) else answer(found, options)
    except Refusal as error:
        return refuse(error)


def _not_here(asked: Asked) -> Any:
    raise Refusal(501, "notImplemented", "The sandbox does not know this method.")


def identify() -> Caller:
    """Raises Refusal."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token if scheme.lower() == "bearer" else request.args.get("access_token", "")
    if not token:
        raise login_required()
    held = Access.get_or_none(Access.token == token)
    moment = state().clock.time()
    if held is None or held.ends_at <= moment:
        raise unauthorised()
    user = User.get_or_none((User.id == held.user) & User.deleted_at.is_null())
    if user is None or user.suspended or user.archived:
        raise unauthorised()
    g.caller = Caller(user, state().customers.get(user.customer), frozenset(held.scopes))
    return g.caller


def _check(method: Method, caller: Caller) -> None:
    if method.service in client().disabled_apis:
        raise api_not_enabled(method.service)
    if not caller.scopes & set(method.scopes):
        raise scope_missing(method.service, method.id, method.scopes)
    if caller.customer is not None and not caller.customer.rule("api_access"):
        raise Refusal(403, "domainCannotUseApis", "Domain cannot use apis.")


def answer(value: Any, options: dict[str, Any] | None = None, status: int = 200) -> Response:
    """The answer, cut down to the fields that were asked for; 304 when the caller has it already."""
    if value is None:
        response = Response(status=unverified.DONE_WITHOUT_BODY)
        del response.headers["Content-Type"]
        return response
    options = options or {}
    tag = value.get("etag", "")
    if tag and request.method == "GET" and request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    mask = options.get("fields")
    shown = fields.keep(fields.read(mask), value) if mask else value
    # Google writes lines for people unless it is asked not to; here it has to be asked for, since it is slow.
    pretty = request.args.get("prettyPrint") == "true"
    text = json.dumps(shown, ensure_ascii=False, indent=2 if pretty else None)
    headers = {"ETag": tag} if tag else {}
    headers.update({"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Vary": "Origin, X-Origin"})
    return Response(text, status, headers, content_type="application/json; charset=UTF-8")


def refuse(error: Refusal) -> Response:
    if error.plain:
        return Response(error.plain, error.status, error.headers, content_type="text/plain; charset=UTF-8")
    text = json.dumps(error.body(), ensure_ascii=False, indent=2)
    return Response(text, error.status, error.headers, content_type="application/json; charset=UTF-8")
