"""Answers of Microsoft 365, spoilt by chance, and a server before the sandbox that spoils some of its answers."""

import contextlib
import copy
import gzip
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from random import Random
from typing import Any

import requests

from tests.connectors.stubborn import bomb, page
from tests.connectors.test_malformed_answers import DEEP, places, with_

# In the place of a value: none of its kind, so that it is a mistake and no lie.
WRONG: tuple[Any, ...] = (
    None, 5, -1, 1e300, "", "x" * 5_000, True, [], {}, [None], [5], {"a": 5}, [[]], "2026-13-45T99:00:00Z", "\0",
    "\ud800",
)  # fmt: skip
TEXTS = (
    b"", b" ", b"null", b"[]", b"5", b'"x"', b"{}", b"\xff\xfe\0",
    b"<html><body>Our services aren't available</body></html>", DEEP, b'{"value": NaN}',
    b'{"value": ' + b"9" * 5_000 + b"}", b'{"value": "\\u0000"}', b'{"value": "\\ud800"}', b"{" * 900,
    b'{"value": [' + b"{}," * 200_000 + b"{}]}", b'{"value": {}}', b'{"value": null}', b'{"value": [null, 1, "x"]}',
    b"\x1f\x8b\x08",
)  # fmt: skip
LINKS = (
    "https://evil.example/v1.0/users", "javascript:alert(1)", "//evil.example/", "x", 5, {}, [], True, "http://[::1",
    "/v1.0/../../x", "https://graph.microsoft.com/v1.0/users?$skiptoken=" + "x" * 9_000,
    "https://graph.microsoft.com/v1.0/me",
)  # fmt: skip
KINDS = {
    "Content_Type": (
        "text/html",
        "text/plain; charset=utf-16",
        "application/xml",
        "",
        "x" * 3_000,
        "application/json; charset=what",
    )
}
HEADERS = (
    ("Retry-After", ("-5", "nan", "1e400", "soon", "99999999999999", "\xff")),
    ("Location", ("//evil.example", "x", "file:///etc")),
    ("Content-Encoding", ("gzip", "br", "deflate", "zstd", "what", "gzip, gzip")),
    ("Transfer-Encoding", ("chunked", "what")), ("request-id", ("", "x" * 9_000, "\xff")),
    ("Set-Cookie", ("a=b; Domain=.", "\xff")), ("Content-Length", ("1", "99999", "x", "-1")),
    ("Content-Type", ("text/html", "text/plain; charset=utf-16", "", "application/json; charset=what")),
    ("X" * 3_000, ("x",)),
    ("WWW-Authenticate", ("Bearer claims=", 'Bearer error="insufficient_claims", claims="!!"')),
)  # fmt: skip
STATUSES = (
    "200 OK", "202 Yes", "206 Part", "302 There", "304 Same", "400 Bad", "401 No", "404 None", "418 Tea",
    "429 Slowly", "500 Oh", "503 Closed", "599 x", "999 x", "000 x", "x", "", "20 x", "200",
)  # fmt: skip


def spoilt(rng: Random, status: str, body: bytes) -> bytes:
    """A whole answer, as it should be but for one thing."""
    kind = rng.randrange(8)
    if kind < 3:
        return page(status, _spoilt_value(rng, body), Content_Type="application/json")
    if kind == 3:
        return page(status, body[: rng.randrange(len(body) + 1)], Content_Type="application/json")
    if kind == 4:
        return page(status, rng.choice(TEXTS), Content_Type=rng.choice(("application/json", "text/html")))
    if kind == 5:
        name, values = rng.choice(HEADERS)
        whole = page(status, body, Content_Type="application/json")
        return whole.replace(b"\r\n", f"\r\n{name}: {rng.choice(values)}\r\n".encode("latin-1"), 1)
    if kind == 6:
        return _packed(rng, status, body)
    return page(
        rng.choice(STATUSES), rng.choice((body, b"", b'{"error": "gone"}', b"<html>")), Content_Type="application/json"
    )


def _packed(rng: Random, status: str, body: bytes) -> bytes:
    packed = gzip.compress(body)
    content = rng.choice(
        (packed[: len(packed) // 2], packed[:-8] + b"\0" * 8, rng.randbytes(200), packed * 2, b"", bomb(40_000_000))
    )
    return page(
        status, content, Content_Type="application/json", Content_Encoding=rng.choice(("gzip", "gzip", "deflate", "br"))
    )


def _spoilt_value(rng: Random, body: bytes) -> bytes:
    """The same JSON with a wrong thing in it, or without something, or with something twice."""
    try:
        value = json.loads(body)
    except ValueError:
        return rng.choice(TEXTS)
    found = list(places(value))
    if not found or rng.random() < 0.1:
        return json.dumps(
            {**value, "@odata.nextLink": rng.choice(LINKS)} if isinstance(value, dict) else [value]
        ).encode()
    place = rng.choice(found)
    old = value
    for key in place:
        old = old[key]
    if isinstance(old, list) and old and rng.random() < 0.5:
        return json.dumps(with_(value, place, [*old, copy.deepcopy(rng.choice(old))])).encode()
    if isinstance(place[-1], str) and rng.random() < 0.2:
        return json.dumps(with_(value, place, ...)).encode()
    wrong = rng.choice([wrong for wrong in WRONG if type(wrong) is not type(old)])
    return json.dumps(with_(value, place, wrong)).encode()


class _Handler(BaseHTTPRequestHandler):
    server: "Garbler"
    protocol_version = "HTTP/1.1"

    def handle_one_request(self):
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        skipped = ("host", "content-length", "accept-encoding", "connection")
        headers = {name: value for name, value in self.headers.items() if name.casefold() not in skipped}
        answer = self.server.session.request(
            self.command, self.server.base + self.path, data=body, headers=headers, allow_redirects=False
        )
        with contextlib.suppress(OSError):
            self.wfile.write(self.server.passed_on(answer))
        self.close_connection = True

    def log_message(self, *_):
        """Not read."""


class Garbler(socketserver.ThreadingTCPServer):
    """In front of the sandbox's Graph. rng, share: that share of the answers is spoilt; how many were, is counted."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, base: str):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base, self.url = base, f"http://127.0.0.1:{self.server_address[1]}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.rng, self.share, self.spoilt = Random(0), 0.0, 0
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def passed_on(self, answer: requests.Response) -> bytes:
        body, status = (
            answer.content.replace(self.base.encode(), self.url.encode()),
            f"{answer.status_code} {answer.reason}",
        )
        with self._one_at_a_time:
            if self.rng.random() < self.share:
                self.spoilt += 1
                return spoilt(self.rng, status, body)
        kept = ("content-type", "retry-after", "location", "request-id", "www-authenticate", "preference-applied")
        headers = {name.replace("-", "_"): value for name, value in answer.headers.items() if name.casefold() in kept}
        return page(status, body, **headers)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.session.close()

    def handle_error(self, _request, _client):
        """The client has gone."""
