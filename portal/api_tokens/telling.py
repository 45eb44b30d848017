"""Emails to the Admins before a token ends: 30, 7 and 1 days ahead."""

import functools
from datetime import datetime, timedelta

from portal import mail
from portal.api_tokens.models import ApiToken
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.database import now
from portal.languages import current, in_language, long_day, speaking, spoken_by
from portal.logs import log
from portal.mail import lane

DAYS_BEFORE = (30, 7, 1)
PAGE = "/settings/integrations"


def tell_all() -> None:
    """Have the emails sent that are due, each once, in a thread for mails."""
    moment = now()
    soon = ApiToken.select().where(
        ApiToken.revoked_at.is_null(), ApiToken.expires_at > moment,
        ApiToken.expires_at <= moment + timedelta(days=max(DAYS_BEFORE)),
    )  # fmt: skip
    for token in list(soon):
        stage = _stage(token, moment)
        if token.warned is not None and token.warned <= stage:
            continue
        same = ApiToken.warned.is_null() if token.warned is None else ApiToken.warned == token.warned
        mine = ApiToken.update(warned=stage).where(ApiToken.id == token.id, same)
        if mine.execute() and lane.OTHER.start(functools.partial(_tell, token)) is None:
            # No thread is free: the next hour has another one.
            ApiToken.update(warned=token.warned).where(ApiToken.id == token.id).execute()


def _stage(token: ApiToken, moment: datetime) -> int:
    return min(days for days in DAYS_BEFORE if token.expires_at - moment <= timedelta(days=days))


def _tell(token: ApiToken) -> None:
    admins = User.select().where(
        User.organisation == token.organisation_id, User.access_level == AccessLevel.ADMIN, User.enabled
    )
    for user in list(admins):
        try:
            mail.send(_message(token, user))
        except mail.NotSent as problem:
            log.warning("notice of a token not sent", token_key=token.key, user=user.id, reason=str(problem))


def _message(token: ApiToken, user: User) -> mail.Mail:
    day = token.expires_at.astimezone(token.organisation.zone).date()
    with speaking(spoken_by(user)):
        return mail.token_ends(
            recipient=user.email, name=user.display_name, organisation=token.organisation.name, token=token.name,
            key=token.key, day=in_language(long_day(day), current()),
            link=f"{settings().public_url.rstrip('/')}{PAGE}",
        )  # fmt: skip
