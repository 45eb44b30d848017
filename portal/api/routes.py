"""One decorator for every route of the API: what it needs, takes and answers. The description is made from the same."""

from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request
from flask_limiter.util import get_remote_address
from prometheus_client import Counter
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from portal import access, params
from portal.api import once
from portal.api.schemas import Query, Writing
from portal.api_tokens import at_once, checking
from portal.database import now
from portal.problems import Problem
from portal.security import csrf, limiter

PER_MINUTE = 120
REQUESTS = Counter("portal_api_requests", "Requests to the API, by route", ["route", "method", "status"])
# What every token may ask.
ANY = ""
SOON = timedelta(days=30)
LINES = "application/x-ndjson"
JSON = ("application/json", "application/merge-patch+json")


class NotValid(Problem):
    """Some of what was sent cannot be used: each of the errors says where, and what is wrong."""

    status = 422
    title = "Not valid"
    next_step = "Correct what the errors name, then send it again."

    def __init__(self, errors: dict[str, str], *, status: int = 422):
        super().__init__(errors=[{"pointer": pointer, "detail": detail} for pointer, detail in errors.items()])
        self.status = status


@dataclass
class Reply:
    """What a view answers. made: what the request has made, as once.Made. version: for the header ETag."""

    body: BaseModel
    status: int = 200
    version: str = ""
    location: str = ""
    made: once.Made | None = None
    hidden: frozenset[str] = frozenset()


@dataclass
class Listed:
    """One page of a list. after: the cursor of the next page. count: of all, when it was asked for."""

    items: list[BaseModel]
    after: str | None = None
    count: int | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Route:
    """A route as it is described. path: as Flask writes it, below /api/v1. many: the answer is a page of a list.
    lines: it is also given as JSON lines, to who asks for those.

    once: wants an Idempotency-Key. etag: the answer has a version, which a change has to name.
    """

    method: str
    path: str
    scope: str
    summary: str
    answer: type[BaseModel]
    name: str
    query: type[Query] = Query
    body: type[BaseModel] | None = None
    status: int = 200
    many: bool = False
    lines: bool = False
    once: bool = False
    etag: bool = False
    example: dict[str, Any] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return issubclass(self.query, Writing)


ROUTES: list[Route] = []


def _token_or_address() -> str:
    token = checking.current.get()
    return f"token {token.key}" if token is not None else get_remote_address()


def pages(name: str) -> Blueprint:
    """Pages of the API: without cookies, so without form tokens, and so many requests a minute for each token."""
    made = Blueprint(f"api_{name}", __name__, url_prefix="/api/v1")
    csrf.exempt(made)
    limiter.limit(lambda: f"{PER_MINUTE} per minute", key_func=_token_or_address)(made)
    at_once.limit(made)
    made.after_request(_say_expiry)
    made.after_request(_count)
    return made


def _count(response: Response) -> Response:
    """By the route, which has no organisation and no person in it."""
    rule = request.url_rule.rule if request.url_rule is not None else ""
    REQUESTS.labels(rule, request.method, response.status_code).inc()
    return response


def _say_expiry(response: Response) -> Response:
    token = checking.current.get()
    if token is not None and token.expires_at - now() <= SOON:
        response.headers["Token-Expires-At"] = format_datetime(token.expires_at, usegmt=True)
    return response


def route(blueprint: Blueprint, method: str, path: str, **described: Any) -> Callable[[Any], Any]:
    """Make the view a route of the API. described: the other fields of Route."""

    def keep(view: Callable[..., Any]) -> Callable[..., Any]:
        made = Route(method, path, name=view.__name__, **described)
        ROUTES.append(made)

        @access.by_token(made.scope)
        @wraps(view)
        def run(**values: Any) -> Response:
            values |= _inputs(made)
            if made.once and not values["query"].dry_run:
                return once.answered(made.name, lambda: view(**values), _response)
            if made.once:
                once.check()
            answer = view(**values)
            return _lines(answer) if made.lines and _wants_lines() else _response(answer)

        blueprint.add_url_rule(path, view.__name__, run, methods=[method])
        return view

    return keep


def _inputs(made: Route) -> dict[str, Any]:
    """What the view is given beside the parts of its address. Raises NotValid."""
    twice = sorted(name for name, values in request.args.lists() if len(values) > 1)
    if twice:
        raise NotValid({f"?{name}": "It is there twice: ask once for each value." for name in twice}, status=400)
    try:
        found: dict[str, Any] = {"query": made.query.model_validate(request.args.to_dict())}
    except ValidationError as error:
        raise NotValid(_errors(error, "?"), status=400) from None
    if made.body is not None:
        if request.mimetype not in JSON or params.is_packed() or not params.is_utf8():
            raise UnsupportedMediaType()
        try:
            found["body"] = made.body.model_validate_json(request.get_data().removeprefix(BOM_UTF8))
        except ValidationError as error:
            unread = any(item["type"] == "json_invalid" for item in error.errors())
            raise NotValid(_errors(error, "/"), status=400 if unread else 422) from None
    return found


def _errors(error: ValidationError, begin: str) -> dict[str, str]:
    """A pointer into the body, or ?name of the query -> what is wrong there."""
    return {
        begin + "/".join(map(str, item["loc"])): f"{item['msg'].removeprefix('Value error, ')}."
        for item in error.errors(include_url=False)
    }


def _response(reply: Reply | Listed) -> Response:
    if isinstance(reply, Listed):
        return _list(reply)
    answer = Response(
        reply.body.model_dump_json(exclude=set(reply.hidden)), reply.status, content_type="application/json"
    )
    if reply.version:
        answer.headers["ETag"] = f'"{reply.version}"'
    if reply.location:
        answer.headers["Location"] = reply.location
    return answer


def _wants_lines() -> bool:
    return request.accept_mimetypes.best_match(["application/json", LINES]) == LINES


def _lines(listed: Listed) -> Response:
    """One item a line; only the header Link says where the next page is."""
    text = "".join(f"{item.model_dump_json(exclude=set(listed.hidden))}\n" for item in listed.items)
    return _linked(Response(text, content_type=LINES), listed)


def _list(listed: Listed) -> Response:
    items = ",".join(item.model_dump_json(exclude=set(listed.hidden)) for item in listed.items)
    further = "null" if listed.after is None else f'"{listed.after}"'
    count = "" if listed.count is None else f',"count":{listed.count}'
    body = f'{{"items":[{items}],"next":{further}{count}}}'
    return _linked(Response(body, content_type="application/json"), listed)


def _linked(answer: Response, listed: Listed) -> Response:
    if listed.after is not None:
        kept = {name: value for name, value in request.args.items() if name != "after"}
        address = f"{request.base_url}?{urlencode({**kept, 'after': listed.after})}"
        answer.headers["Link"] = f'<{address}>; rel="next"'
    return answer
