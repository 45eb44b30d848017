"""Emails to the Admins about a receiver that the portal had to pause."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from portal import mail
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.database import database, now
from portal.languages import current, in_language, joined, speaking, spoken_by
from portal.languages import gettext as _
from portal.mail import lane
from portal.organisations.models import Organisation
from portal.webhooks.models import Receiver

PAGE = "/settings/integrations"
TRIED_FOR = timedelta(days=2)


def tell_paused(receiver: Receiver) -> None:
    """Email the Admins that it is paused."""
    words = {
        "title": _("%(receiver)s is paused", receiver=receiver.name),
        "lines": [
            joined(
                _("The portal no longer sends to %(name)s (%(host)s).", name=receiver.name, host=receiver.host),
                receiver.paused_why,
            ),
            _("What happens meanwhile is kept for 30 days. Press Resume once the other system works again."),
        ],
        "link": address(f"/receivers/{receiver.id}"),
        "label": _("See it under Settings > Integrations"),
    }
    send_once(receiver, words)


def address(path: str) -> str:
    """The whole address of a page of Settings > Integrations."""
    return f"{settings().public_url}{PAGE}{path}"


def soon(model: Any, row_id: int, tell: Callable[[Any], None]) -> None:
    """Have it told once the transaction is over. model: with paused_at and told."""
    database.after_commit(lambda: lane.OTHER.start(lambda: tell(model.get_by_id(row_id)), patience=5))


def tell_those_left(model: Any, tell: Callable[[Any], None]) -> None:
    """Tell of those whose email the mail server did not take yet."""
    for row in list(model.select().where(~model.told, model.paused_at > now() - TRIED_FOR)):
        lane.OTHER.start(functools.partial(tell, row))


def send_once(row: Any, words: dict[str, Any]) -> None:
    """Email each Admin of the row's organisation. When the mail server takes none of them yet, it waits in `told`."""
    model = type(row)
    # Noted first: a process that dies in between leaves an email out rather than sending it twice.
    if not model.update(told=True).where(model.id == row.id, ~model.told).execute():
        return
    admins = admins_of(row.organisation)
    if admins and len(send_each(admins, words)) == len(admins):
        model.update(told=False).where(model.id == row.id, model.paused_at.is_null(False)).execute()


def send_each(users: list[User], words: dict[str, Any]) -> list[User]:
    """As mail.send_each, in the language of each. words: see templates/mail/to_admins.txt."""

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
