"""Why the mail server did not confirm a mail, in words for people, and what is known of the mail then."""

import smtplib
import socket
import ssl
from enum import StrEnum

from portal.languages import N_, joined
from portal.languages import gettext as _

LONGEST_QUOTE = 200
# Said at whichever command; it has nothing to do with the address. https://www.rfc-editor.org/rfc/rfc4954#section-6
AUTHENTICATION_REQUIRED = 530


class Kind(StrEnum):
    """What is known of a mail that the server did not confirm, and whether it may be sent again.

    LATER: certainly not sent, and may work another time. NEVER: certainly not sent, and refused for good.
    OURS: the server refuses the portal itself, for any recipient. UNKNOWN: it may have been sent.
    """

    LATER = "later"
    NEVER = "never"
    OURS = "ours"
    UNKNOWN = "unknown"


class NotSent(Exception):
    """The mail server did not confirm the mail. The message is a sentence for people; kind says what is known."""

    def __init__(self, message: str, kind: Kind = Kind.LATER):
        super().__init__(str(message))
        self.message, self.kind = message, kind

    @property
    def may_be_sent_again(self) -> bool:
        """Whether the mail was certainly not sent, and may be another time."""
        return self.kind in (Kind.LATER, Kind.OURS)


def explained(error: BaseException, stage: str, *, given: bool) -> NotSent | None:
    """The error in words for people, and what is known of the mail; None for what is a mistake of the portal's own."""
    # What the library makes up itself, such as "Line too long", is text; what the server said is bytes.
    said = error.smtp_error if isinstance(error, smtplib.SMTPResponseException) else None
    if (
        isinstance(error, smtplib.SMTPResponseException)
        and isinstance(said, bytes)
        and error.smtp_code // 100 in (4, 5)
    ):
        return _refused(error.smtp_code, said, stage)
    if not isinstance(error, OSError | smtplib.SMTPException | UnicodeError | ValueError):
        return None
    if given:
        return NotSent(_("The mail server had the whole email and did not confirm it."), Kind.UNKNOWN)
    late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    if late:
        return NotSent(_("The mail server did not answer in time."))
    for kinds, words, kind in EXPLAINED:
        if isinstance(error, kinds):
            quoted = _quoted(getattr(error, "smtp_error", error))
            return NotSent(joined(words, f"({quoted})" if quoted else ""), kind)
    return None


# The first that matches counts. Answers of the server with 4xx and 5xx are not here: see _refused.
EXPLAINED: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, Kind], ...] = (
    (ssl.SSLCertVerificationError, _("The mail server’s certificate is not trusted."), Kind.OURS),
    (ssl.SSLError, _("The mail server and the portal could not agree on encryption."), Kind.OURS),
    (socket.gaierror, _("The mail server’s name cannot be found."), Kind.LATER),
    (ConnectionRefusedError, _("The mail server accepts no connections."), Kind.LATER),
    (smtplib.SMTPResponseException, _("The mail server gave an answer that makes no sense."), Kind.LATER),
    (smtplib.SMTPServerDisconnected, _("The mail server broke off the connection."), Kind.LATER),
    (smtplib.SMTPException, _("The mail server offers no sign-in that the portal knows."), Kind.OURS),
    (OSError, _("The mail server cannot be reached."), Kind.LATER),
    (ValueError, _("An address or a password has characters that cannot be sent to the mail server."), Kind.OURS),
)

# By the stage at which the server refused: the sentence for now, the sentence for good, and what is known then.
_NO_EMAIL = N_("The mail server accepts no email at the moment: %(answer)s")
_NO_TALK = N_("The mail server does not talk to the portal: %(answer)s")
REFUSED: dict[str, tuple[str, str, Kind]] = {
    "greeting": (_NO_EMAIL, _NO_TALK, Kind.OURS),
    "ehlo": (_NO_EMAIL, _NO_TALK, Kind.OURS),
    "helo": (_NO_EMAIL, _NO_TALK, Kind.OURS),
    "starttls": (
        N_("The mail server could not encrypt the connection: %(answer)s"),
        N_("The mail server refused to encrypt the connection: %(answer)s"),
        Kind.OURS,
    ),
    "auth": (
        N_("The mail server could not check the portal’s sign-in: %(answer)s"),
        N_("The mail server does not accept the portal’s sign-in: %(answer)s"),
        Kind.OURS,
    ),
    "mail": (
        N_("The mail server did not accept the portal’s address as the sender: %(answer)s"),
        N_("The mail server refused the portal as the sender: %(answer)s"),
        Kind.OURS,
    ),
    "rcpt": (
        N_("The mail server did not accept the address: %(answer)s"),
        N_("The mail server refused the address: %(answer)s"),
        Kind.NEVER,
    ),
    "data": (
        N_("The mail server did not accept the email: %(answer)s"),
        N_("The mail server refused the email: %(answer)s"),
        Kind.NEVER,
    ),
}


def _refused(code: int, said: bytes, stage: str) -> NotSent:
    for_now, for_good, kind = REFUSED[stage]
    if code == AUTHENTICATION_REQUIRED:
        kind = Kind.OURS
    words, permanent = _quoted(said), code >= 500
    answer = f"{code} {words}".rstrip()
    said_so = _(for_good if permanent else for_now, answer=answer if answer.endswith((".", "!")) else f"{answer}.")
    return NotSent(said_so, kind if permanent else Kind.LATER)


def _quoted(said: object) -> str:
    """What the server said, on one line and not longer than a page has room for."""
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}…"
