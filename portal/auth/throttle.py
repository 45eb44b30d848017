"""Slows down people who guess passwords and codes, without letting them lock anybody out.

A guesser is held by where they come from: for each user, and for all users together, so that trying one password on
many people is held too. When guesses at one user come from everywhere, unknown browsers are held as well. A browser in
which this user signed in before is counted for itself alone, and a mailed link to a new password makes it such a one.
Tries are written down before they are compared, so that many at the same moment do not pass before the first counts.
What was typed is never kept: a try leaves keyed hashes, which cannot be computed without the portal's secret.
"""

import functools
import ipaddress
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from peewee import fn

from portal import refusals
from portal.auth.models import Session, SignInFailure, User
from portal.clock import lately
from portal.database import database, is_sqlite, now, transaction
from portal.languages import gettext as _
from portal.logs import log
from portal.problems import Problem
from portal.vault import keyed_hash

PER_ORIGIN, PER_ORIGIN_WINDOW = 10, timedelta(minutes=15)
PER_EMAIL, PER_EMAIL_WINDOW = 50, timedelta(hours=1)
# Of one address over all people; an office mistypes more, the more people have signed in from it.
PER_ADDRESS, PER_ADDRESS_WINDOW = 30, timedelta(minutes=15)
MORE_FOR_EACH_USER, MOST_PER_ADDRESS = 2, 300
KEPT = timedelta(days=1)
# Seconds that a try waits for those before it, and between two looks. STALE: the process of such a try died.
LONGEST_WAIT, LOOKS_AGAIN, STALE = 20.0, 0.05, timedelta(minutes=1)

# Any number that no other advisory lock of the portal has.
LOCK = 39_001


class TooManyTries(Problem):
    message = _("Too many attempts failed.")
    status = 429
    title = _("Too many attempts")
    next_step = _("Wait 15 minutes, or choose “Forgot your password?” for a new password.")


@dataclass(frozen=True)
class Origin:
    """Who is being guessed at, and from where. known_device: a browser of theirs, else empty.

    second_step: the password was right already, so tries of all unknown browsers count together.
    """

    email: str
    address: str
    known_device: str = ""
    second_step: bool = False

    @property
    def email_hash(self) -> str:
        return keyed_hash(self.email)

    @property
    def hash(self) -> str:
        if self.known_device:
            return keyed_hash(f"device {self.known_device}")
        return keyed_hash("second step" if self.second_step else f"address {network_of(self.address)}")


def network_of(address: str) -> str:
    """The address as limits count it: of IPv6 its first half, since one customer has all the addresses in it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


class Attempt:
    """One try that may be compared now."""

    def __init__(self, origin: Origin, row: SignInFailure):
        self.origin, self.row = origin, row

    def succeeded(self) -> None:
        self.row.delete_instance()

    def failed(self, user: User | None, reason: str) -> None:
        """For the limits, in the log, and in the audit log of the organisation it concerns."""
        who = self.origin.email_hash[:12]
        log.warning("sign-in refused", reason=reason if user else "unknown", who=who, address=self.origin.address)
        with transaction():
            sweep()
            SignInFailure.update(pending=False).where(SignInFailure.id == self.row.id).execute()
        if user is not None:
            refusals.note(user, "sign-in refused", reason, by="nobody", reason=reason)
        else:
            # The disk is waited for as often as for a user, so that the answer takes as long.
            SignInFailure.update(pending=False).where(SignInFailure.id == self.row.id).execute()


def begin(origin: Origin) -> Attempt:
    """Write a try down before it is compared. Raises TooManyTries when too many failed of late.

    Where those that are being compared could be too many, it waits for their end: many may sign in at the same moment,
    and as many guesses at the same moment are still not more than the limit.
    """
    row = _write_down(origin)
    until = time.monotonic() + LONGEST_WAIT
    while (room := _room(origin, row)) is Room.LATER and time.monotonic() < until:
        time.sleep(LOOKS_AGAIN)
    if room is not Room.NOW:
        # What was not compared tells an attacker nothing, and prolongs nothing.
        row.delete_instance()
        raise TooManyTries()
    return Attempt(origin, row)


def _write_down(origin: Origin) -> SignInFailure:
    with transaction():
        if not is_sqlite():
            # So that a lower number is never seen later than a higher one: who is before whom is read from them.
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        return SignInFailure.create(email_hash=origin.email_hash, origin_hash=origin.hash, pending=True)


class Room(Enum):
    """Whether a try may be compared."""

    NOW = "now"
    LATER = "those before it are being compared"
    NONE = "too many failed"


def _room(origin: Origin, row: SignInFailure) -> Room:
    rooms = {_within(limit, row, *conditions, since=since) for limit, since, *conditions in _limits_of(origin)}
    return next((room for room in (Room.NONE, Room.LATER) if room in rooms), Room.NOW)


def _limits_of(origin: Origin) -> Iterator[tuple[Any, ...]]:
    """(most, of what time, which tries) of each limit that this try has to keep to."""
    ours, from_there = SignInFailure.email_hash == origin.email_hash, SignInFailure.origin_hash == origin.hash
    yield PER_ORIGIN, PER_ORIGIN_WINDOW, ours, from_there
    if not origin.known_device:
        yield PER_EMAIL, PER_EMAIL_WINDOW, ours
    if not origin.known_device and not origin.second_step:
        yield functools.partial(_allowed_at, origin.address), PER_ADDRESS_WINDOW, from_there


def _within(limit: Any, row: SignInFailure, *conditions: Any, since: timedelta) -> Room:
    others = SignInFailure.select().where(*conditions, lately(SignInFailure.at, since), SignInFailure.id != row.id)
    under_way = SignInFailure.pending & (SignInFailure.at >= now() - STALE)
    # In this order: one that fails between the two is counted twice, and not missed.
    earlier = others.where(under_way, SignInFailure.id < row.id).count()
    failed = others.where(~under_way).count()
    most = limit if isinstance(limit, int) else limit(failed + earlier)
    return Room.NONE if failed >= most else Room.LATER if failed + earlier >= most else Room.NOW


def _allowed_at(address: str, tried: int) -> int:
    """How many tries an address may fail, by how many users have signed in from it within a week."""
    if tried < PER_ADDRESS:
        return PER_ADDRESS
    people = Session.select(fn.COUNT(Session.user.distinct())).where(Session.address == address).scalar()
    return min(PER_ADDRESS + MORE_FOR_EACH_USER * people, MOST_PER_ADDRESS)


def sweep() -> None:
    """Forget what no limit counts any more."""
    SignInFailure.delete().where(SignInFailure.at < now() - KEPT).execute()
