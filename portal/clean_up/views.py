"""Provisioning > Clean-up."""

from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal
from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, connected, params, seeing
from portal.access import Action
from portal.clean_up import actions, jobs, queries, reading
from portal.clean_up.forms import KeepForm, currency_of, price_of
from portal.clean_up.models import KeptAccount, UseState
from portal.connections.models import Connection
from portal.connections.settings import settings_of
from portal.connectors import SERVICES
from portal.connectors.last_use import Source
from portal.languages import gettext as _
from portal.languages import long_day
from portal.matching import actions as matching_actions
from portal.matching import queries as matching
from portal.matching.models import Reading, ReadingState
from portal.problems import Problem
from portal.web import Answer, leave_to, page

blueprint = Blueprint("clean_up", __name__, url_prefix="/provisioning/clean-up")
connected.about_one_application(blueprint)


def _scope(connection: Connection) -> queries.Scope:
    today = access.organisation().today
    return queries.Scope(connection, seeing.visible_employees(), today, reading.of(connection))


@blueprint.get("")
@access.requires(Action.OVERSEE, advertised=True)
def show() -> Answer:
    connection = connected.chosen_connection()
    return page("clean_up/clean_up.html", connection=None) if connection is None else _shown(connection)


def _shown(connection: Connection, *, status: int = 200, **context: Any) -> Answer:
    scope = _scope(connection)
    counts = queries.counts(scope)
    asked = request.values.get("show", "")
    tab = asked if asked in queries.TABS else next((name for name, count in counts.items() if count), queries.LEFT)
    latest, chosen = Reading.latest_of(connection), settings_of(connection)
    moving = latest is not None and latest.state == ReadingState.READING
    return page(
        "clean_up/clean_up.html", status=status, connection=connection, service=SERVICES[connection.service],
        tabs=queries.TABS, tab=tab, counts=counts, rows=queries.some(scope, tab, after=params.number("after")),
        plan=actions.PLANS.get(tab), kept=list(queries.kept(scope).order_by(KeptAccount.until, KeptAccount.id)),
        today=scope.today, uses=scope.reading, accounts_read=matching.shown(connection),
        known=scope.reading is not None and scope.reading.source in (Source.SIGN_INS, Source.REPORT),
        moving=moving or (scope.reading is not None and scope.reading.state == UseState.READING),
        chosen=chosen,
        price_fields=[("currency", _("Currency")), *((one["id"], one["name"]) for one in connection.licences)],
        money=lambda amount: _money(amount, chosen.currency), **context,
    )  # fmt: skip


def _money(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return ""
    if not currency:
        return format_decimal(amount, format="#,##0.00", locale="en_GB")
    return format_currency(amount, currency, locale="en_GB")


@blueprint.post("/read")
@access.requires(Action.OVERSEE)
def read() -> Answer:
    """Read every account, and when each was last used."""
    connection = connected.need_connection()
    matching_actions.read_tenant(connection, by=current_user)
    reading.ask(connection, by=current_user)
    jobs.read_uses()
    return leave_to(_here())


def _here() -> str:
    asked = request.values.get("show", "")
    return url_for(".show", show=asked if asked in queries.TABS else None)


@blueprint.post("/plan")
@access.requires(Action.OVERSEE)
def plan() -> Answer:
    connection = connected.need_connection()
    tab = request.form.get("show", "")
    if tab not in actions.PLANS:
        raise NotFound()
    ids = [row_id for text in request.form.getlist("employee") if (row_id := params.cursor(text)) is not None]
    try:
        run = actions.plan(_scope(connection), tab, ids, by=current_user)
    except Problem as problem:
        return _shown(connection, status=problem.status, problem=problem)
    return leave_to(url_for("runs.show", run_id=run.id))


def _row_or_404(connection: Connection) -> queries.Row:
    found = queries.account_of(_scope(connection), request.values.get("account", "")[:320])
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/keep")
@access.requires(Action.OVERSEE)
def ask_keep() -> Answer:
    connection = connected.need_connection()
    form = KeepForm(access.organisation().today, formdata=None)
    return page("clean_up/keep.html", form=form, row=_row_or_404(connection), here=_here(), connection=connection)


@blueprint.post("/keep")
@access.requires(Action.OVERSEE)
def keep() -> Answer:
    connection = connected.need_connection()
    row, form = _row_or_404(connection), KeepForm(access.organisation().today)
    if not form.validate():
        return page("clean_up/keep.html", status=422, form=form, row=row, here=_here(), connection=connection)
    reason = params.one_line(form.reason.data or "", most=300)
    actions.keep(_scope(connection), row, reason=reason, until=form.until.data, by=current_user)
    flash(_("%(username)s is kept until %(day)s.", username=row.username, day=long_day(form.until.data)), "success")
    return leave_to(_here())


@blueprint.post("/kept/<int:kept_id>/stop")
@access.requires(Action.OVERSEE)
def stop_keeping(kept_id: int) -> Answer:
    kept = seeing.own_or_404(KeptAccount, kept_id)
    actions.stop_keeping(kept, by=current_user)
    return leave_to(_here())


@blueprint.post("/prices")
@access.requires(Action.OVERSEE)
def set_prices() -> Answer:
    connection = connected.need_connection()
    typed = {licence["id"]: request.form.get(f"price-{licence['id']}", "")[:20] for licence in connection.licences}
    currency, wrong, prices = request.form.get("currency", "")[:10], {}, {}
    for name, text in typed.items():
        try:
            prices[name] = price_of(text)
        except ValueError as error:
            wrong[name] = error.args[0]
    try:
        currency = currency_of(currency)
    except ValueError as error:
        wrong["currency"] = error.args[0]
    if wrong:
        return _shown(connection, status=422, wrong=wrong, typed={**typed, "currency": currency})
    kept = {name: price for name, price in prices.items() if price}
    actions.set_prices(connection, kept, currency, by=current_user)
    flash(_("The prices are saved."), "success")
    return leave_to(_here())
