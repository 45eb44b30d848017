"""The emails of the portal: their texts, and the conversation with the mail server."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from flask import render_template

from portal.languages import current, in_language, long_day
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import building, sending, texts, trouble
from portal.mail.building import Mail
from portal.mail.problems import Kind, NotSent
from portal.mail.sending import Stopped
from portal.mail.texts import Text

if TYPE_CHECKING:
    from portal.mail.choices import MailSettings

__all__ = [
    "Kind",
    "Mail",
    "NotSent",
    "Stopped",
    "address_replaced",
    "change_waits",
    "digest",
    "invitation",
    "login_information",
    "mailbox_waits",
    "notice",
    "password_reset",
    "send",
    "send_each",
    "to_admins",
    "token_ends",
]
# A user of the portal.
Person = TypeVar("Person", bound=Any)


def login_information(
    *, recipient: str, text: Text, values: Mapping[str, str], settings: "MailSettings", language: str = "en"
) -> Mail:
    """The mail with which an employee signs in for the first time. values: see texts.PLACEHOLDERS."""
    subject = texts.filled(text.subject, values)
    mail = building.begin(recipient, subject, sender_name=settings.shown_name, reply_to=settings.reply_to)
    body = texts.as_html(text.body, values)
    page = render_template("mail/login_information.html", subject=subject, language=language, body=body)
    mail.write(texts.filled(text.body, values), page)
    return mail


def notice(
    *, recipient: str, text: Text, values: Mapping[str, str], settings: "MailSettings", language: str = "en"
) -> Mail:
    """An email without a secret. values: what is filled into the text."""
    return login_information(recipient=recipient, text=text, values=values, settings=settings, language=language)


def invitation(*, recipient: str, name: str, organisation: str, inviter: str, link: str) -> Mail:
    """The mail with which a person becomes a user of the portal."""
    values = {"name": name or recipient, "organisation": organisation, "inviter": inviter, "link": link}
    return _message(
        "invitation",
        recipient,
        _("Your invitation to the portal of %(organisation)s", organisation=organisation),
        values,
    )


def password_reset(*, recipient: str, name: str, link: str) -> Mail:
    """The mail with which a user chooses a new password."""
    return _message(
        "password_reset", recipient, _("Choose a new password for the portal"), {"name": name, "link": link}
    )


def change_waits(*, recipient: str, organisation: str, **values: Any) -> Mail:
    """The mail about a setting that an Admin wants weaker. values: see the template."""
    subject = _("A setting of %(organisation)s is about to change", organisation=organisation)
    return _message("change_waits", recipient, subject, {"organisation": organisation, **values})


def token_ends(*, recipient: str, organisation: str, **values: Any) -> Mail:
    """The mail about a token of the API that ends soon. values: see the template."""
    subject = _("A token of %(organisation)s ends on %(day)s", organisation=organisation, day=values["day"])
    return _message("token_ends", recipient, subject, {"organisation": organisation, **values})


def to_admins(*, recipient: str, name: str, title: str, stop: str = "", **values: Any) -> Mail:
    """The mail to an Admin about one thing. title: its subject. stop: where these mails are stopped, if they can be.

    values: see the template.
    """
    return _message("to_admins", recipient, title, {"name": name, "title": title, "stop": stop, **values})


def digest(*, recipient: str, title: str, **values: Any) -> Mail:
    """The mail of the morning. title: its subject. values: see the template."""
    return _message("digest", recipient, title, {"title": title, **values})


def address_replaced(*, recipient: str, organisation: str, day: date) -> Mail:
    """The mail to a private address that a user replaced. It names no person: the address may have been wrong."""
    values = {"organisation": organisation, "day": long_day(day)}
    return _message(
        "address_replaced",
        recipient,
        _("%(organisation)s replaced your email address", organisation=organisation),
        values,
    )


def mailbox_waits(*, recipient: str, **values: Any) -> Mail:
    """The mail about a mailbox that only its owner can connect again. values: see the template."""
    return _message("mailbox_waits", recipient, _("Outlook must be connected again"), values)


def _message(template: str, recipient: str, subject: str, values: dict[str, Any]) -> Mail:
    """In the language that is spoken now: who writes says so of the reader."""
    language = current()
    mail = building.begin(recipient, in_language(subject, language))
    values = {name: in_language(value, language) if isinstance(value, str) else value for name, value in values.items()}
    mail.write(render_template(f"mail/{template}.txt", **values), render_template(f"mail/{template}.html", **values))
    return mail


def send(mail: Mail, *, before_last_dot: Callable[[], bool] = lambda: True) -> None:
    """As sending.send, for one of the threads for mails. What it shows of the mail server is noted."""
    try:
        sending.send(mail, before_last_dot=before_last_dot)
    except NotSent as problem:
        trouble.observe(problem)
        raise
    trouble.observe(None)


def send_each(people: Iterable[Person], write: Callable[[Person], Mail]) -> list[Person]:
    """Send each of these users a mail; returns those whose the server does not take yet, to be tried another time."""
    later = []
    for person in people:
        try:
            send(write(person))
        except NotSent as problem:
            log.warning("email to a user not sent", user=person.id, reason=str(problem))
            if problem.may_be_sent_again:
                later.append(person)
    return later
