"""How each step of setting a picture is done."""

import hashlib

from portal.connectors.errors import NoMailbox, Refused, TryLater
from portal.languages import N_, read
from portal.languages import gettext as _
from portal.operations.requests import PictureRequest
from portal.operations.work import Outcome, Work
from portal.people import photos, pictures
from portal.portraits.models import PictureBefore
from portal.provisioning.steps import NOT_YET

NO_MAILBOX = _("There is no mailbox yet to keep the picture, so no picture was set.")
# What is larger is not kept; no application takes a larger one.
LARGEST_KEPT = 4_000_000
NONE = N_("none")


def keep_before(work: Work) -> Outcome:
    """Keep the picture that the account has now, so that it can come back."""
    held = work.connector.picture(work.remote_id)
    jpeg = held if held is not None and len(held) <= LARGEST_KEPT else None
    operation = work.operation

    def save() -> None:
        PictureBefore.insert(
            organisation=operation.organisation_id, account=operation.account_id, operation=operation.id, jpeg=jpeg
        ).on_conflict_ignore().execute()

    return Outcome(before={N_("picture"): in_words(held)}, remember={"before": _mark(held)}, save=save)


def show_picture(work: Work) -> Outcome:
    """Set the employee's photo, or the picture from before. The same once more does no harm.

    Raises TryLater while a mailbox that the application shows already keeps none yet.
    """
    wanted = _wanted(work)
    try:
        if wanted is None:
            work.connector.clear_picture(work.remote_id)
        else:
            work.connector.set_picture(work.remote_id, wanted)
    except NoMailbox as error:
        if work.account.email:
            raise error.worded(_("The mailbox is not ready for a picture yet."), kind=TryLater) from error
        return Outcome(note=NO_MAILBOX, remember={"skipped": NO_MAILBOX})
    return Outcome(
        after={N_("picture"): in_words(wanted)}, remember={"sent": _mark(wanted), "alike": _was_alike(work, wanted)}
    )


def _was_alike(work: Work, wanted: bytes | None) -> bool:
    """Whether the account showed this picture before: then reading it again may find no difference."""
    kept = PictureBefore.get_or_none(PictureBefore.operation == work.operation)
    if wanted is None or kept is None or kept.jpeg is None:
        return False
    return pictures.alike(bytes(kept.jpeg), wanted)


def _wanted(work: Work) -> bytes | None:
    """The picture to be shown; None for none. Raises Refused when the photo was removed meanwhile."""
    asked = work.operation.request_as(PictureRequest)
    if asked.back:
        kept = PictureBefore.get_or_none(
            PictureBefore.operation == asked.back, PictureBefore.account == work.operation.account_id
        )
        if kept is None:
            raise Refused(_("The previous picture is no longer kept."), next_step=_("Set another one."))
        return bytes(kept.jpeg) if kept.jpeg is not None else None
    jpeg = photos.of(work.operation.employee)
    if jpeg is None:
        raise Refused(
            _("The photo has been removed in the meantime."), next_step=_("Add one on the Profile, then try again.")
        )
    return jpeg


def read_back(work: Work) -> Outcome:
    """Read the picture again. An application may store it smaller than it was sent, but it differs from the one before,
    unless that was the same picture.

    Raises TryLater while the one before is still shown.
    """
    results = work.operation.results
    if "skipped" in results:
        return Outcome(note=read(results["skipped"]))
    held = work.connector.picture(work.remote_id)
    mark, sent, before = _mark(held), results["sent"], results["before"]
    if mark != sent and (not mark or not sent or (mark == before and not results.get("alike"))):
        raise TryLater(NOT_YET)
    return Outcome(after={N_("picture"): in_words(held)})


def in_words(jpeg: bytes | None) -> str:
    """What the receipt says of a picture: its size, and the beginning of its SHA-256."""
    return f"{len(jpeg):,} bytes ({_mark(jpeg)})" if jpeg else NONE


def _mark(jpeg: bytes | None) -> str:
    return hashlib.sha256(jpeg).hexdigest()[:16] if jpeg else ""
