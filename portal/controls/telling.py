"""Mails about a change that waits: to every Admin, and to who was one until some days ago."""

import functools

from portal import mail
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.controls import second_admin
from portal.controls.models import ChangeState, PendingChange
from portal.controls.table import CONTROLS
from portal.database import now
from portal.languages import speaking, spoken_by
from portal.mail import lane

PAGE = "/settings/approvals"


def tell_all() -> None:
    """Have the mails sent that are still to be sent, once for each change, in a thread for mails."""
    untold = PendingChange.select().where(PendingChange.state == ChangeState.WAITING, PendingChange.told_at.is_null())
    for asked in list(untold):
        mine = PendingChange.update(told_at=now()).where(PendingChange.id == asked.id, PendingChange.told_at.is_null())
        if mine.execute() and lane.OTHER.start(functools.partial(_tell, asked)) is None:
            # No thread is free: the next minute has another one.
            PendingChange.update(told_at=None).where(PendingChange.id == asked.id).execute()


def recipients(asked: PendingChange) -> list[User]:
    """Also who asked: a stolen sign-in would otherwise go unnoticed where there is one Admin only."""
    organisation = asked.organisation
    admins = User.select().where(
        User.organisation == organisation, User.access_level == AccessLevel.ADMIN, User.enabled
    )
    found = {user.id: user for user in [*admins, *second_admin.removed_lately(organisation)]}
    return list(found.values())


def _tell(asked: PendingChange) -> None:
    """Whom the mail server does not take yet, the next minute tries again."""
    waiting = [user for user in recipients(asked) if str(user.id) not in str(asked.told).split()]
    later = mail.send_each(waiting, lambda user: _message(asked, user))
    if later:
        told = " ".join([str(asked.told), *(str(user.id) for user in waiting if user not in later)]).strip()
        PendingChange.update(told_at=None, told=told).where(PendingChange.id == asked.id).execute()


def _message(asked: PendingChange, user: User) -> mail.Mail:
    control = CONTROLS[asked.control]
    with speaking(spoken_by(user)):
        return mail.change_waits(
            recipient=user.email, name=user.display_name, organisation=asked.organisation.name, by=asked.by_name,
            setting=control.label, before=control.words(asked.before), after=control.words(asked.after),
            alone=asked.takes_effect_at is not None, link=f"{settings().public_url.rstrip('/')}{PAGE}",
        )  # fmt: skip
