"""What lies between every service and its callers: latency, faults by rule, and the journal."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, g, request

from portal.sandbox.clock import Clock
from portal.sandbox.faults import Fault, Faults, wait
from portal.sandbox.journal import Entry, Journal
from portal.sandbox.server import AT_ONCE, CUT

BROKEN = {
    "html": b"<html><body><h2>Our services aren't available right now</h2></body></html>",
    "empty": b"", "list": b"[]", "null": b"null", "cut": b'{"value": [{"id": "', "deep": b"[" * 100_000,
    "not a number": b'{"value": NaN}', "other": b'{"surprise": true}',
}  # fmt: skip
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"


@dataclass
class Wire:
    """own_pages: beginnings of paths that are no doing of the service: no faults, no journal there.

    refusal: a "status" fault as the service would say it. special: what other kinds of faults do; an answer ends the
    call. secret: ends of paths whose answers are not written down. request_id: the header that names a request.
    """

    faults: Faults
    journal: Journal
    clock: Clock
    own_pages: tuple[str, ...]
    refusal: Callable[[Fault], Response]
    special: Mapping[str, Callable[[], Response | None]] = field(default_factory=dict)
    secret: tuple[str, ...] = ()
    request_id: str = "request-id"

    def lay(self, app: Flask) -> None:
        app.before_request(self._before)
        app.after_request(self._after)

    def _own(self) -> bool:
        return request.path.startswith(self.own_pages)

    def _before(self) -> Response | None:
        if self._own():
            return None
        if not request.environ.get(AT_ONCE):
            wait(self.faults.latency)
        g.fault = fault = self.faults.next(request.method, request.path, _sent() if self.faults.rules else ())
        if fault is None:
            return None
        if fault.kind == "slow":
            wait(fault.seconds)
        elif fault.kind == "reset":
            request.environ[CUT] = 0
            return Response(status=503)
        elif fault.kind == "status":
            return self._broken(fault)
        elif fault.kind in self.special:
            return self.special[fault.kind]()
        return None

    def _broken(self, fault: Fault) -> Response:
        """A failure of the service: in its own shape, or in none."""
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        if fault.location:
            headers["Location"] = fault.location
        if fault.body in BROKEN:
            kind = "text/html" if fault.body == "html" else "application/json"
            return Response(BROKEN[fault.body], fault.status, headers, content_type=kind)
        response = self.refusal(fault)
        response.headers.update(headers)
        return response

    def _after(self, response: Response) -> Response:
        if self._own():
            response.headers["Content-Security-Policy"] = POLICY
            return response
        fault: Fault | None = g.get("fault")
        if fault is not None and fault.kind == "done but refused":
            response = self._broken(fault)
        if fault is not None and fault.kind in ("empty list", "empty page") and response.is_json:
            _empty(response, goes_on=fault.kind == "empty page")
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = POLICY
            response.headers["Cache-Control"] = "no-store"
        self.journal.add(self._entry(response, fault or g.get("fault_in_item")))
        if fault is not None and fault.kind == "lost answer":
            request.environ[CUT] = 0
        if fault is not None and fault.kind == "cut short":
            request.environ[CUT] = 120 + len(response.get_data()) // 2
        return response

    def _entry(self, response: Response, fault: Fault | None) -> Entry:
        """What is written down. Secrets of the application and tokens stay out of it."""
        text = request.get_data(as_text=True) if request.mimetype == "application/json" else ""
        secret = request.path.endswith(self.secret) and response.status_code == 200
        return Entry(
            method=request.method, path=request.path, query=request.query_string.decode(),
            headers={name: value for name, value in request.headers.items() if name not in ("Authorization", "Cookie")},
            body=text, status=response.status_code,
            answer=response.get_data(as_text=True) if response.is_json and not secret else "",
            fault=fault.kind if fault else None, request_id=response.headers.get(self.request_id, ""),
            at=self.clock.time(),
        )  # fmt: skip


def _sent() -> Collection[str]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else ()


def _empty(response: Response, *, goes_on: bool) -> None:
    """Take the items out of a list, and unless it goes on, what leads to the next page."""
    shown = response.get_json()
    kept = {
        name: value for name, value in shown.items() if not isinstance(value, list) and (goes_on or "next" not in name)
    }
    response.set_data(json.dumps(kept))
