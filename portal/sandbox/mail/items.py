"""Messages in mailboxes: making, finding and moving them.

https://learn.microsoft.com/graph/outlook-immutable-id
"""

import base64
import re
import secrets
from typing import Any

from portal.sandbox.refusals import Refusal
from portal.sandbox.state import State, User
from portal.sandbox.state.models import MailFile, MailItem

# https://learn.microsoft.com/graph/api/resources/mailfolder: the names that every mailbox has.
FOLDERS = {
    "inbox": "Inbox", "drafts": "Drafts", "sentitems": "Sent Items", "deleteditems": "Deleted Items",
    "junkemail": "Junk Email", "archive": "Archive", "outbox": "Outbox",
}  # fmt: skip
ON_ITS_WAY = ""


def fresh_id(kind: str = "AAMkAD") -> str:
    return kind + secrets.token_urlsafe(48).replace("_", "A").replace("-", "B") + "="


def fresh_message_id() -> str:
    return f"<{secrets.token_hex(12).upper()}@SANDBOX.prod.outlook.example>"


def gone() -> Refusal:
    return Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def of(user: User) -> Any:
    """The messages in a mailbox, as a query."""
    return MailItem.select().where(MailItem.user == user.id, MailItem.folder != ON_ITS_WAY)


def find(user: User, name: str) -> MailItem:
    """By either kind of id. Raises Refusal."""
    item = of(user).where((MailItem.id == name) | (MailItem.immutable == name)).first()
    if item is None:
        raise gone()
    return item


def folded(address: str) -> str:
    return address.strip().casefold()


def topic(subject: str) -> str:
    """The subject without the signs of an answer: what Exchange compares."""
    return re.sub(r"^\s*((re|fw|fwd|aw|wg)\s*:\s*)+", "", subject or "", flags=re.IGNORECASE).strip().casefold()


def conversation_of(user: User, subject: str, references: list[str]) -> str:
    """The thread in this mailbox that a message belongs to; another subject begins another one."""
    known = MailItem.select().where(MailItem.user == user.id).order_by(MailItem.seq.desc())
    if references:
        answered = known.where(MailItem.internet_id.in_(references)).first()
        if answered is not None and topic(answered.body.get("subject", "")) == topic(subject):
            return answered.conversation
    elif topic(subject) != (subject or "").strip().casefold():
        alike = next((item for item in known.limit(200) if topic(item.body.get("subject", "")) == topic(subject)), None)
        if alike is not None:
            return alike.conversation
    return fresh_id("AAQkAD")


def add(
    state: State, user: User, body: dict[str, Any], *, folder: str, sender: str, references: list[str] | None = None,
    internet_id: str = "", **more: Any,
) -> MailItem:  # fmt: skip
    """A new message in a mailbox. body: as Graph has it. more: other columns."""
    moment, subject = state.clock.time(), body.get("subject") or ""
    conversation = more.pop("conversation", "") or conversation_of(user, subject, references or [])
    return MailItem.create(
        id=fresh_id(), immutable=fresh_id("AAkALg"), tenant=user.tenant, user=user.id, folder=folder,
        internet_id=internet_id or fresh_message_id(), conversation=conversation, sender=folded(sender),
        created=moment, received=moment, changed=moment, references=references or [], body=body, **more,
    )  # fmt: skip


def move(state: State, item: MailItem, folder: str) -> None:
    """Into another folder, under another id; the immutable one stays."""
    item.id, item.folder, item.changed = fresh_id(), folder, state.clock.time()
    item.save()


def remove(item: MailItem) -> None:
    MailFile.delete().where(MailFile.item == item.seq).execute()
    item.delete_instance()


def files_of(item: MailItem) -> list[MailFile]:
    return list(MailFile.select().where(MailFile.item == item.seq).order_by(MailFile.at, MailFile.id))


def attach(state: State, item: MailItem, name: str, data: str, **more: Any) -> MailFile:
    """data: base64."""
    return MailFile.create(
        id=fresh_id("AAMkAT"), item=item.seq, at=state.clock.time(), name=name,
        size=len(base64.b64decode(data)), data=data, **more,
    )  # fmt: skip


def address_of(recipient: Any) -> str:
    """The address of a recipient as Graph writes one."""
    return ((recipient or {}).get("emailAddress") or {}).get("address") or ""


def recipient(address: str, name: str = "") -> dict[str, Any]:
    return {"emailAddress": {"name": name or address, "address": address}}


def recipients_of(body: dict[str, Any]) -> list[str]:
    """All addresses that a message goes to."""
    kinds = ("toRecipients", "ccRecipients", "bccRecipients")
    return [address_of(item) for kind in kinds for item in body.get(kind) or ()]
