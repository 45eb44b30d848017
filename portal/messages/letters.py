"""What a message says when it goes out, word for word."""

from collections.abc import Callable

from portal.connectors.personal import Letter
from portal.languages import current, in_language
from portal.languages import gettext as _
from portal.mail.texts import filled
from portal.messages.models import Message
from portal.plain_text import printable
from portal.recruitment.models import Candidate

# Placeholders that are filled in only when the message goes out: what makes what they stand for, each time.
SECRETS: dict[str, Callable[[Candidate], str]] = {}
# What the hiring team reads in their place.
HIDDEN = {"own_page": _("(the link to their own page)")}


def subject_of(text: str) -> str:
    """A subject as one line, without what no header takes."""
    return " ".join(printable(text.replace("\n", " ").replace("\r", " ").replace("\t", " ")).split())


def text_for(message: Message) -> str:
    """The text for the candidate. What it holds is a secret: it is not kept, logged or shown."""
    wanted = {name: make for name, make in SECRETS.items() if f"{{{name}}}" in message.text}
    return filled(message.text, {name: make(message.candidate) for name, make in wanted.items()})


def shown(text: str) -> str:
    """The text as the hiring team reads it."""
    return filled(text, {name: in_language(words, current()) for name, words in HIDDEN.items()})


def letter_of(message: Message, marker: str) -> Letter:
    return Letter(to=message.recipients[0], subject=message.subject, text=text_for(message), marker=marker)
