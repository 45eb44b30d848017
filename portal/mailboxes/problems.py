"""Why a mailbox is not connected, each reason with its own sentence and next step."""

from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.languages import listed
from portal.problems import Problem


def able() -> str:
    """The applications whose mailboxes the portal can use, by name."""
    return listed((one.name for one in SERVICES.values() if one.personal_mail is not None), "or")


class NotConnectable(Problem):
    """You cannot connect a mailbox."""

    title = _("Outlook was not connected")


class NoApplication(NotConnectable):
    """Your organisation is not connected to an application whose mailboxes the portal can use."""

    def __init__(self) -> None:
        super().__init__(
            "", _("Ask an Admin to connect %(able)s under Settings > General Settings > Add-ons.", able=able())
        )


class NotAllowedYet(NotConnectable):
    message = _("Your organisation does not let the portal into mailboxes yet.")
    next_step = _(
        "Ask an Admin to open Settings > General Settings > Add-ons > Outlook for recruitment, and to press Allow for "
        "the organisation."
    )


class NoPart(NotConnectable):
    message = _(
        "Only Admins and Managers who work on a vacancy write to candidates, so nobody else connects a mailbox."
    )
    status = 403


class AnothersMailbox(NotConnectable):
    message = _("Another user of this portal has connected that mailbox.")
    next_step = _("Sign in with your own work account.")


class AnotherOfYours(NotConnectable):
    """You have connected another mailbox."""

    next_step = _("Disconnect it first, then connect this one.")
