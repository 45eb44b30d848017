"""Emails to the Admins before a token ends: 30, 7 and 1 days ahead."""

import functools
from datetime import datetime, timedelta

from portal import mail
from portal.api_tokens.models import ApiToken
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.database import now
from portal.languages import current, in_language, long_day, speaking, spoken_by
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
        if mine.execute() and lane.OTHER.start(functools.partial(_tell, token, stage)) is None:
            # No thread is free: the next hour has another one.
            _untold(token, stage)


def _stage(token: ApiToken, moment: datetime) -> int:
    return min(days for days in DAYS_BEFORE if token.expires_at - moment <= timedelta(days=days))


def _tell(token: ApiToken, stage: int) -> None:
    """Where the mail server takes none of them yet, the next hour tries again. stage: as in `warned`."""
    admins = list(User.select().where(
        User.organisation == token.organisation_id, User.access_level == AccessLevel.ADMIN, User.enabled
    ))  # fmt: skip
    if admins and len(mail.send_each(admins, lambda user: _message(token, user))) == len(admins):
        _untold(token, stage)


def _untold(token: ApiToken, stage: int) -> None:
    mine = (ApiToken.id == token.id) & (ApiToken.warned == stage)
    ApiToken.update(warned=token.warned).where(mine).execute()


def _message(token: ApiToken, user: User) -> mail.Mail:
    day = token.expires_at.astimezone(token.organisation.zone).date()
    with speaking(spoken_by(user)):
        return mail.token_ends(
            recipient=user.email, name=user.display_name, organisation=token.organisation.name, token=token.name,
            key=token.key, day=in_language(long_day(day), current()),
            link=f"{settings().public_url.rstrip('/')}{PAGE}",
        )  # fmt: skip
