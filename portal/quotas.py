"""What all processes together have taken of an application's quota, in the database, so that none takes it twice."""

import time
from typing import Any

from flask import Flask
from peewee import CharField, DoubleField, JSONField, PeeweeException

from portal.connectors import pace
from portal.connectors.pace import Booking
from portal.database import BaseModel, is_sqlite, opened, transaction
from portal.logs import log

SHORTEST_WAIT = 0.05


class Quota(BaseModel):
    """A quota of one tenant. taken: {second since 1970: how many}. closed_until: seconds since 1970."""

    name = CharField(max_length=120, unique=True)
    taken = JSONField(default=dict)
    closed_until = DoubleField(default=0.0)


class DatabaseLedger:
    """A pace.Ledger. Each booking is a transaction of its own, which is why it takes several at once."""

    def book(self, quota: str, wanted: int, *, least: int, most: int, seconds: float) -> Booking:
        try:
            return opened(lambda: _book(quota, wanted, least, most, seconds))
        except PeeweeException:
            # A process that cannot write to the database keeps to the quota alone for a moment.
            log.warning("quota not booked", quota=quota, exc_info=True)
            return Booking(wanted)

    def look(self, quota: str, wanted: int, *, most: int, seconds: float) -> Booking:
        try:
            return opened(lambda: _look(quota, wanted, most, seconds))
        except PeeweeException:
            log.warning("quota not looked at", quota=quota, exc_info=True)
            return Booking(left=wanted)

    def give_back(self, quota: str, unused: int, *, second: int) -> None:
        try:
            opened(lambda: _give_back(quota, unused, str(second)))
        except PeeweeException:
            log.warning("quota not given back", quota=quota, exc_info=True)

    def close(self, quota: str, seconds: float) -> None:
        try:
            opened(lambda: _close(quota, time.time() + seconds))
        except PeeweeException:
            log.warning("quota not closed", quota=quota, exc_info=True)

    def reopen(self, quota: str) -> None:
        try:
            opened(lambda: Quota.update(closed_until=0.0).where(Quota.name == quota, Quota.closed_until > 0).execute())
        except PeeweeException:
            log.warning("quota not reopened", quota=quota, exc_info=True)


def _locked(name: str) -> Quota:
    """The quota's row, which no other process changes before this transaction ends."""
    Quota.insert(name=name, taken={}, closed_until=0.0).on_conflict_ignore().execute()
    query = Quota.select().where(Quota.name == name)
    return query.get() if is_sqlite() else query.for_update().get()


def _book(name: str, wanted: int, least: int, most: int, seconds: float) -> Booking:
    moment = time.time()
    with transaction():
        quota = _locked(name)
        if quota.closed_until > moment:
            return Booking(wait=quota.closed_until - moment)
        taken = _taken(quota, moment, seconds)
        free = most - sum(taken.values())
        given = min(wanted, free)
        if given < min(least, most):
            return Booking(wait=max(SHORTEST_WAIT, min(taken) + seconds + 1 - moment))
        taken[int(moment)] = taken.get(int(moment), 0) + given
        quota.taken = {str(second): count for second, count in taken.items()}
        quota.save()
    return Booking(given, int(moment), left=free - given)


def _look(name: str, wanted: int, most: int, seconds: float) -> Booking:
    moment, quota = time.time(), Quota.get_or_none(Quota.name == name)
    if quota is None:
        return Booking(left=most)
    if quota.closed_until > moment:
        return Booking(wait=quota.closed_until - moment)
    taken = _taken(quota, moment, seconds)
    left = most - sum(taken.values())
    short, wait = min(wanted, most) - left, 0.0
    for second in sorted(taken):
        if short <= 0:
            break
        short -= taken[second]
        wait = max(SHORTEST_WAIT, second + seconds + 1 - moment)
    return Booking(left=left, wait=wait)


def _taken(quota: Quota, moment: float, seconds: float) -> dict[int, int]:
    """What counts still, by the second in which it was taken."""
    since = moment - seconds - 1
    return {int(second): count for second, count in quota.taken.items() if count and int(second) > since}


def _give_back(name: str, unused: int, second: str) -> None:
    with transaction():
        quota = _locked(name)
        if second in quota.taken:
            quota.taken = {**quota.taken, second: max(0, quota.taken[second] - unused)}
            quota.save()


def _close(name: str, until: float) -> None:
    with transaction():
        quota = _locked(name)
        quota.closed_until = max(quota.closed_until, until)
        quota.save()


def init_app(app: Flask, settings: Any) -> None:
    pace.share(DatabaseLedger())
