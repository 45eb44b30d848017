"""A sign-in under way: written down encrypted, found by its state, bound to one portal session, used once."""

import json
import secrets
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from portal import vault
from portal.addons.problems import ExpiredAttempt, UnknownAttempt, UsedAttempt
from portal.auth.models import Session
from portal.connections.models import ConnectAttempt
from portal.connectors.values import Administrator
from portal.database import now

LIFE = timedelta(minutes=15)
REMEMBERED = timedelta(days=1)


class Stage(StrEnum):
    """What the attempt waits for: the sign-in, the consent, permissions that are on their way; or nothing any more.

    MORE: a further consent, for a tenant that is connected.
    """

    SIGN_IN = "sign-in"
    CONSENT = "consent"
    GRANTS = "grants"
    MORE = "more"
    USED = "used"


class Taken(NamedTuple):
    """What an attempt held, for the one who was first to use it."""

    step: Stage
    contents: dict[str, Any]


def _hash_of(state: str) -> str:
    """Only a hash is kept and compared: neither the table nor the time of a look-up gives a state away."""
    return sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def begin(service_key: str, session: Session, step: Stage, contents: dict[str, Any], *, state: str = "") -> str:
    """Write an attempt down and return its state."""
    state = state or secrets.token_urlsafe(32)
    ConnectAttempt.delete().where(ConnectAttempt.created_at < now() - REMEMBERED).execute()
    ConnectAttempt.create(
        session=session,
        organisation=session.user.organisation_id,
        service=service_key,
        state=_hash_of(state),
        step=step,
        encrypted_flow=vault.encrypt(json.dumps(contents)),
    )
    return state


def take(service_key: str, session: Session, state: str) -> Taken:
    """Use up the session's attempt with this state.

    Raises UnknownAttempt for an unknown state or another session's, UsedAttempt the second time, and
    ExpiredAttempt.
    """
    attempt = ConnectAttempt.get_or_none(_of(service_key, session), ConnectAttempt.state == _hash_of(state))
    if attempt is None:
        raise UnknownAttempt()
    if attempt.step == Stage.USED or not use_up(attempt):
        raise UsedAttempt()
    if attempt.created_at + LIFE < now():
        raise ExpiredAttempt()
    return Taken(Stage(attempt.step), contents_of(attempt))


def waiting(service_key: str, session: Session) -> ConnectAttempt | None:
    """The session's latest attempt that has the consent and only lacks its effect."""
    recent = ConnectAttempt.created_at >= now() - LIFE
    query = ConnectAttempt.select().where(_of(service_key, session), recent, ConnectAttempt.step == Stage.GRANTS)
    return query.order_by(ConnectAttempt.id.desc()).first()


def use_up(attempt: ConnectAttempt) -> bool:
    """Make the attempt unusable and wipe what it held; False when another process was first."""
    changed = ConnectAttempt.update(step=Stage.USED, encrypted_flow="").where(
        ConnectAttempt.id == attempt.id, ConnectAttempt.step == attempt.step
    )
    return changed.execute() == 1


def contents_of(attempt: ConnectAttempt) -> dict[str, Any]:
    """What was encrypted with the attempt. Raises ExpiredAttempt when its key was retired in the meantime."""
    try:
        return json.loads(vault.decrypt(attempt.encrypted_flow))
    except vault.CannotOpen as error:
        raise ExpiredAttempt() from error


def written(person: Administrator) -> dict[str, Any]:
    return {**asdict(person), "roles": sorted(person.roles)}


def read(contents: dict[str, Any]) -> Administrator:
    return Administrator(**{**contents, "roles": frozenset(contents["roles"])})


def _of(service_key: str, session: Session) -> Any:
    return (
        (ConnectAttempt.session == session.id)
        & (ConnectAttempt.service == service_key)
        & (ConnectAttempt.organisation == session.user.organisation_id)
    )
