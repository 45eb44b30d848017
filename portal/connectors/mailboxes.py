"""The mailbox of an account, in the portal's words: its automatic reply, and the rules that send its mail on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from portal.connectors.errors import NOT_OFFERED, NotOffered


class Purpose(StrEnum):
    """Whose mailbox it is. OTHER: a kind that the application has and the portal does nothing with."""

    PERSON = "person"
    SHARED = "shared"
    ROOM = "room"
    EQUIPMENT = "equipment"
    OTHER = "other"


class ReplyStatus(StrEnum):
    OFF = "off"
    ON = "on"
    # From `begins` to `ends` of the Reply.
    SCHEDULED = "scheduled"


class Audience(StrEnum):
    """Who outside the company is answered."""

    NOBODY = "nobody"
    CONTACTS = "contacts"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Reply:
    """An automatic reply.

    inside, outside: the text for colleagues and for everybody else, in HTML as the application keeps it.
    begins, ends: moments with a zone, both given when it is SCHEDULED; None otherwise where the application has none.
    """

    status: ReplyStatus
    audience: Audience = Audience.NOBODY
    inside: str = ""
    outside: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """A rule that sends all mail, or some of it, on to an address.

    ours: the portal made it. works: the application carries it out; False for one that is switched off or broken.
    """

    id: str
    to: str
    ours: bool = False
    works: bool = True


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox as the application shows it. Where there is none, `exists` is False and nothing else says anything.

    forwards: those that can be seen. An administrator can send mail on in ways that no application shows the portal,
    so that none here does not prove that none is sent on.
    """

    exists: bool
    purpose: Purpose = Purpose.PERSON
    reply: Reply | None = None
    forwards: tuple[Forward, ...] = ()


NO_MAILBOX = Mailbox(exists=False)


class Mailboxes(Protocol):
    """What can be done with mailboxes. Every method may raise a ConnectorError.

    Those that change something raise NoMailbox where there is none: before a licence has brought one, and after it
    took one away. Each may be repeated: what is so already is done.
    """

    def mailbox(self, account_id: str) -> Mailbox: ...

    def set_reply(self, account_id: str, reply: Reply) -> None:
        """Make the automatic reply exactly this, texts included; nothing of the reply before it is left."""

    def set_forward(self, account_id: str, address: str) -> str:
        """Send every mail on to a colleague, and return the id of our rule.

        Raises Refused, with target "forward_to", for an address that is not of an account of the same tenant.
        """

    def clear_forward(self, account_id: str, rule_id: str) -> None:
        """Delete the one rule with this id; no mailbox and no such rule are done as well."""


class WithoutMailboxes:
    """The Mailboxes of an application that shows the portal none; its capabilities say so, and nobody asks it."""

    def mailbox(self, account_id: str) -> Mailbox:
        raise NotOffered(NOT_OFFERED)

    def set_reply(self, account_id: str, reply: Reply) -> None:
        raise NotOffered(NOT_OFFERED)

    def set_forward(self, account_id: str, address: str) -> str:
        raise NotOffered(NOT_OFFERED)

    def clear_forward(self, account_id: str, rule_id: str) -> None:
        raise NotOffered(NOT_OFFERED)
