"""Emails to the Admins about a receiver that the portal had to pause."""

import functools
from typing import Any

from portal import mail
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.database import database
from portal.languages import current, in_language, joined, speaking, spoken_by
from portal.languages import gettext as _
from portal.mail import lane
from portal.organisations.models import Organisation
from portal.webhooks.models import Receiver

PAGE = "/settings/integrations"


def tell_paused(receiver: Receiver, why: str) -> None:
    """Have the emails sent once the transaction is over."""
    words = {
        "title": _("%(receiver)s is paused", receiver=receiver.name),
        "lines": [
            joined(
                _("The portal no longer sends to %(name)s (%(host)s).", name=receiver.name, host=receiver.host),
                why,
            ),
            _("What happens meanwhile is kept for 30 days. Press Resume once the other system works again."),
        ],
        "link": address(f"/receivers/{receiver.id}"),
        "label": _("See it under Settings > Integrations"),
    }
    tell_admins(receiver.organisation, words)


def address(path: str) -> str:
    """The whole address of a page of Settings > Integrations."""
    return f"{settings().public_url}{PAGE}{path}"


def tell_admins(organisation: Organisation, words: dict[str, Any]) -> None:
    """Have an email sent to each Admin once the transaction is over. words: see templates/mail/to_admins.txt."""
    database.after_commit(lambda: lane.OTHER.start(functools.partial(_tell, organisation, words), patience=5))


def _tell(organisation: Organisation, words: dict[str, Any]) -> None:
    send_each(admins_of(organisation), words)


def send_each(users: list[User], words: dict[str, Any]) -> list[User]:
    """As mail.send_each, in the language of each. words: as of tell_admins."""

    def write(user: User) -> mail.Mail:
        with speaking(spoken_by(user)):
            return mail.to_admins(recipient=user.email, name=user.display_name, **said(words))

    return mail.send_each(users, write)


def said(words: dict[str, Any]) -> dict[str, Any]:
    """The words of an email in the language that is spoken now. words: texts, and lists of them."""
    language = current()
    return {
        name: [in_language(one, language) for one in value] if isinstance(value, list) else in_language(value, language)
        for name, value in words.items()
    }


def admins_of(organisation: Organisation) -> list[User]:
    """The Admins who can sign in."""
    mine = (User.organisation == organisation) & (User.access_level == AccessLevel.ADMIN) & User.enabled
    return list(User.select().where(mine).order_by(User.id))
