"""Provisioning > Day one: who starts, what is ready for them, and whether there are enough seats."""

import time
from concurrent.futures import Future
from datetime import date

from flask import Blueprint, request

from portal import access, background, connected, params, seeing
from portal.access import Action
from portal.connections import offer
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.day_one import forecast, queries
from portal.hand_over import pausing
from portal.theirs import looking
from portal.theirs.rules import LinkOffer
from portal.web import Answer, page

blueprint = Blueprint("day_one", __name__, url_prefix="/provisioning/day-one")
connected.about_one_application(blueprint)
PATIENCE = 3.0


@blueprint.get("")
@access.requires(Action.PROVISION, advertised=True)
def show() -> Answer:
    connection = connected.chosen_connection()
    if connection is None:
        return page("day_one/day_one.html", connection=None, paused=pausing.count(access.organisation()))
    days = params.number("days")
    days = days if days in queries.PERIODS else queries.PERIODS[1]
    missing = request.args.get("show") == "missing"
    until = time.monotonic() + PATIENCE
    seats = background.begin(lambda: offer.read_seats(connection))
    today = access.organisation().today
    sight = seeing.sight_of()
    board = queries.board(sight, connection, today=today, days=days, missing=missing, after=params.number("after"))
    may_have, unchecked = _may_have(board, connection, until)
    unread = _unread(seats, until)
    has_licences = SERVICES[connection.service].capabilities.has_licences
    return page(
        "day_one/day_one.html", connection=connection, today=today, days=days, periods=queries.PERIODS,
        missing=missing, unread=unread, board=board, rows=_rows(board, may_have, today), unchecked=unchecked,
        forecast=forecast.lately(sight, connection, today=today) if has_licences else None,
    )  # fmt: skip


def _rows(board: queries.Board, may_have: dict[int, list[LinkOffer]], today: date) -> list[queries.Row]:
    named = {number: ", ".join(one.remote.username for one in offers) for number, offers in may_have.items()}
    return [queries.Row.of(starter, today, named.get(starter.employee.id, "")) for starter in board.rows]


Failed = ConnectorError | background.StillUnderWay


def _may_have(
    board: queries.Board, connection: Connection, until: float
) -> tuple[dict[int, list[LinkOffer]], Failed | None]:
    """The accounts that those of the page without one may have already, and why that could not be checked."""
    lacking = [starter.employee for starter in board.rows if starter.lacks_account]
    try:
        found = background.within(_left(until), lambda: looking.look_for_many(lacking, connection)) if lacking else {}
        return found, None
    except (ConnectorError, background.StillUnderWay) as error:
        return {}, error


def _unread(seats: "Future[None]", until: float) -> Failed | None:
    """Why the seats could not be read again: then those that were last read are shown."""
    try:
        background.result_of(seats, _left(until))
    except (ConnectorError, background.StillUnderWay) as error:
        return error
    return None


def _left(until: float) -> float:
    """Seconds until that moment. The questions of one page share its patience."""
    return max(until - time.monotonic(), 0)
