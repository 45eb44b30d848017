"""How many requests a token may have under way at a time, counted in the database for all web processes together."""

import time

from flask import Blueprint, g
from peewee import DoubleField, ForeignKeyField, IntegerField, PeeweeException

from portal.api_tokens import checking
from portal.api_tokens.models import ApiToken
from portal.database import BaseModel, opened
from portal.logs import log
from portal.problems import Problem

MOST = 4
# Seconds after which a place is free again, should the process have died that had it.
LONGEST = 60.0


class TooManyAtOnce(Problem):
    """The token has as many requests under way as it may have at a time. This one was not looked at."""

    status = 429
    title = "Too many requests at once"
    next_step = f"Send at most {MOST} requests at a time. Wait for as many seconds as Retry-After says, then go on."
    retry_after = 1


class RequestPlace(BaseModel):
    """One of the requests that a token may have under way. until: when it is free at the latest, as time.time()."""

    token = ForeignKeyField(ApiToken, on_delete="CASCADE")
    number = IntegerField()
    until = DoubleField(default=0.0)

    class Meta:
        indexes = ((("token", "number"), True),)


def limit(blueprint: Blueprint) -> None:
    """Refuse a request to the blueprint while as many of its token are under way. Raises TooManyAtOnce there."""
    blueprint.before_request(_begin)
    blueprint.teardown_request(_end)


def _begin() -> None:
    token = checking.current.get()
    if token is None:
        return
    try:
        g.request_place = opened(lambda: _take(token))
    except PeeweeException:
        # Whether the database has time is for the request itself to find out.
        log.warning("requests at once not counted", token_key=token.key, exc_info=True)
        return
    if g.request_place is None:
        raise TooManyAtOnce()


def _take(token: ApiToken) -> tuple[int, float] | None:
    """A free place: its row, and until when it is ours; None when all are taken."""
    # Once more, as a place may become free that another request had taken a moment before.
    for _try in range(2):
        moment = time.time()
        for place, until in _places_of(token):
            if _is_free(until, moment) and _is_taken(place, until, moment + LONGEST):
                return place, moment + LONGEST
    return None


def _places_of(token: ApiToken) -> list[tuple[int, float]]:
    """The places of the token, and until when each is taken."""
    query = RequestPlace.select(RequestPlace.id, RequestPlace.until).where(RequestPlace.token == token)
    found = list(query.order_by(RequestPlace.number).tuples())
    if found:
        return found
    rows = [{"token": token, "number": number} for number in range(MOST)]
    # Another request of the token may do the same at this moment.
    RequestPlace.insert_many(rows).on_conflict_ignore().execute()
    return list(query.order_by(RequestPlace.number).tuples())


def _is_free(until: float, moment: float) -> bool:
    """One that is taken for longer than can be is from before a clock was put back."""
    return not moment <= until <= moment + 2 * LONGEST


def _is_taken(place: int, before: float, until: float) -> bool:
    """Take the place, unless another request has taken it since."""
    mine = (RequestPlace.id == place) & (RequestPlace.until == before)
    return bool(RequestPlace.update(until=until).where(mine).execute())


def _end(_error: BaseException | None) -> None:
    place = g.pop("request_place", None)
    if place is not None:
        number, until = place
        mine = (RequestPlace.id == number) & (RequestPlace.until == until)
        try:
            opened(lambda: RequestPlace.update(until=0.0).where(mine).execute())
        except PeeweeException:
            log.warning("end of a request not counted", exc_info=True)
