"""Calls that come within another one: each is answered as if it had come alone."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, g, request

from portal.sandbox.faults import Fault
from portal.sandbox.server import AT_ONCE, collected, named

# What takes the answer of one part away from a batch.
NO_ANSWER = ("reset", "lost answer", "cut short")
# What a part has from the request that it came in.
_SHARED = (
    "wsgi.version", "wsgi.url_scheme", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once",
    "SCRIPT_NAME", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """fault: what the sandbox did to the call on purpose, or None."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    fault: Fault | None

    @property
    def is_lost(self) -> bool:
        return self.fault is not None and self.fault.kind in NO_ANSWER


def ask(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, *, at_once: bool) -> Answer:
    """What the application answers to a part of the present request. at_once: it is done beside the others."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {name: request.environ[name] for name in _SHARED if name in request.environ}
    environ |= {named(name): value for name, value in headers.items()}
    environ |= {
        "REQUEST_METHOD": method, "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"), "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), AT_ONCE: at_once,
    }  # fmt: skip
    # In a context of its own, so that the batch and its parts keep their faults and request ids apart.
    with app.app_context():
        status, answered, text = collected(app.wsgi_app, environ)
        fault: Fault | None = g.get("fault")
    # The batch's line in the journal says that not all of it is the service's own answer.
    g.fault_in_item = fault or g.get("fault_in_item")
    return Answer(status, answered, text, fault)
