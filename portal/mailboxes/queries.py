"""What pages show of mailboxes."""

from dataclasses import dataclass

from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors.base import Service
from portal.connectors.personal import PersonalMail
from portal.mailboxes import connecting
from portal.mailboxes.models import Allowance, Mailbox, MailboxState
from portal.mailboxes.problems import NoApplication, able
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.recruitment import sight


@dataclass(frozen=True)
class Offer:
    """What an organisation can do with mailboxes: at which application, and who allowed it, if anybody did."""

    connection: Connection
    service: Service
    mail: PersonalMail
    allowance: Allowance | None


def offer_of(organisation: Organisation) -> Offer | None:
    """None while no application is connected whose mailboxes the portal can use."""
    try:
        found = connecting.place_of(organisation)
    except NoApplication:
        return None
    return Offer(*found, connecting.allowance_of(found[0]))


@dataclass(frozen=True)
class OwnMailbox:
    """The card of “Your sign-in”. offer: None while nothing is connected that has mailboxes."""

    offer: Offer | None
    mailbox: Mailbox | None

    @property
    def able(self) -> str:
        return able()


def own(user: User) -> OwnMailbox | None:
    """None for users who have nothing to write to candidates, and no mailbox of theirs to disconnect."""
    mailbox = Mailbox.of(user)
    if mailbox is None and not (user.organisation.has(Feature.RECRUITMENT) and sight.takes_part(user)):
        return None
    return OwnMailbox(offer_of(user.organisation), mailbox)


def waiting(user: User) -> Mailbox | None:
    """The user's mailbox, if it must be connected again."""
    return Mailbox.get_or_none(Mailbox.user == user.id, Mailbox.state == MailboxState.RECONNECT)


def connected(organisation: Organisation) -> list[Mailbox]:
    """Who has connected a mailbox, those that wait for their owner first."""
    mine = (Mailbox.organisation == organisation) & (Mailbox.state != MailboxState.OFF)
    return list(Mailbox.select(Mailbox, User).join(User).where(mine).order_by(Mailbox.state.desc(), Mailbox.address))
