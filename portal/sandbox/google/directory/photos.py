"""Pictures of people, which Google makes small.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos
"""

import base64
import binascii
import io
from typing import Any

from PIL import Image, ImageOps

from portal.sandbox.google import unverified
from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.directory.keys import changeable, user_of
from portal.sandbox.google.refusals import Refusal, invalid_input, not_found, required
from portal.sandbox.google.state import State, User, people
from portal.sandbox.google.state.models import Picture

# "Whatever the size of the photo being uploaded, the API downsizes it to 96x96 pixels", says the schema UserPhoto.
SIDE = 96
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF")
NOT_WEB_SAFE = str.maketrans("+/", "-_")


def keep(state: State, user_id: str, content: bytes) -> None:
    """Set the picture; with no content, take it away. Reads follow after a while."""
    Picture.create(user=user_id, content=content, since=state.clock.time() + state.timing.pictures)


def as_sent(state: State, user_id: str) -> bytes:
    """The picture that reads show, as large as it was sent; empty when there is none."""
    seen = Picture.select().where(Picture.user == user_id, Picture.since <= state.clock.time())
    found = seen.order_by(Picture.seq.desc()).first()
    return bytes(found.content) if found is not None else b""


@call("directory.users.photos.get")
def photo(asked: Asked) -> dict[str, Any]:
    user = user_of(state(), asked.caller, asked.names["userKey"])
    found = as_sent(state(), user.id)
    if not found:
        # GAM-team/GAM issue 591.
        raise not_found("photo")
    return _shown(user, found)


@call("directory.users.photos.update")
def update(asked: Asked) -> dict[str, Any]:
    user = changeable(state(), asked.caller, asked.names["userKey"])
    sent = asked.body.get("photoData")
    if not sent:
        raise required("photoData")
    content = _bytes_of(sent)
    try:
        Image.open(io.BytesIO(content), formats=FORMATS).verify()
    except (OSError, SyntaxError) as error:
        # GAM-team/GAM issue 1634.
        raise invalid_input("photoData") from error
    keep(state(), user.id, content)
    return _shown(user, content)


@call("directory.users.photos.delete")
def delete(asked: Asked) -> None:
    user = changeable(state(), asked.caller, asked.names["userKey"])
    if not as_sent(state(), user.id):
        # GAM-team/GAM issue 997.
        raise not_found("photo")
    keep(state(), user.id, b"")


def _bytes_of(sent: str) -> bytes:
    """Raises Refusal. Either alphabet does, and padding is "=" whatever the schema says: squid808/gShell issue 50."""
    try:
        return base64.b64decode(sent.translate(NOT_WEB_SAFE), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        said = f"Invalid value for ByteString: {sent[:40]}"
        raise Refusal(400, "invalid", said, where=("other", "photoData")) from error


def _shown(user: User, content: bytes) -> dict[str, Any]:
    file = io.BytesIO()
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE)).save(file, "JPEG", quality=unverified.PHOTO_QUALITY)
    small = file.getvalue()
    return {
        "kind": "admin#directory#user#photo", "id": user.id, "etag": people.etag(user.id, small.hex()),
        "primaryEmail": user.address, "mimeType": "image/jpeg", "width": SIDE, "height": SIDE,
        "photoData": base64.urlsafe_b64encode(small).decode(),
    }  # fmt: skip
