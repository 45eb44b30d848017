"""Pictures of people.

https://learn.microsoft.com/graph/api/resources/profilephoto: in the mailbox, or a small one in the directory
"""

import hashlib
import io

from flask import Response, request
from PIL import Image

from portal.sandbox import mailboxes, pictures
from portal.sandbox.graph.calls import JSON_TYPE, answer, call, known_user, nothing, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import Refusal
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller

LARGEST = 4_000_000
# Of somebody without a mailbox. microsoft-graph-docs issues 8236 and 5668.
LARGEST_WITHOUT_MAILBOX = 100_000


@call("GET", "/users/<name>/photo", needs=permissions.READ_PICTURES)
def picture(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/profilephoto-get"""
    found = _shown(known_user(caller, name).id)
    width, height = Image.open(io.BytesIO(found)).size
    return answer({
        "@odata.context": f"{CONTEXT}users('{name}')/photo/$entity", "@odata.mediaContentType": "image/jpeg",
        "@odata.mediaEtag": f'"{hashlib.sha256(found).hexdigest()[:32]}"', "id": f"{width}x{height}",
        "height": height, "width": width,
    })  # fmt: skip


@call("GET", "/users/<name>/photo/$value", needs=permissions.READ_PICTURES)
def content(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/profilephoto-get"""
    return Response(_shown(known_user(caller, name).id), content_type="image/jpeg")


@call("PUT", "/users/<name>/photo/$value", needs=permissions.WRITE_PICTURES)
def change(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/profilephoto-update"""
    user, sent = known_user(caller, name), request.get_data()
    if len(sent) > LARGEST:
        raise Refusal(413, "RequestEntityTooLarge", "The image is larger than 4 MB.")
    if len(sent) > LARGEST_WITHOUT_MAILBOX and not mailboxes.exists(caller.tenant, user):
        mailboxes.open_of(caller.tenant, user)
    try:
        Image.open(io.BytesIO(sent), formats=("JPEG",)).verify()
    except (OSError, SyntaxError) as error:
        raise Refusal(400, "ErrorInvalidImage", "The image is not a JPEG.") from error
    pictures.keep(state(), user.id, sent)
    return Response(status=200, content_type=JSON_TYPE)


@call("DELETE", "/users/<name>/photo/$value", needs=permissions.WRITE_PICTURES)
def delete(caller: Caller, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/profilephoto-delete"""
    user = known_user(caller, name)
    _shown(user.id)
    pictures.keep(state(), user.id, b"")
    return nothing()


def _shown(user_id: str) -> bytes:
    """The picture that reads show. Raises Refusal without one."""
    found = pictures.shown(state(), user_id)
    if not found:
        raise Refusal(404, "ImageNotFound", "The photo wasn't found.")
    return found
