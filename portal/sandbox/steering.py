"""The part of the control address that every service has, and the address itself.

Everything speaks JSON. GET / lists the calls.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

from portal.sandbox.faults import Faults
from portal.sandbox.journal import Journal
from portal.sandbox.store import Store

Held = TypeVar("Held", bound=Store)


class Steering(Generic[Held]):
    """The calls about faults, latency, clock and journal."""

    state: Held
    faults: Faults
    journal: Journal

    def add_fault(self, asked: dict[str, Any]) -> Any:
        """Any of the values of faults.Fault."""
        return self.faults.add(**asked)

    def list_faults(self, asked: dict[str, Any]) -> Any:
        """The rules, each with how often it hit."""
        return self.faults.listed()

    def clear_faults(self, asked: dict[str, Any]) -> Any:
        """No more faults."""
        self.faults.clear()
        return 0

    def latency(self, asked: dict[str, Any]) -> Any:
        """seconds: how long every call takes at least."""
        self.faults.latency = float(asked["seconds"])
        return self.faults.latency

    def show_clock(self, asked: dict[str, Any]) -> Any:
        """The sandbox's time, and how far it is ahead."""
        return self.state.details()

    def clock(self, asked: dict[str, Any]) -> Any:
        """seconds: move the clock forward."""
        self.state.advance(float(asked["seconds"]))
        return self.state.clock.now()

    def timing(self, asked: dict[str, Any]) -> Any:
        """Seconds that things take; GET /clock names them."""
        self.state.timing.set(**asked)
        return vars(self.state.timing)

    def show_journal(self, asked: dict[str, Any]) -> Any:
        """What was asked and answered. method; path: text in it."""
        return list(self.journal.found(asked.get("method"), asked.get("path")))

    def clear_journal(self, asked: dict[str, Any]) -> Any:
        """Forget what was asked."""
        self.journal.clear()
        return 0


Calls = Mapping[tuple[str, str], Callable[..., Any]]
SHARED: Calls = {
    ("GET", "/faults"): Steering.list_faults, ("POST", "/faults"): Steering.add_fault,
    ("DELETE", "/faults"): Steering.clear_faults, ("POST", "/latency"): Steering.latency,
    ("GET", "/clock"): Steering.show_clock, ("POST", "/clock"): Steering.clock, ("POST", "/timing"): Steering.timing,
    ("GET", "/journal"): Steering.show_journal, ("DELETE", "/journal"): Steering.clear_journal,
}  # fmt: skip


def create(control: Steering, calls: Calls) -> Flask:
    """The WSGI application of the control address."""
    app = Flask("sandbox-control")
    for (method, path), verb in calls.items():
        app.add_url_rule(path, f"{method} {path}", _view(control, verb), methods=[method])
    app.add_url_rule("/", "index", lambda: jsonify([
        {"method": method, "path": path, "does": " ".join((verb.__doc__ or "").split())}
        for (method, path), verb in calls.items()
    ]))  # fmt: skip
    app.register_error_handler(Exception, _problem)
    return app


def _view(control: Steering, verb: Callable[..., Any]) -> Callable[[], Any]:
    def view() -> Any:
        asked = request.args.to_dict() if request.method == "GET" else request.get_json(silent=True) or {}
        with control.state.lock:
            control.state.settle()
            return jsonify(verb(control, asked))

    return view


def _problem(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return jsonify(error=error.description), error.code
    if isinstance(error, KeyError):
        return jsonify(error=f"missing or unknown: {error}"), 404
    if isinstance(error, TypeError | ValueError):
        return jsonify(error=str(error)), 400
    raise error
