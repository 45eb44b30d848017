"""What is attached to messages.

https://learn.microsoft.com/graph/api/resources/attachment
"""

import base64

from flask import Response, request

from portal.sandbox.graph.calls import answer, of_person, sent
from portal.sandbox.graph.messages import READ, WRITE, attach
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.mail import items, shapes
from portal.sandbox.refusals import Refusal, bad_request
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User
from portal.sandbox.state.models import MailFile


def _select() -> tuple[str, ...]:
    return tuple(part.strip() for part in request.args.get("$select", "").split(",") if part.strip())


@of_person("GET", "/me/messages/<name>/attachments", needs=READ)
def attachments(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-list-attachments"""
    found = [shapes.file_shape(file, _select()) for file in items.files_of(items.find(user, name))]
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/messages('{name}')/attachments", "value": found})


@of_person("POST", "/me/messages/<name>/attachments", needs=WRITE)
def add(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-post-attachments"""
    item, given = items.find(user, name), sent()
    if given.get("@odata.type") != "#microsoft.graph.fileAttachment":
        raise bad_request("The attachment needs a supported @odata.type.", code="RequestBodyRead")
    if not item.draft:
        raise bad_request("Files can only be attached to a draft.", code="ErrorInvalidRequest")
    return answer(shapes.file_shape(attach(item, given)), 201)


def _file(user: User, name: str, file: str) -> MailFile:
    item = items.find(user, name)
    found = MailFile.get_or_none((MailFile.id == file) & (MailFile.item == item.seq))
    if found is None:
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return found


@of_person("GET", "/me/messages/<name>/attachments/<file>", needs=READ)
def attachment(_caller: Caller, user: User, name: str, file: str) -> Response:
    """https://learn.microsoft.com/graph/api/attachment-get"""
    return answer(shapes.file_shape(_file(user, name, file), _select()))


@of_person("GET", "/me/messages/<name>/attachments/<file>/$value", needs=READ)
def content(_caller: Caller, user: User, name: str, file: str) -> Response:
    """https://learn.microsoft.com/graph/api/attachment-get: the bytes themselves."""
    found = _file(user, name, file)
    return Response(base64.b64decode(found.data), content_type=found.content_type or "application/octet-stream")
