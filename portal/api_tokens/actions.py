"""Making, rotating and revoking tokens, and pausing the API."""

import re
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import audit
from portal.api_tokens.models import HELD_BY, OLD_LIVES, ApiToken, Door, PausedDoor
from portal.auth import proof
from portal.auth.models import User, hash_of
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem

MOST_TOKENS = 50
MOST_DAYS = 730
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
FORM = re.compile(r"por_([a-z2-9]{6})_([A-Za-z0-9_-]{43})([0-9a-f]{8})")


class TooManyTokens(Problem):
    message = _("Your organisation cannot have more tokens.")
    next_step = _("Revoke one that is no longer used.")


class TokenEnded(Problem):
    message = _("This token was revoked, so it cannot be used again.")
    next_step = _("Make a new token.")


@dataclass(frozen=True)
class Parts:
    """A token as a client sends it, taken apart."""

    key: str
    secret: str


def text_of(key: str, secret: str) -> str:
    """The whole token. It ends with a check sum, so that a typing error is found without the database."""
    body = f"por_{key}_{secret}"
    return f"{body}{_check_sum(body)}"


def read(text: str) -> Parts | None:
    """The parts of a token; None for what cannot be one."""
    found = FORM.fullmatch(text)
    if found is None or _check_sum(text[:-8]) != found[3]:
        return None
    return Parts(found[1], found[2])


def _check_sum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def make(
    organisation: Organisation, *, name: str, scopes: Iterable[str], days: int, networks: Iterable[str], by: User
) -> tuple[ApiToken, str]:
    """Make a token; returns its row and the token itself, which is kept nowhere. Raises TooManyTokens."""
    secret = _new_secret()
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        if live_of(organisation).count() >= MOST_TOKENS:
            raise TooManyTokens()
        token = ApiToken.create(
            organisation=organisation, name=name, key=_free_key(), secret_hash=hash_of(secret), scopes=sorted(scopes),
            networks=list(networks), days=days, expires_at=now() + timedelta(days=days), made_by=by,
            made_by_name=by.display_name,
        )  # fmt: skip
        audit.record(by, "make API token", token, scopes=token.scopes, days=days, networks=token.networks)
    return token, text_of(token.key, secret)


def _free_key() -> str:
    while True:
        key = "".join(secrets.choice(ALPHABET) for _ in range(6))
        if not ApiToken.select().where(ApiToken.key == key).exists():
            return key


def live_of(organisation: Organisation) -> Any:
    """A select of the tokens that nobody has revoked."""
    return ApiToken.select().where(ApiToken.organisation == organisation, ApiToken.revoked_at.is_null())


def tokens_of(organisation: Organisation) -> list[ApiToken]:
    """All of them, those that work first; ended ones stay listed."""
    query = ApiToken.select(ApiToken, User).left_outer_join(User, on=ApiToken.made_by)
    found = list(query.where(ApiToken.organisation == organisation).order_by(ApiToken.id.desc()))
    return sorted(found, key=lambda token: token.state != "Active")


def rotate(token: ApiToken, *, by: User) -> str:
    """Give the token a second secret with a fresh life; the earlier one works for 24 hours more.

    Returns the token with the new secret. Raises TokenEnded.
    """
    secret = _new_secret()
    with audit.turn(token.organisation_id):
        proof.hold_actor(by)
        current = ApiToken.get_by_id(token.id)
        if current.revoked_at is not None:
            raise TokenEnded()
        fresh = {
            "old_secret_hash": current.secret_hash, "old_until": min(now() + OLD_LIVES, current.expires_at),
            "old_last_used_at": current.last_used_at, "secret_hash": hash_of(secret), "last_used_at": None,
            "last_used_from": "", "expires_at": now() + timedelta(days=current.days), "warned": None,
            "rotated_by": " ".join(dict.fromkeys([*current.rotated_by.split(), str(by.id)])),
        }  # fmt: skip
        ApiToken.update(fresh).where(ApiToken.id == token.id).execute()
        audit.record(by, "rotate API token", token, days=current.days)
    return text_of(token.key, secret)


def revoke(token: ApiToken, *, by: User) -> None:
    """Both secrets of the token stop working at once."""
    with audit.turn(token.organisation_id):
        proof.hold_actor(by)
        ended = {"revoked_at": now(), "revoked_by_name": by.display_name, "old_until": None}
        is_open = ApiToken.revoked_at.is_null() | (ApiToken.revoked_by_name == HELD_BY)
        if ApiToken.update(ended).where(ApiToken.id == token.id, is_open).execute():
            audit.record(by, "revoke API token", token)


def let_on(token: ApiToken, *, by: User) -> None:
    """Have a token work again that came back with a backup. Raises TokenEnded, TooManyTokens."""
    with audit.turn(token.organisation_id):
        proof.hold_actor(by)
        if live_of(token.organisation).count() >= MOST_TOKENS:
            raise TooManyTokens()
        is_held = (ApiToken.id == token.id) & (ApiToken.revoked_by_name == HELD_BY)
        if not ApiToken.update(revoked_at=None, revoked_by_name="").where(is_held).execute():
            raise TokenEnded()
        audit.record(by, "let on API token", token)


def paused(organisation: Organisation | int) -> PausedDoor | None:
    """Who paused the API, and when; None while it is open."""
    return PausedDoor.get_or_none(PausedDoor.organisation == organisation, PausedDoor.door == Door.API)


def pause(organisation: Organisation, *, by: User) -> None:
    """Close the API for every token, until an Admin resumes it."""
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        if paused(organisation) is None:
            PausedDoor.create(organisation=organisation, door=Door.API, by_name=by.display_name)
            audit.record(by, "pause API", organisation, organisation=organisation)


def resume(organisation: Organisation, *, by: User) -> None:
    """Open the API again."""
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        mine = PausedDoor.delete().where(PausedDoor.organisation == organisation, PausedDoor.door == Door.API)
        if mine.execute():
            audit.record(by, "resume API", organisation, organisation=organisation)
