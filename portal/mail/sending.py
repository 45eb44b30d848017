"""One conversation with the mail server: bounded as a whole, and truthful about what came of it.

Each wait is as long as RFC 5321, 4.5.3.2 asks for, and all of them together end at one moment: a server that sends a
byte now and then gains nothing. After the last dot the server has the mail or has it not; without an answer the portal
does not know, and says so.
"""

import functools
import io
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from portal.config import settings
from portal.languages import gettext as _
from portal.mail.building import Mail, wire_address
from portal.mail.problems import REFUSED, Kind, NotSent, explained

# Seconds, https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2. GREETING is also for commands that it does not name.
GREETING, MAIL_AND_RCPT, DATA, BLOCK, LAST_DOT = 300.0, 300.0, 120.0, 180.0, 600.0
WAITS = {"mail": MAIL_AND_RCPT, "rcpt": MAIL_AND_RCPT, "data": DATA, "quit": 2.0}
# Of the time for the whole conversation, this share is for the answer to the last dot.
SHARE_OF_LAST_DOT = 2 / 3
# No server needs to say more than this.
MOST_BYTES = 100_000


class Stopped(Exception):
    """The mail was taken back in the moment before its last dot: it was not sent."""


def send(mail: Mail, *, before_last_dot: Callable[[], bool] = lambda: True) -> None:
    """Hand the mail to the server of PORTAL_MAIL_URL.

    before_last_dot: called when everything but the last dot has been sent, to write down that the server may have the
    mail from now on; when it returns False the mail is not sent. Raises NotSent, or Stopped.
    """
    with _Talk() as talk:
        talk.introduce()
        if mail.international and not talk.has_extn("smtputf8"):
            raise NotSent(
                "The address has letters before the @ that the mail server cannot take: it does not support SMTPUTF8. "
                "Use an address in plain letters.",
                Kind.NEVER,
            )
        talk.address(mail)
        talk.give(mail.as_bytes(), before_last_dot)


def probe(*, within: float | None = None) -> str:
    """Do all that a mail needs short of a recipient; returns the server's name. within: seconds. Raises NotSent."""
    with _Talk(within) as talk:
        talk.introduce()
        talk.begin_as_sender(wire_address(parseaddr(settings().mail_from)[1]))
        return talk.name


def longest() -> float:
    """Seconds that a conversation takes at most."""
    return settings().mail_deadline


def longest_before_last_dot() -> float:
    return longest() * (1 - SHARE_OF_LAST_DOT)


class _Reader(io.RawIOBase):
    """Reads what the server says, each time for no longer than is left of the wait."""

    def __init__(self, talk: "_Talk", sock: socket.socket):
        self._talk, self._sock = talk, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._talk.left())
        count = self._sock.recv_into(buffer)
        self._talk.received += count
        if self._talk.received > MOST_BYTES:
            raise OSError("it sent more than a mail server has to say")
        return count


class _Talk(smtplib.SMTP):
    """The conversation. stage: the command that is under way. given: the last dot may have been sent."""

    def __init__(self, within: float | None = None) -> None:
        super().__init__(local_hostname=_own_name())
        self.stage, self.given, self.received = "greeting", False, 0
        self._whole = time.monotonic() + (within or longest_before_last_dot())
        self._until = self._whole

    def left(self) -> float:
        """Seconds until the present wait is over. Raises TimeoutError when it is."""
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def allow(self, seconds: float) -> None:
        self._until = min(self._whole, time.monotonic() + seconds)

    def __enter__(self) -> "_Talk":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Leave, after any answer. What the library raises becomes a NotSent with words for people."""
        if self.sock is not None and (error is None or isinstance(error, smtplib.SMTPResponseException)):
            try:
                self._whole = time.monotonic() + WAITS["quit"]
                self.docmd("quit")
            except (OSError, smtplib.SMTPException):
                pass
        given, stage = self.given, self.stage
        self.close()
        if error is not None and not isinstance(error, NotSent | Stopped):
            problem = explained(error, stage, given=given)
            if problem is not None:
                raise problem from error

    # What smtplib does, within the time that is left.

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Reader(self, self.sock))
        return super().getreply()

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.left())
        super().send(s)

    def putcmd(self, cmd: str, args: str = "") -> None:
        name = cmd.lower()
        self.allow(WAITS.get(name, GREETING))
        # An answer to a question of AUTH is no command.
        self.stage = name if name in REFUSED else self.stage
        super().putcmd(cmd, args)

    def introduce(self) -> None:
        """Connect, encrypt, and sign in, as PORTAL_MAIL_URL says."""
        url = _url()
        self.name = self._host = url.hostname or ""
        self.allow(GREETING)
        self.sock = self._connected(url)
        code, words = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        self.ehlo_or_helo_if_needed()
        if _wants(url, "starttls"):
            if not self.has_extn("starttls"):
                raise NotSent(
                    _("The mail server does not offer encryption (STARTTLS), which the portal is told to use."),
                    Kind.OURS,
                )
            self.starttls(context=ssl.create_default_context())
            self.ehlo_or_helo_if_needed()
        if url.username:
            if not self.has_extn("auth"):
                raise NotSent(_("The mail server offers no sign-in, and the portal is told to sign in."), Kind.OURS)
            self.stage = "auth"
            self.login(unquote(url.username), unquote(url.password or ""))

    def _connected(self, url: SplitResult) -> socket.socket:
        port = url.port or (465 if url.scheme == "smtps" else 25)
        problem: OSError = OSError("it has no address")
        for *__, (host, *_rest) in socket.getaddrinfo(url.hostname, port, type=socket.SOCK_STREAM):
            try:
                sock = socket.create_connection((str(host), port), self.left())
            except OSError as error:
                problem = error
                continue
            if url.scheme != "smtps":
                return sock
            sock.settimeout(self.left())
            return ssl.create_default_context().wrap_socket(sock, server_hostname=url.hostname)
        raise problem

    def begin_as_sender(self, sender: str, *options: str) -> None:
        self._must("mail", f"FROM:<{sender}>{''.join(options)}")

    def address(self, mail: Mail) -> None:
        """Say who it is from and who it is for."""
        options = [" SMTPUTF8", " BODY=8BITMIME"] if mail.international else []
        self.command_encoding = "utf-8" if mail.international else "ascii"
        self.begin_as_sender(mail.sender, *options)
        self._must("rcpt", f"TO:<{mail.recipient}>")

    def _must(self, command: str, arguments: str) -> None:
        code, words = self.docmd(command, arguments)
        if code // 100 != 2:
            raise smtplib.SMTPResponseException(code, words)

    def give(self, content: bytes, before_last_dot: Callable[[], bool]) -> None:
        """Send the mail itself. Up to the last dot the server does not have it, and from then on perhaps."""
        code, words = self.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, words)
        self.allow(BLOCK)
        self.send(re.sub(rb"(?m)^\.", b"..", content))
        if not before_last_dot():
            raise Stopped()
        self._whole = time.monotonic() + longest() * SHARE_OF_LAST_DOT
        self.allow(LAST_DOT)
        self.given = True
        self.send(b".\r\n")
        code, words = self.getreply()
        if code // 100 != 2:
            raise smtplib.SMTPDataError(code, words)


@functools.lru_cache(maxsize=1)
def _own_name() -> str:
    return socket.getfqdn() if "." in socket.getfqdn() else "[127.0.0.1]"


def _url() -> SplitResult:
    url = urlsplit(settings().mail_url.get_secret_value())
    if not url.hostname:
        raise NotSent(_("No mail server is set up (PORTAL_MAIL_URL)."), Kind.OURS)
    return url


def _wants(url: SplitResult, name: str) -> bool:
    return parse_qs(url.query).get(name, ["0"])[0].casefold() in ("1", "true", "yes")
