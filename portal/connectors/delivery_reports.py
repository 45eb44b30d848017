"""What a mail server says of a mail that it could not deliver: https://datatracker.ietf.org/doc/html/rfc3464

Some say it in words alone, above a copy of that mail: qmail, and Exim and others as they are set up.

A report is a mail like any other, so anybody can write one: what it says may be odd or false.
"""

import email
import re
from email.message import Message
from email.policy import compat32
from typing import Any

from portal.connectors.personal import Bounce

# A report quotes the mail that it is about; what we look for comes far before this.
LONGEST = 1_000_000
# The parser goes one deeper for each part within a part.
MOST_PARTS = 100
FAILED = ("failed", "delayed")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
# The last three are of mail with letters beyond ASCII: https://datatracker.ietf.org/doc/html/rfc6533
QUOTED = ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "message/global", "message/global-headers")
STATUSES = ("message/delivery-status", "message/global-delivery-status")
# Of a report in words: characters that are looked at; the mail that it quotes, a line about an address, the answer.
LONGEST_WORDS = 100_000
QUOTED_ID = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE)
WHO = re.compile(
    r"^[ \t]*(?:<([^<>\s@]{1,200}@[^<>\s]{1,200})>:?|([^<>\s@:]{1,200}@[^<>\s:]{1,200}))[ \t]*(?:$|(?<=:))",
    re.MULTILINE,
)
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
REPLY = re.compile(r"(?<![\d.-])([45])\d\d(?=[ -])")
LATER = re.compile(
    r"delay|will (?:be|keep) (?:retr|try)|not been delivered for|zeitweilig|verzögert|retard", re.IGNORECASE
)


def read(source: bytes) -> Bounce | None:
    """None for what is no report, or does not say which mail it is about and for whom that was."""
    source = source[:LONGEST]
    if source.lower().count(b"boundary") > MOST_PARTS:
        return None
    parts = list(email.message_from_bytes(source, policy=compat32).walk())
    about = next((found for part in parts if (found := _about(part))), "")
    told = next((field for part in parts for field in _told(part)), None)
    if told is None and not any(part.get_content_type() in STATUSES for part in parts):
        return _in_words(parts, about)
    if told is None or not about:
        return None
    recipient = _text(told, "Final-Recipient") or _text(told, "Original-Recipient")
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", _text(told, "Status"))
    code = status.group() if status else ""
    return Bounce(about, recipient.partition(";")[2].strip(" <>"), code, for_good=not code.startswith("4"))


def _in_words(parts: list[Message], about: str) -> Bounce | None:
    """What a report says that has no fields for it."""
    said = "\n".join(_words(part) for part in parts if part.get_content_type() == "text/plain")[:LONGEST_WORDS]
    quoted = QUOTED_ID.search(said)
    about = about or (quoted.group(1) if quoted else "")
    above = said[: quoted.start()] if quoted else said
    who = WHO.search(above)
    named = _text(parts[0], "X-Failed-Recipients").partition(",")[0].strip(" <>") if parts else ""
    recipient = named or ((who.group(1) or who.group(2)) if who else "")
    if not about or not recipient:
        return None
    status, reply = STATUS.search(above), REPLY.search(above)
    code = status.group() if status else ""
    first = code[:1] or (reply.group(1) if reply else "")
    return Bounce(about, recipient, code, for_good=first == "5" or (first != "4" and not LATER.search(above)))


def _words(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(content, bytes) else ""


def _about(part: Message) -> str:
    """The message id of the mail that came back, out of its quoted head."""
    if part.get_content_type() not in QUOTED:
        return ""
    inner = part.get_payload()
    head = inner[0] if isinstance(inner, list) and inner else email.message_from_string(str(inner))
    found = MESSAGE_ID.search(_text(head, "Message-ID")) if isinstance(head, Message) else None
    return found.group() if found else ""


def _told(part: Message) -> list[Message]:
    """The fields of each recipient who did not get it."""
    inner: Any = part.get_payload() if part.get_content_type() in STATUSES else ()
    if part.get_content_type() == STATUSES[1] and isinstance(inner, list):
        # The library takes only the older kind apart, and this one for a mail.
        blocks = re.split(r"(?:\r?\n){2}", "".join(one.as_string() for one in inner))
        inner = [email.message_from_string(block) for block in blocks]
    fields = [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []
    return [one for one in fields if _text(one, "Action").casefold() in FAILED]


def _text(message: Message, name: str) -> str:
    return str(message.get(name) or "").strip()
