"""A person's own mailbox at a connected application, used in that person's name and only with their agreement.

Nothing here knows which application it is. Reading verbs are safe to repeat. Each writing verb says what to look for
before it is repeated.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from portal.connectors.calendars import PersonalCalendar
from portal.connectors.values import Administrator, Call, Permission


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose mailbox it is. address: what mail goes out from. addresses: all of theirs, that one too."""

    person_id: str
    name: str
    address: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who signed in and agreed. cache: what the portal acts in their name with; a secret. scopes: what they allowed."""

    person: Administrator
    scopes: frozenset[str]
    cache: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be sent. marker: a random word of ours, by which it is found again; no reader sees it."""

    to: str
    subject: str
    text: str
    marker: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail in the mailbox that has not been sent. id: of the mailbox. message_id: the same everywhere, for ever.

    web_link: to look at it.
    """

    id: str
    message_id: str
    thread: str
    web_link: str = ""


@dataclass(frozen=True, slots=True)
class Found(Draft):
    """A mail of ours as it is in the mailbox now. sent: whether it is no longer a draft."""

    sent: bool = False
    at: datetime | None = None


class Kind(StrEnum):
    """What a mail is: written by a person, sent on its own, told by a mail server, or the answer to an invitation."""

    PLAIN = "plain"
    AUTOMATIC = "automatic reply"
    BOUNCE = "bounce"
    ACCEPTED = "accepted"
    TENTATIVE = "tentatively accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Header:
    """What says whose a mail is, and nothing of what it says. name: the sender's. recipients: those in copy too.

    answers: the message ids that it answers, the nearest first. marker: ours, of a mail that the portal made.
    kind: as far as this shows it.
    """

    id: str
    message_id: str
    thread: str
    sender: str
    recipients: tuple[str, ...]
    at: datetime
    answers: tuple[str, ...] = ()
    marker: str = ""
    kind: Kind = Kind.PLAIN
    name: str = ""
    web_link: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says, as text. text: without the mails quoted below, where the application can tell."""

    subject: str
    text: str
    kind: Kind = Kind.PLAIN
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail, as its sender described it. size: in bytes, about. link: a place elsewhere, never fetched."""

    id: str
    name: str
    content_type: str
    size: int
    link: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """Why a mail did not arrive. message_id: of that mail. for_good: whether there is no use in trying again."""

    message_id: str
    recipient: str
    status: str
    for_good: bool


class PersonalMailbox(PersonalCalendar, Protocol):
    """One person's mailbox and calendar.

    Every method may raise ConnectorError; ReconnectNeeded when only the person can help.
    """

    @property
    def calls(self) -> Sequence[Call]: ...

    def whoami(self) -> Owner:
        """Whose mailbox it is, once it is certain that there is one. Raises NoMailbox."""

    def find(self, marker: str, message_id: str = "") -> Found | None:
        """The mail with this marker, else the one with this message id; the sent one before a draft."""

    def draft(self, letter: Letter, *, in_reply_to: str = "") -> Draft:
        """A new draft. in_reply_to: the message id of the mail that it answers. Look by the marker before repeating."""

    def rewrite(self, draft_id: str, letter: Letter) -> Draft:
        """The draft with this recipient, subject and text, whatever it had. Safe to repeat."""

    def attach(self, draft_id: str, name: str, content_type: str, content: bytes) -> None:
        """Add a file to a draft. Look at `attached` before repeating."""

    def attached(self, draft_id: str) -> list[str]:
        """The names of the files on a draft, each as often as it is there."""

    def send(self, draft_id: str) -> None:
        """Have the draft sent: it is accepted, not delivered. Never repeat it before the marker was looked for."""

    def trash(self, draft_id: str) -> None:
        """Delete a draft; nothing when it is gone."""

    def since(self, moment: datetime) -> Iterator[Header]:
        """What came or went since then, in whatever folder it is, the oldest first; no drafts."""

    def read(self, mail_id: str) -> Mail:
        """Raises NotFound."""

    def formatted(self, mail_id: str) -> str:
        """The mail as HTML, as its sender made it: hostile. Raises NotFound."""

    def files(self, mail_id: str) -> list[Attached]:
        """What is attached, without what is in it. Raises NotFound."""

    def file(self, mail_id: str, file_id: str) -> bytes:
        """Raises NotFound, Refused for one that is too large."""

    def bounce(self, mail_id: str) -> Bounce | None:
        """What a mail server reported; None when it is no report, or does not say of which mail."""


class PersonalMail(Protocol):
    """What an application needs so that the portal may work in people's own mailboxes.

    name: what people call it, "Outlook". permissions: all that is asked for, each with what it is for. left_behind:
    what stays there when a person disconnects, as sentences.
    """

    name: str
    left_behind: str
    permissions: tuple[Permission, ...]

    def allow_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str:
        """The page on which an administrator allows it for everybody in the tenant."""

    def check_allowed(self, tenant_id: str, answer: Mapping[str, str]) -> None:
        """What came back from that page. Raises Declined, SignInFailed and others."""

    def begin(self, tenant_id: str, *, redirect_uri: str, hint: str) -> tuple[str, dict[str, Any]]:
        """Where a person signs in, and the flow to keep until they are back; it has a "state".

        hint: an address that may be theirs. Raises ConnectorError.
        """

    def finish(self, tenant_id: str, flow: dict[str, Any], answer: Mapping[str, str]) -> Admitted:
        """Who signed in, once it is certain that they belong to the tenant and allowed everything.

        Raises Declined, NotPermitted, SignInFailed, ReconnectNeeded, TryLater.
        """

    def mailbox(
        self, tenant_id: str, person_id: str, cache: str, *, keep: Callable[[str], None], patience: float | None = None
    ) -> PersonalMailbox:
        """The person's mailbox. keep: is given the cache whenever it changed. patience: see Service."""
