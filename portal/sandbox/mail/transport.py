"""What happens to a mail between Drafts and the one who reads it.

https://learn.microsoft.com/graph/outlook-things-to-know-about-send-mail
"""

import base64
import re
from typing import Any

from portal.sandbox.mail import items, letters, rules
from portal.sandbox.mail.items import folded, recipient
from portal.sandbox.refusals import Refusal
from portal.sandbox.state import State, User
from portal.sandbox.state.models import Address, MailItem, OutsideMail

POSTMASTER = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e"
SEND_AS_DENIED = (
    "The user account which was used to submit this request does not have the right to send mail on behalf of the "
    "specified sending account."
)


def own_addresses(user: User) -> list[str]:
    """Those that a person may send from, the primary one first."""
    held = user.body.get("proxyAddresses") or ()
    first = [item[5:] for item in held if item.startswith("SMTP:")]
    return [*first, *(item[5:] for item in held if item.startswith("smtp:"))] or [user.body["userPrincipalName"]]


def check_sender(user: User, body: dict[str, Any]) -> None:
    """Raises Refusal for a sender who is somebody else."""
    for kind in ("from", "sender"):
        address = items.address_of(body.get(kind))
        if address and folded(address) not in {folded(own) for own in own_addresses(user)}:
            raise Refusal(403, "ErrorSendAsDenied", SEND_AS_DENIED)


def accept(state: State, user: User, item: MailItem) -> None:
    """Take a draft for sending: it leaves Drafts at once, and is in Sent Items some time later. Raises Refusal."""
    check_sender(user, item.body)
    addresses = items.recipients_of(item.body)
    if not addresses or not all(re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address) for address in addresses):
        raise Refusal(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    moment = state.clock.time()
    item.folder, item.draft, item.sent, item.due = items.ON_ITS_WAY, False, moment, moment + state.timing.sent_items
    item.save()
    if state.timing.sent_items:
        state.wake_at(item.due)
    else:
        _arrive(state, item)


def settle(state: State) -> None:
    """Messages whose way through Exchange is over."""
    for item in MailItem.select().where(MailItem.due <= state.clock.time()):
        _arrive(state, item)


def _arrive(state: State, item: MailItem) -> None:
    item.due = None
    if state.timing.new_id_on_send:
        item.immutable = items.fresh_id("AAkALg")
    item.received = item.sent or item.received
    items.move(state, item, "sentitems")
    sender = User.get_or_none(User.id == item.user)
    for address in dict.fromkeys(items.recipients_of(item.body)):
        if sender is not None:
            _deliver(state, sender, item, address)


def _deliver(state: State, sender: User, item: MailItem, address: str) -> None:
    if address.partition("@")[0].startswith("bounce+"):
        _bounce(state, sender, item, address)
        return
    reader = holder(address)
    if reader is not None:
        shown = {name: value for name, value in item.body.items() if name != "bccRecipients"}
        copy = items.add(
            state, reader, {**shown, "isRead": False}, folder=rules.folder_for(reader, shown), sender=item.sender,
            references=item.references, internet_id=item.internet_id, sent=item.sent,
        )  # fmt: skip
        _copy_files(state, item, copy)
        return
    OutsideMail.create(
        address=folded(address), at=state.clock.time(), sender=items.address_of(item.body.get("from")),
        recipients=items.recipients_of(item.body), subject=item.body.get("subject") or "",
        text=letters.as_text(item.body.get("body") or {}), internet_id=item.internet_id, references=item.references,
        files=[{"name": file.name, "type": file.content_type, "data": file.data} for file in items.files_of(item)],
    )  # fmt: skip
    if address.partition("@")[0].startswith("away+"):
        _reply_automatically(state, sender, item, address)


def holder(address: str) -> User | None:
    """Whose mailbox in any of the tenants the address is."""
    row = Address.get_or_none(Address.key == f"smtp:{folded(address)}")
    return User.get_or_none(User.id == row.user) if row else None


def _copy_files(state: State, item: MailItem, copy: MailItem) -> None:
    for file in items.files_of(item):
        items.attach(state, copy, file.name, file.data, content_type=file.content_type, inline=file.inline)


def _bounce(state: State, sender: User, item: MailItem, address: str) -> None:
    own = own_addresses(sender)[0]
    postmaster = f"{POSTMASTER}@{own.partition('@')[2]}"
    exchange = recipient(postmaster, "Microsoft Outlook")
    body = {
        "subject": f"Undeliverable: {item.body.get('subject') or ''}", "from": exchange, "sender": exchange,
        "toRecipients": [recipient(own)],
        "body": {"contentType": "text", "content": f"Your message to {address} couldn't be delivered."},
        "internetMessageHeaders": [
            {"name": "Content-Type", "value": "multipart/report; report-type=delivery-status"},
            {"name": "Auto-Submitted", "value": "auto-replied"},
        ],
    }  # fmt: skip
    items.add(
        state, sender, body, folder="inbox", sender=postmaster, references=[item.internet_id],
        conversation=item.conversation, kind="REPORT.IPM.Note.NDR", sent=state.clock.time(),
        source=letters.bounce(postmaster, own, address, item),
    )  # fmt: skip


def _reply_automatically(state: State, sender: User, item: MailItem, address: str) -> None:
    headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    from_outside(
        state, address, own_addresses(sender)[0], f"Automatic reply: {item.body.get('subject') or ''}",
        "I am away until Monday.", references=[item.internet_id], headers=headers,
    )  # fmt: skip


def from_outside(
    state: State, sender: str, to: str, subject: str, text: str, *, name: str = "", references: list[str] | None = None,
    headers: dict[str, str] | None = None, files: list[dict[str, str]] | None = None, html: str = "", cc: str = "",
    kind: str = "IPM.Note", source: str = "", message_id: str = "",
) -> MailItem | None:  # fmt: skip
    """A mail of somebody who belongs to no tenant. None when no mailbox has the address.

    files: name, type, data. kind: the message class. source: its MIME, where that says more. message_id: of one mail
    to many mailboxes.
    """
    reader = holder(to)
    internet_id = message_id or f"<{items.fresh_id('')[:20]}@mail.outside.example>"
    OutsideMail.create(
        address=folded(sender), outgoing=True, at=state.clock.time(), sender=sender, recipients=[to], subject=subject,
        text=text, internet_id=internet_id, references=references or [], files=files or [],
    )  # fmt: skip
    if reader is None:
        return None
    body = {
        "subject": subject, "from": recipient(sender, name), "sender": recipient(sender, name),
        "toRecipients": [recipient(to)], "ccRecipients": [recipient(cc)] if cc else [],
        "body": {"contentType": "html" if html else "text", "content": html or text},
        "internetMessageHeaders": [{"name": key, "value": value} for key, value in (headers or {}).items()],
    }  # fmt: skip
    item = items.add(state, reader, body, folder=rules.folder_for(reader, body), sender=sender, references=references,
                     internet_id=internet_id, sent=state.clock.time(), kind=kind, source=source)  # fmt: skip
    for file in files or ():
        base64.b64decode(file["data"], validate=True)
        items.attach(state, item, file["name"], file["data"], content_type=file.get("type"))
    return item
