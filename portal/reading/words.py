"""What strangers wrote, as text that can be kept and shown: nothing unseen in it, and each link with its true place."""

import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

# Of one mail. The rest is in the mailbox.
LONGEST_TEXT, LONGEST_LINE = 100_000, 1_000
# Control characters, marks that turn the direction of what follows, halves of characters.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'“”]{1,2000}", re.IGNORECASE)
REL = "noopener nofollow noreferrer"


def clean_text(text: str) -> str:
    """Of several lines, cut where it is too long."""
    text = UNSEEN.sub("", text[: 2 * LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n")).strip()
    text = re.sub(r"\n{4,}", "\n\n\n", text)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…\n\n(The rest is in Outlook.)"


def clean_line(text: str, longest: int = LONGEST_LINE) -> str:
    return " ".join(UNSEEN.sub("", text[: 2 * longest].replace("\t", " ").replace("\n", " ")).split())[:longest]


def host_of(address: str) -> str:
    """Where a link leads, in the letters that the network uses, so that look-alikes differ; empty for no place."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        return host.encode("idna").decode() if host else ""
    except (ValueError, UnicodeError):
        return ""


def linked(text: str) -> Markup:
    """The text as HTML: escaped, its web addresses as links, each with the host that it leads to."""
    made, end = [], 0
    for found in ADDRESS.finditer(text):
        address = found.group().rstrip(".,;:!?)]}")
        host = host_of(address)
        if not host:
            continue
        made += [escape(text[end : found.start()]), link(address, address, host)]
        end = found.start() + len(address)
    return Markup("").join([*made, escape(text[end:])])


def link(address: str, words: str, host: str) -> Markup:
    """One link, with the host that it leads to."""
    return Markup('<a href="{}" rel="{}" target="_blank">{}</a> <span class="link-host">({})</span>').format(
        address, REL, words, host
    )
