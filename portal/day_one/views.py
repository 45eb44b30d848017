"""Provisioning > Day one: who starts, what is ready for them, and whether the seats will do."""

from flask import Blueprint, request

from portal import access, background, params
from portal.access import Action
from portal.addons import offer
from portal.addons.models import Connection
from portal.connectors.errors import ConnectorError
from portal.database import now
from portal.day_one import queries
from portal.day_one.forecast import forecast
from portal.provisioning import pausing
from portal.web import page

blueprint = Blueprint("day_one", __name__, url_prefix="/provisioning/day-one")
PATIENCE = 3.0


@blueprint.get("")
@access.requires(Action.PROVISION, advertised=True)
def show():
    connection = Connection.live_of(access.organisation())
    if connection is None:
        return page("day_one/day_one.html", connection=None, paused=pausing.count(access.organisation()))
    days = params.number("days")
    days = days if days in queries.PERIODS else queries.PERIODS[1]
    missing = request.args.get("show") == "missing"
    after = params.number("after")
    unread = _unread(connection)
    today = now().astimezone(access.organisation().zone).date()
    visible = access.visible_employees()
    return page(
        "day_one/day_one.html", connection=connection, today=today, days=days, periods=queries.PERIODS,
        missing=missing, after=after, unread=unread,
        board=queries.board(visible, connection, today=today, days=days, missing=missing, after=after),
        forecast=forecast(visible, connection, today=today),
    )  # fmt: skip


def _unread(connection: Connection) -> ConnectorError | background.StillUnderWay | None:
    """Read the seats again. Returns why it could not be done: then those that were last read are shown."""
    try:
        background.within(PATIENCE, lambda: offer.read(connection))
    except (ConnectorError, background.StillUnderWay) as error:
        return error
    return None
