"""Mails about a change that waits: to every Admin, and to who was one until some days ago."""

from portal import mail
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.controls import second_admin
from portal.controls.models import ChangeState, PendingChange
from portal.controls.table import CONTROLS
from portal.database import now
from portal.logs import log

PAGE = "/settings/approvals"


def tell_all() -> None:
    """Send the mails that are still to be sent, once for each change."""
    untold = PendingChange.select().where(PendingChange.state == ChangeState.WAITING, PendingChange.told_at.is_null())
    for asked in list(untold):
        mine = PendingChange.update(told_at=now()).where(PendingChange.id == asked.id, PendingChange.told_at.is_null())
        if mine.execute():
            _tell(asked)


def recipients(asked: PendingChange) -> list[User]:
    """Also who asked: a stolen sign-in would otherwise go unnoticed where there is one Admin only."""
    organisation = asked.organisation
    admins = User.select().where(
        User.organisation == organisation, User.access_level == AccessLevel.ADMIN, User.enabled
    )
    found = {user.id: user for user in [*admins, *second_admin.removed_lately(organisation)]}
    return list(found.values())


def _tell(asked: PendingChange) -> None:
    control = CONTROLS[asked.control]
    for user in recipients(asked):
        message = mail.change_waits(
            recipient=user.email, name=user.display_name, organisation=asked.organisation.name, by=asked.by_name,
            setting=control.label, before=control.words(asked.before), after=control.words(asked.after),
            alone=asked.takes_effect_at is not None, link=f"{settings().public_url.rstrip('/')}{PAGE}",
        )  # fmt: skip
        try:
            mail.send(message)
        except mail.NotSent as problem:
            log.warning("notice of a change not sent", change=asked.id, user=user.id, reason=str(problem))
