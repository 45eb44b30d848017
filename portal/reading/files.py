"""The files of a mail: named at once, fetched when a user first opens one, and kept only if they can do no harm."""

from dataclasses import dataclass
from typing import Any

from portal import audit
from portal.connectors.personal import Attached
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox
from portal.mailboxes.opening import opened
from portal.messages.models import Message
from portal.problems import Problem
from portal.reading import words
from portal.recruitment.file_kinds import ENDINGS, FileRefused, kind_of
from portal.recruitment.files import FileKind, StoredFile, content_of, store
from portal.recruitment.models import Candidate

MOST = 50
LONGEST_NAME = 120
LARGEST_FETCHED = 25 * 1024 * 1024
USUAL = {ending for endings in ENDINGS.values() for ending in endings}


class NotHere(Problem):
    """The portal cannot fetch this file."""

    title = _("The file is not here")


class MayBeDangerous(Problem):
    message = _("This file may be dangerous: the portal cannot tell what it does when somebody opens it.")
    title = _("This file may be dangerous")


@dataclass(frozen=True)
class Fetched:
    """A file to be saved."""

    name: str
    content: bytes


def described(attached: list[Attached]) -> list[dict[str, Any]]:
    """What a message keeps of its files before anybody opens one; behind many, how many more there are."""
    more = [{"name": "", "size": 0, "more": len(attached) - MOST}] if len(attached) > MOST else []
    return [
        {
            "name": _name(one.name), "size": max(0, one.size),
            **({"link": True} if one.link else {"remote_id": one.id}),
        }
        for one in attached[:MOST]
    ] + more  # fmt: skip


def _name(name: str) -> str:
    """One line, without a path."""
    plain = words.clean_line(name.replace("\\", "/").rpartition("/")[2], 4 * LONGEST_NAME).strip(" .")
    dot = plain.rfind(".")
    stem, ending = (plain[:dot], plain[dot:]) if dot > 0 and len(plain) - dot <= 20 else (plain, "")
    return f"{stem[: LONGEST_NAME - len(ending)] or 'File'}{ending}"


def fetch(message: Message, number: int, *, despite_danger: bool = False) -> Fetched:
    """The file with this number, from the portal if it is here, else from the mailbox.

    Raises NotHere, MayBeDangerous unless the user was asked, and ConnectorError.
    """
    file = message.files[number]
    if "file" in file:
        kept = StoredFile.get_or_none(StoredFile.id == file["file"], StoredFile.candidate == message.candidate_id)
        if kept is None:
            raise NotHere(_("The file was deleted."))
        return Fetched(kept.name, content_of(kept))
    mailbox = _where(message, file)
    if not file["name"].lower().endswith(tuple(USUAL)) and not despite_danger:
        raise MayBeDangerous()
    with opened(mailbox) as outlook:
        content = outlook.file(message.remote_id, file["remote_id"])
    if despite_danger:
        return Fetched(file["name"], content)
    try:
        kind_of(content)
    except FileRefused as refused:
        raise MayBeDangerous(refused.message) from None
    return Fetched(_keep(message, number, file["name"], content), content)


def _where(message: Message, file: dict[str, Any]) -> Mailbox:
    """The mailbox that the file can be fetched from. Raises NotHere."""
    if "remote_id" not in file:
        raise NotHere(_("The sender put a link in place of a file."), _("Open the mail in Outlook to follow it."))
    if file["size"] > LARGEST_FETCHED:
        raise NotHere(_("The file is too large for the portal."), _("Open the mail in Outlook."))
    mailbox = message.mailbox
    if mailbox is None or not mailbox.is_live:
        whose = mailbox.user.display_name if mailbox else _("the user who received it")
        raise NotHere(
            _("The file is in an Outlook that is not connected now."),
            _("Ask %(whose)s to connect Outlook again.", whose=whose),
        )
    return mailbox


def _keep(message: Message, number: int, name: str, content: bytes) -> str:
    """Keep a harmless file with the candidate's others; returns its name. One who was erased meanwhile gets none."""
    with audit.turn(message.organisation_id):
        current = Message.get_or_none(Message.id == message.id)
        candidate = Candidate.get_by_id(message.candidate_id)
        if current is None or candidate.erased_at is not None or "file" in current.files[number]:
            return name
        kept = store(
            candidate.organisation, FileKind.RECEIVED, name, content, candidate=candidate,
            application=current.application,
        )  # fmt: skip
        current.files[number] = {"name": kept.name, "size": kept.size, "file": kept.id}
        Message.update(files=current.files).where(Message.id == message.id).execute()
    return kept.name
