"""What a mail server says of a mail that it could not deliver: https://datatracker.ietf.org/doc/html/rfc3464

A report is a mail like any other, so anybody can write one: what it says may be odd or false.
"""

import email
import re
from email.message import Message
from email.policy import compat32

from portal.connectors.personal import Bounce

# A report quotes the mail that it is about; what we look for comes far before this.
LONGEST = 1_000_000
# The parser goes one deeper for each part within a part.
MOST_PARTS = 100
FAILED = ("failed", "delayed")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")


def read(source: bytes) -> Bounce | None:
    """None for what is no report, or does not say which mail it is about and for whom that was."""
    source = source[:LONGEST]
    if source.lower().count(b"boundary") > MOST_PARTS:
        return None
    parts = list(email.message_from_bytes(source, policy=compat32).walk())
    if not parts or parts[0].get_content_type() != "multipart/report":
        return None
    about = next((found for part in parts if (found := _about(part))), "")
    told = next((field for part in parts for field in _told(part)), None)
    if not about or told is None:
        return None
    recipient = _text(told, "Final-Recipient") or _text(told, "Original-Recipient")
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", _text(told, "Status"))
    code = status.group() if status else ""
    return Bounce(about, recipient.partition(";")[2].strip(" <>"), code, for_good=not code.startswith("4"))


def _about(part: Message) -> str:
    """The message id of the mail that came back, out of its quoted head."""
    if part.get_content_type() not in ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers"):
        return ""
    inner = part.get_payload()
    head = inner[0] if isinstance(inner, list) and inner else email.message_from_string(str(inner))
    found = MESSAGE_ID.search(_text(head, "Message-ID")) if isinstance(head, Message) else None
    return found.group() if found else ""


def _told(part: Message) -> list[Message]:
    """The fields of each recipient who did not get it."""
    inner = part.get_payload() if part.get_content_type() == "message/delivery-status" else ()
    fields = [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []
    return [one for one in fields if _text(one, "Action").casefold() in FAILED]


def _text(message: Message, name: str) -> str:
    return str(message.get(name) or "").strip()
