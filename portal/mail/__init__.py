"""Mails the portal sends: one function per message, and how any of them leaves the house."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from flask import render_template

from portal.config import settings
from portal.mail import texts
from portal.mail.texts import Text

if TYPE_CHECKING:
    from portal.mail.choices import MailSettings

TIMEOUT = 10


class NotSent(Exception):
    """The mail server did not take the mail. permanent: trying again will not help."""

    def __init__(self, message: str, *, permanent: bool = False):
        super().__init__(message)
        self.permanent = permanent


def login_information(
    *, recipient: str, text: Text, values: Mapping[str, str], settings: "MailSettings", language: str = "en"
) -> EmailMessage:
    """The mail with which an employee signs in for the first time. values: see texts.PLACEHOLDERS."""
    subject = texts.filled(text.subject, values)
    message = _empty(recipient, subject, sender=settings.sender)
    if settings.reply_to:
        message["Reply-To"] = settings.reply_to
    message.set_content(texts.filled(text.body, values))
    body = texts.as_html(text.body, values)
    page = render_template("mail/login_information.html", subject=subject, language=language, body=body)
    message.add_alternative(page, subtype="html")
    return message


def invitation(*, recipient: str, name: str, organisation: str, inviter: str, link: str) -> EmailMessage:
    """The mail with which somebody becomes a user of the portal."""
    values = {"name": name or recipient, "organisation": organisation, "inviter": inviter, "link": link}
    return _message("invitation", recipient, f"Your invitation to the portal of {organisation}", values)


def password_reset(*, recipient: str, name: str, link: str) -> EmailMessage:
    """The mail with which a user chooses a new password."""
    return _message("password_reset", recipient, "Choose a new password for the portal", {"name": name, "link": link})


def change_waits(*, recipient: str, organisation: str, **values: Any) -> EmailMessage:
    """The mail about a setting that somebody wants weaker. values: see the template."""
    subject = f"A setting of {organisation} is about to change"
    return _message("change_waits", recipient, subject, {"organisation": organisation, **values})


def _message(template: str, recipient: str, subject: str, values: dict[str, Any]) -> EmailMessage:
    message = _empty(recipient, subject)
    message.set_content(render_template(f"mail/{template}.txt", **values))
    message.add_alternative(render_template(f"mail/{template}.html", **values), subtype="html")
    return message


def _empty(recipient: str, subject: str, *, sender: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender or settings().mail_from
    message["To"] = recipient
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=settings().mail_from.rpartition("@")[2].rstrip(">") or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    return message


def send(message: EmailMessage) -> None:
    """Hand the mail to the server of PORTAL_MAIL_URL. Raises NotSent with a sentence that says why."""
    url = urlsplit(settings().mail_url.get_secret_value())
    if not url.hostname:
        raise NotSent("No mail server is set up (PORTAL_MAIL_URL).")
    try:
        with connect(url) as server:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise NotSent(f"The mail server refused the address: {_plain(words)}", permanent=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"The mail server refused the mail: {_plain(error.smtp_error)}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"The mail server cannot be reached: {error}") from error


def connect(url: SplitResult) -> smtplib.SMTP:
    """An open connection to the mail server of the URL."""
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(
            url.hostname or "", url.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(url.hostname or "", url.port or 25, timeout=TIMEOUT)
    if parse_qs(url.query).get("starttls", ["0"])[0] in ("1", "true", "yes"):
        server.starttls(context=ssl.create_default_context())
    return server


def _plain(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
