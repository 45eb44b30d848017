"""Brings digests and urgent emails to the Admins, and digests to channels."""

import functools

from portal import mail
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.database import now, transaction
from portal.languages import current, in_language, read, speaking, spoken_by
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import lane
from portal.notifications import digest, stopping, urgent
from portal.notifications.digest import Section
from portal.notifications.models import AGAIN, TRIED_FOR, MailChoice, Rhythm, UrgentMail
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.webhooks.kinds import DAILY, WEEKLY
from portal.webhooks.telling import said
from portal.worker import for_each

AT_ONCE = 100
OF_CHANNELS = {Rhythm.DAILY: DAILY, Rhythm.WEEKLY: WEEKLY}


def send_digests() -> None:
    """Send those that are due: each once a day, and none where there is nothing to say."""
    for_each(Organisation.select(), _send)


def _send(organisation: Organisation) -> None:
    rhythms = [each for each in OF_CHANNELS if digest.is_due(organisation, each, now())]
    if not rhythms or not organisation.has(Feature.ACCOUNT_PROVISIONING):
        return
    chosen = MailChoice.select(MailChoice, User).join(User).where(
        User.organisation == organisation, User.enabled, User.access_level == AccessLevel.ADMIN,
        MailChoice.digest.in_(rhythms),
    )  # fmt: skip
    users = [choice.user for choice in chosen if digest.take(organisation, f"user {choice.user_id}")]
    channels = [rhythm for rhythm in rhythms if digest.take(organisation, f"channels {rhythm}")]
    if not users and not channels:
        return
    found = digest.sections(organisation)
    if not found:
        return
    for user in users:
        if lane.OTHER.start(functools.partial(_mail, user, organisation, found), patience=30) is None:
            digest.give_back(organisation, f"user {user.id}")
    with transaction():
        for rhythm in channels:
            urgent.to_channels(organisation, digest.note_of(organisation, found), OF_CHANNELS[rhythm])


def _mail(user: User, organisation: Organisation, found: list[Section]) -> None:
    try:
        with speaking(spoken_by(user)):
            mail.send(mail.digest(
                recipient=user.email, name=user.display_name, sections=[section.said() for section in found],
                title=in_language(digest.title_of(organisation), current()),
                link=f"{settings().public_url}/home", stop=stopping.link_for(user, stopping.DIGEST),
            ))  # fmt: skip
    except mail.NotSent as problem:
        log.warning("digest not sent", user=user.id, reason=str(problem))
        if problem.may_be_sent_again:
            digest.give_back(organisation, f"user {user.id}")


def send_urgent() -> None:
    """Send the urgent emails that are due, each once: one that may have arrived is not sent again."""
    for row in list(UrgentMail.select().where(UrgentMail.not_before <= now()).order_by(UrgentMail.id).limit(AT_ONCE)):
        mine = UrgentMail.update(not_before=None, tries=UrgentMail.tries + 1)
        if mine.where(UrgentMail.id == row.id, UrgentMail.not_before.is_null(False)).execute():
            _send_urgent(row)


def _send_urgent(row: UrgentMail) -> None:
    user = row.user
    if not (user.enabled and user.access_level == AccessLevel.ADMIN and MailChoice.of(user).urgent):
        row.delete_instance()
        return
    words = {
        "title": row.title, "lines": [read(line) for line in row.lines], "label": _("See it in the portal"),
    }  # fmt: skip
    try:
        with speaking(spoken_by(user)):
            mail.send(mail.to_admins(
                recipient=user.email, name=user.display_name, link=f"{settings().public_url}{row.page}",
                stop=stopping.link_for(user, stopping.URGENT), **said(words),
            ))  # fmt: skip
    except mail.NotSent as problem:
        log.warning("urgent email not sent", user=user.id, reason=str(problem))
        if problem.may_be_sent_again and row.made_at > now() - TRIED_FOR:
            UrgentMail.update(not_before=now() + AGAIN).where(UrgentMail.id == row.id).execute()
            return
    # It may name a person, and is of no more use.
    row.delete_instance()
