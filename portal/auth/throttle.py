"""Slows down whoever guesses passwords and codes, without letting them lock anybody out.

A guesser is held by where they come from. When guesses at one address come from everywhere, unknown browsers are held
too; a browser in which this user signed in before goes on, and a mailed link to a new password works at any time.
What was typed is never kept: an attempt leaves keyed hashes, which nobody without the portal's secret can compute.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import audit
from portal.auth.models import SignInFailure, User
from portal.config import settings
from portal.database import now, transaction
from portal.logs import log
from portal.problems import Problem

PER_ORIGIN, PER_ORIGIN_WINDOW = 10, timedelta(minutes=15)
PER_EMAIL, PER_EMAIL_WINDOW = 50, timedelta(hours=1)
KEPT = timedelta(days=1)


class TooManyTries(Problem):
    """There were too many attempts that failed."""

    status = 429
    title = "Too many attempts"
    next_step = "Wait a quarter of an hour, or choose a new password by mail."


@dataclass(frozen=True)
class Origin:
    """Who is being guessed at, and from where. known_device: a browser of theirs, else empty."""

    email: str
    address: str
    known_device: str = ""

    @property
    def email_hash(self) -> str:
        return keyed_hash(self.email)

    @property
    def hash(self) -> str:
        return keyed_hash(f"device {self.known_device}" if self.known_device else f"address {self.address}")


def keyed_hash(text: str) -> str:
    key = settings().secret_key.get_secret_value().encode()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()


def check(origin: Origin) -> None:
    """Raises TooManyTries when whoever asks has failed too often of late."""
    ours = SignInFailure.email_hash == origin.email_hash
    if _count(ours, SignInFailure.origin_hash == origin.hash, since=PER_ORIGIN_WINDOW) >= PER_ORIGIN:
        raise TooManyTries()
    if not origin.known_device and _count(ours, since=PER_EMAIL_WINDOW) >= PER_EMAIL:
        raise TooManyTries()


def _count(*conditions: Any, since: timedelta) -> int:
    return SignInFailure.select().where(*conditions, SignInFailure.at > now() - since).count()


def refused(origin: Origin, user: User | None, reason: str) -> None:
    """Write a refused attempt down: for the limits, in the log, and in the trail of the organisation it concerns."""
    log.warning(
        "sign-in refused", reason=reason if user else "unknown", who=origin.email_hash[:12], address=origin.address
    )
    with transaction():
        SignInFailure.delete().where(SignInFailure.at < now() - KEPT).execute()
        SignInFailure.create(email_hash=origin.email_hash, origin_hash=origin.hash)
        if user is not None:
            audit.record("nobody", "sign-in refused", user, reason=reason)
