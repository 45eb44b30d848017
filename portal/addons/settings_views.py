"""The settings of one add-on, as tabs: Overview with its doctor, Units and Usernames. Other modules add theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, background, seeing
from portal.access import Action
from portal.accounts import naming
from portal.addons import actions
from portal.addons.settings_forms import (
    NamingForm,
    SignInForm,
    UnitForm,
    UnitRuleForm,
)
from portal.addons.views import ADD_ON, callback_url, failure_of, service_or_404
from portal.connections import doctor, health, settings_actions
from portal.connections.live import NotConnected
from portal.connections.models import Connection
from portal.connections.settings import RULES_BY, Rule, UnitRule, rules_of, settings_of
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError
from portal.languages import gettext as _
from portal.languages import joined
from portal.people.models import Employee
from portal.problems import Problem
from portal.web import Answer, leave_to, leave_to_sign_in, page, swap, wants_fragment

blueprint = Blueprint("add_on_settings", __name__)
# Seconds after which the page says that there was no answer.
PATIENCE = 8.0
SHOWN_EMPLOYEES, LOOKED_AT = 3, 100


def connected(service_key: str) -> tuple[Service, Connection]:
    """Raises NotFound for an unknown add-on, NotConnected."""
    service = service_or_404(service_key)
    connection = Connection.live_of(access.organisation(), service.key)
    if connection is None:
        raise NotConnected(service.key)
    return service, connection


def _of_overview(service: Service, connection: Connection) -> dict[str, Any]:
    """What Overview shows, by what was last read."""
    return {
        "expiry": doctor.expiry(service), "unread": None, "health": health.of(connection, service),
        "needs": doctor.needs(service, frozenset(connection.permissions)),
        "sign_in_form": SignInForm(connection) if service.capabilities.may_sign_in_elsewhere else None,
    }  # fmt: skip


def _of_usernames(service: Service, connection: Connection) -> dict[str, Any]:
    return {"naming_form": NamingForm.of(settings_of(connection))}


def _of_units(service: Service, connection: Connection) -> dict[str, Any]:
    return {
        "rules": rules_of(connection, UnitRule), "rules_by": RULES_BY, "unit_form": UnitForm(connection),
        "rule_form": UnitRuleForm(connection),
    }  # fmt: skip


TABS = {"overview": _of_overview, "units": _of_units, "usernames": _of_usernames}
PAGES = {
    "overview": "add_on_settings.show",
    "units": "add_on_settings.units_tab",
    "usernames": "add_on_settings.usernames",
}


def _context(tab: str, service: Service, connection: Connection, **changed: Any) -> dict[str, Any]:
    """What a tab needs. changed: what differs from one that is opened afresh."""
    context: dict[str, Any] = {"tab": tab, "service": service, "connection": connection}
    context |= TABS[tab](service, connection) | changed
    if tab == "usernames":
        form = context["naming_form"]
        context["examples"] = _examples(NamingForm.of(settings_of(connection)) if form.errors else form)
    return context


def _examples(form: NamingForm) -> list[tuple[str, list[str]]]:
    """Some employees and what their usernames would be, the second for when the first is taken.

    Of the newest, those with the longest names: what a pattern does shows best in them.
    """
    newest = Employee.select().where(Employee.organisation == access.organisation()).order_by(Employee.id.desc())
    found = []
    for employee in sorted(newest.limit(LOOKED_AT), key=lambda employee: -len(employee.name))[:SHOWN_EMPLOYEES]:
        names = naming.candidates(employee, form.naming_chosen)
        found.append((employee.name, [next(names), next(names)]))
    return found


def show_tab(tab: str, service: Service, connection: Connection, **changed: Any) -> Answer:
    return page("addons/settings.html", **_context(tab, service, connection, **changed))


def show_part(tab: str, service: Service, connection: Connection, *, status: int = 200, **changed: Any) -> Answer:
    """The answer to a form of the tab: its section for htmx, else the tab with what to correct, or 303 back."""
    if changed.get("saved") and not wants_fragment():
        flash(changed["saved"], "success")
    return swap(
        f"addons/_settings_{tab}.html", in_page="addons/settings.html", status=status,
        back_to=url_for(PAGES[tab], service_key=service.key), **_context(tab, service, connection, **changed),
    )  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """The rules of one kind, which stand in a tab. place: their address, behind that of the add-on.

    connected: as `connected`, for those that have this tab. in_order: the first rule that matches decides.
    """

    kind: type[Rule]
    tab: str
    place: str
    form: Callable[[Connection], Any]
    connected: Callable[[str], tuple[Service, Connection]]
    in_order: bool = True


def offer_rules(blueprint: Blueprint, rules: Rules) -> None:
    """Give the blueprint the views that add a rule of this kind, remove one, and let one be tried earlier."""
    place = f"{ADD_ON}/{rules.place}"

    @blueprint.post(place)
    @access.requires(Action.MANAGE_ADD_ONS)
    def add_rule(service_key: str) -> Answer:
        service, connection = rules.connected(service_key)
        form = rules.form(connection)
        if not form.validate():
            return show_part(rules.tab, service, connection, rule_form=form, status=422)
        settings_actions.add_rule(connection, by=current_user, kind=rules.kind, **form.values)
        return show_part(rules.tab, service, connection, saved=_("The rule is added."))

    @blueprint.post(f"{place}/<int:rule_id>/remove")
    @access.requires(Action.MANAGE_ADD_ONS)
    def remove_rule(service_key: str, rule_id: int) -> Answer:
        service, connection = rules.connected(service_key)
        settings_actions.remove_rule(seeing.own_or_404(rules.kind, rule_id), by=current_user)
        return show_part(rules.tab, service, connection, saved=_("The rule is removed."))

    if not rules.in_order:
        return

    @blueprint.post(f"{place}/<int:rule_id>/up")
    @access.requires(Action.MANAGE_ADD_ONS)
    def move_rule_up(service_key: str, rule_id: int) -> Answer:
        service, connection = rules.connected(service_key)
        settings_actions.move_rule_up(seeing.own_or_404(rules.kind, rule_id), by=current_user)
        return show_part(rules.tab, service, connection, saved=_("The rule is now tried earlier."))


@blueprint.get(ADD_ON)
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def show(service_key: str) -> Answer:
    """Overview. Permissions are as the portal's token states them now."""
    service = service_or_404(service_key)
    connection = Connection.live_of(access.organisation(), service.key)
    if connection is None:
        return redirect(url_for("addons.add_ons"))
    granted, unread = doctor.granted(connection, service)
    needs = doctor.needs(service, granted)
    return show_tab(
        "overview", service, connection, needs=needs, unread=unread, health=health.of(connection, service, granted)
    )


@blueprint.post(f"{ADD_ON}/sign-in")
@access.requires(Action.MANAGE_ADD_ONS)
def choose_sign_in(service_key: str) -> Answer:
    service = service_or_404(service_key)
    connection = Connection.live_of(access.organisation(), service.key)
    if connection is None or not service.capabilities.may_sign_in_elsewhere:
        raise NotFound()
    form = SignInForm(connection)
    if form.validate():
        settings_actions.choose(connection, by=current_user, signs_in_elsewhere=form.signs_in_elsewhere.data)
    return show_part("overview", service, connection, sign_in_form=SignInForm(connection), saved=_("Saved."))


@blueprint.post(f"{ADD_ON}/test")
@access.requires(Action.MANAGE_ADD_ONS)
def test(service_key: str) -> Answer:
    """Really ask the application, and show each answer."""
    service, connection = connected(service_key)
    try:
        answers = background.within(PATIENCE, lambda: _tried(service, connection))
    except background.StillUnderWay:
        answers = [
            doctor.Answer(
                _("Connection"),
                False,
                _("%(service)s did not answer in time: try again in a minute.", service=service.name),
            )
        ]
    connection = Connection.get_by_id(connection.id)
    context = _context("overview", service, connection, answers=answers)
    return swap("addons/_settings_overview.html", in_page="addons/settings.html", back_to=None, **context)


def _tried(service: Service, connection: Connection) -> list[doctor.Answer]:
    answers = doctor.examine(connection, service)
    actions.check_health(connection, service)
    return answers


@blueprint.post(f"{ADD_ON}/grant")
@access.requires(Action.MANAGE_ADD_ONS)
def grant(service_key: str) -> Answer:
    """To the page on which an administrator of the tenant grants what is missing."""
    service, connection = connected(service_key)
    uri = callback_url(service)
    try:
        url = actions.begin_grant(service, connection, session=current_user.session, redirect_uri=uri)
    except (Problem, ConnectorError) as error:
        failure = failure_of(service, error)
        flash(joined(failure["message"], failure["next_step"]), "danger")
        return leave_to(url_for(".show", service_key=service.key))
    return leave_to_sign_in(url, service)


def _with_units(service_key: str) -> tuple[Service, Connection]:
    """As `connected`; raises NotFound as well for a tenant that has no parts."""
    service, connection = connected(service_key)
    if not connection.units:
        raise NotFound()
    return service, connection


@blueprint.get(f"{ADD_ON}/units")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def units_tab(service_key: str) -> Answer:
    return show_tab("units", *_with_units(service_key))


@blueprint.post(f"{ADD_ON}/units")
@access.requires(Action.MANAGE_ADD_ONS)
def choose_unit(service_key: str) -> Answer:
    service, connection = _with_units(service_key)
    form = UnitForm(connection)
    if not form.validate():
        return show_part("units", service, connection, unit_form=form, status=422)
    settings_actions.choose(connection, by=current_user, default_unit=form.default_unit.data)
    return show_part("units", service, connection, saved=_("Saved."))


offer_rules(blueprint, Rules(UnitRule, "units", "unit-rules", UnitRuleForm, _with_units))


@blueprint.get(f"{ADD_ON}/usernames")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def usernames(service_key: str) -> Answer:
    """The tab; with choices in the address, what usernames would look like by these."""
    service, connection = connected(service_key)
    form = NamingForm(request.args, meta={"csrf": False})
    changed = {"naming_form": form} if request.args and form.validate() else {}
    return swap(
        "addons/_settings_examples.html", in_page="addons/settings.html", back_to=None,
        **_context("usernames", service, connection, **changed),
    )  # fmt: skip


@blueprint.post(f"{ADD_ON}/usernames")
@access.requires(Action.MANAGE_ADD_ONS)
def choose_naming(service_key: str) -> Answer:
    service, connection = connected(service_key)
    form = NamingForm()
    if not form.validate():
        return show_part("usernames", service, connection, naming_form=form, status=422)
    settings_actions.choose(connection, by=current_user, **form.values)
    return show_part("usernames", service, connection, naming_form=form, saved=_("Saved."))
