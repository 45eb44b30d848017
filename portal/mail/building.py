"""What a mail is made of: headers that no name can change, addresses that every mail server takes, and the body.

Headers are written here and not by the standard library: it decodes encoded words that a user typed, and loses the
quotes of a long name when it folds the line.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from email import base64mime, quoprimime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

import idna

from portal.config import settings
from portal.languages import gettext as _
from portal.mail.problems import Kind, NotSent

# Words that a header may have as they are. Everything else is encoded, above all "=?", which begins an encoded word.
PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*")
PLAIN_LINE = re.compile(r"[\x20-\x7e]*")
ATOMS = re.compile(r"[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)*")
# Control characters, marks that turn the direction of what follows them, line and paragraph separators.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
LONGEST_LINE = 72


@dataclass
class Mail:
    """A mail that is ready to go out. headers: name -> value as written, folded already. content: the body's parts.

    sender, recipient: the addresses for the mail server, with domains in ASCII.
    """

    sender: str
    recipient: str
    headers: dict[str, str]
    content: EmailMessage = field(default_factory=EmailMessage)

    @property
    def message_id(self) -> str:
        return self.headers["Message-ID"]

    @property
    def international(self) -> bool:
        """Whether an address has letters before the @ that only a server with SMTPUTF8 takes."""
        return not all(value.isascii() for value in (self.sender, self.recipient, *self.headers.values()))

    def write(self, text: str, html: str) -> None:
        self.content.set_content(text, cte="quoted-printable")
        self.content.add_alternative(html, subtype="html", cte="quoted-printable")

    def as_bytes(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return head.encode() + self.content.as_bytes(policy=SMTP)


def begin(recipient: str, subject: str, *, sender_name: str = "", reply_to: str = "") -> Mail:
    """A mail without a body. sender_name: shown beside the portal's own address. Raises NotSent for a bad address."""
    name, address = parseaddr(settings().mail_from)
    sender, to = wire_address(address), wire_address(recipient)
    headers = {
        "From": mailbox(one_line(sender_name) or name, sender),
        "To": to,
        "Subject": one_line_header(subject, room=LONGEST_LINE - len("Subject: ")),
        "Date": formatdate(),
        "Message-ID": make_msgid(domain=sender.rpartition("@")[2] or "localhost"),
        "Auto-Submitted": "auto-generated",
    }
    if reply_to:
        headers["Reply-To"] = wire_address(reply_to)
    return Mail(sender, to, headers)


def one_line(text: str) -> str:
    """The text as one line, without invisible characters and those that turn the direction of others."""
    shown = unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode()
    return " ".join(UNSEEN.sub(" ", shown).split())


def one_line_header(text: str, *, room: int) -> str:
    """The text as the value of a header such as Subject. room: characters that are left on its first line."""
    shown = one_line(text)
    if len(shown) <= room and PLAIN_LINE.fullmatch(shown) and "=?" not in shown:
        return shown
    return _encoded(shown, room)


def mailbox(name: str, address: str) -> str:
    """One mailbox for From, whatever the name is. address: as wire_address returns it."""
    shown = one_line(name)
    if not shown:
        return address
    if PLAIN.fullmatch(shown) and len(shown) + len(address) <= LONGEST_LINE:
        return f"{shown} <{address}>"
    return f"{_encoded(shown, LONGEST_LINE - len('From: '))}\r\n <{address}>"


def _encoded(text: str, room: int) -> str:
    """The text in encoded words of RFC 2047, which end at spaces where they can. room: as one_line_header."""
    words: list[str] = []
    piece = ""
    for part in re.findall(r"\S+ ?", text):
        for some in (part,) if len(_word(part)) <= room else part:
            if piece and len(_word(piece + some)) > (LONGEST_LINE if words else room):
                words.append(_word(piece))
                piece = ""
            piece += some
    return "\r\n ".join([*words, _word(piece)])


def _word(text: str) -> str:
    """One encoded word: as letters where most of it is ASCII, else in base64."""
    content = text.encode()
    if len(content) < 2 * len(text):
        return quoprimime.header_encode(content, "utf-8")
    return base64mime.header_encode(content, "utf-8")


def wire_address(address: str) -> str:
    """The address as the mail has it: its domain in ASCII, as in IDNA 2008. Raises NotSent when it is no address."""
    local, __, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not local or not domain or UNSEEN.search(address) or re.search(r"[\s<>@]", local + domain):
        raise NotSent(_("“%(address)s” is not an email address.", address=one_line(address)[:80]), Kind.NEVER)
    return f"{_local_part(local)}@{_domain(domain)}"


def _local_part(local: str) -> str:
    """In quotes where RFC 5321 wants them, such as for two dots in a row."""
    if ATOMS.fullmatch(local) or re.fullmatch(r'"[^"\\]*"', local):
        return local
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise NotSent(
            _("“%(domain)s” cannot be the name of a mail domain.", domain=one_line(domain)[:80]), Kind.NEVER
        ) from None
