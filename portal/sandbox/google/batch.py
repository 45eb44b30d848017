"""Several calls in one: multipart/mixed, each part a request of its own.

https://developers.google.com/workspace/admin/directory/v1/guides/batch
"""

import secrets
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from portal.sandbox import parts as inner
from portal.sandbox.google.calls import refuse
from portal.sandbox.google.refusals import Refusal, bad_request

blueprint = Blueprint("batch", __name__)
MOST = 1000
# A batch stays within one API.
APIS = ("/admin/directory/", "/admin/reports/", "/apps/licensing/")


class Part:
    """One request inside."""

    def __init__(self, name: str, content: bytes):
        self.name = name
        head, _, self.body = content.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
        line, _, headers = head.partition(b"\n")
        words = line.decode("latin-1").split()
        if len(words) < 2:
            raise bad_request("Failed to parse batch request, error: Failed in parsing HTTP headers")
        self.method, target = words[0].upper(), urlsplit(words[1])
        self.path, self.query = target.path, target.query
        self.headers = dict(BytesParser(policy=HTTP).parsebytes(headers + b"\n\n").items())
        self.api = next((api for api in APIS if self.path.startswith(api)), "")


@blueprint.post("/batch")
@blueprint.post("/batch/admin/directory_v1")
@blueprint.post("/batch/admin/reports_v1")
@blueprint.post("/batch/licensing/v1")
def batch() -> Response:
    try:
        parts = _parts()
    except Refusal as error:
        return refuse(error)
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    lines: list[bytes] = []
    for part in parts:
        lines += [f"--{boundary}".encode(), b"Content-Type: application/http",
                  f"Content-ID: {_answer_name(part.name)}".encode(), b"", _answered(part)]  # fmt: skip
    lines.append(f"--{boundary}--".encode())
    return Response(b"\r\n".join(lines) + b"\r\n", 200, content_type=f"multipart/mixed; boundary={boundary}")


def _parts() -> list[Part]:
    """Raises Refusal."""
    if request.mimetype != "multipart/mixed":
        raise bad_request("Batch requests are multipart/mixed.")
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message: Any = BytesParser(policy=HTTP).parsebytes(head + request.get_data())
    if not message.is_multipart():
        raise bad_request("Failed to parse batch request, error: 0 items. Received batch body: (0) bytes redacted")
    found = []
    for item in message.iter_parts():
        if item.get_content_type() != "application/http":
            raise bad_request("Each part is of the type application/http.")
        found.append(Part(str(item.get("Content-ID", "")), item.get_payload(decode=True) or b""))
    if len(found) > MOST:
        raise bad_request(f"The batch request has {len(found)} calls; {MOST} is the most.")
    if len({part.api for part in found}) > 1:
        raise bad_request("All calls of a batch go to the same API.")
    return found


def _answer_name(name: str) -> str:
    return f"<response-{name[1:]}" if name.startswith("<") else f"response-{name}"


def _answered(part: Part) -> bytes:
    """The answer to one part, as if it had come alone."""
    headers = {"authorization": request.headers.get("Authorization", "")}
    headers |= {name.lower(): str(value) for name, value in part.headers.items()}
    found = inner.ask(part.method, part.path, part.query, headers, part.body.strip(b"\n"), at_once=True)
    if found.is_lost:
        return b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\nBackend Error"
    kept = [(name, value) for name, value in found.headers if name.lower() in ("content-type", "etag", "vary")]
    head = [f"HTTP/1.1 {found.status}", *(f"{name}: {value}" for name, value in kept)]
    head.append(f"Content-Length: {len(found.body)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + found.body
