"""The tab Licences of an add-on's settings: rules for new accounts, what leavers keep, seats, and deleting accounts."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access
from portal.access import Action
from portal.addons.settings_forms import LicenceDefaultsForm, LicenceRuleForm, SeatsForm, seats_forms
from portal.addons.settings_views import PAGES, TABS, Rules, connected, offer_rules, show_part, show_tab
from portal.addons.views import ADD_ON
from portal.connections import settings_actions
from portal.connections.models import Connection
from portal.connections.offer import name_of
from portal.connections.settings import RULES_BY, LicenceRule, rules_of, settings_of
from portal.connectors.base import Service
from portal.controls import views as controls
from portal.controls.table import deleting_key, licences_key
from portal.languages import gettext as _
from portal.web import Answer, leave_to

blueprint = Blueprint("licence_settings", __name__)


def _with_licences(service_key: str) -> tuple[Service, Connection]:
    """As `connected`; raises NotFound as well for an application that has no licences."""
    service, connection = connected(service_key)
    if not service.capabilities.has_licences:
        raise NotFound()
    return service, connection


def _of_licences(service: Service, connection: Connection) -> dict[str, Any]:
    return {
        "rules": rules_of(connection), "rules_by": RULES_BY,
        "defaults_form": LicenceDefaultsForm(connection), "rule_form": LicenceRuleForm(connection),
        "licence_name": lambda licence_id: name_of(connection, licence_id), "seats_forms": seats_forms(connection),
        "may_delete": settings_of(connection).may_delete,
    }  # fmt: skip


TABS["licences"] = _of_licences
PAGES["licences"] = "licence_settings.licences_tab"


@blueprint.get(f"{ADD_ON}/licences")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def licences_tab(service_key: str) -> Answer:
    return show_tab("licences", *_with_licences(service_key))


@blueprint.post(f"{ADD_ON}/licences")
@access.requires(Action.MANAGE_ADD_ONS)
def choose_licences(service_key: str) -> Answer:
    service, connection = _with_licences(service_key)
    form = LicenceDefaultsForm(connection)
    if not form.validate():
        return show_part("licences", service, connection, defaults_form=form, status=422)
    values = form.values
    leavers_lose_them = values.pop("licences_go_on_deactivate")
    settings_actions.choose(connection, by=current_user, **values)
    given = controls.give(licences_key(service.key), leavers_lose_them)
    if given.response is not None:
        return given.response
    return show_part("licences", service, connection, saved=given.words or _("Saved."))


@blueprint.post(f"{ADD_ON}/deleting")
@access.requires(Action.MANAGE_ADD_ONS)
def choose_deleting(service_key: str) -> Answer:
    """Let accounts be deleted, which waits for a second Admin, or not any more."""
    service = _with_licences(service_key)[0]
    if not service.capabilities.restores:
        raise NotFound()
    given = controls.give(deleting_key(service.key), request.form.get("value") == "on")
    if given.response is not None:
        return given.response
    given.flash(_("Saved."))
    return leave_to(url_for(".licences_tab", service_key=service.key))


offer_rules(blueprint, Rules(LicenceRule, "licences", "licence-rules", LicenceRuleForm, _with_licences))


@blueprint.post(f"{ADD_ON}/seats")
@access.requires(Action.MANAGE_ADD_ONS)
def enter_seats(service_key: str) -> Answer:
    """How many seats of a licence were bought, where the application does not tell; nothing for not known."""
    service, connection = _with_licences(service_key)
    form = SeatsForm(connection)
    if not form.validate():
        forms = [form if one.licence.data == form.licence.data else one for one in seats_forms(connection)]
        return show_part("licences", service, connection, seats_forms=forms, status=422)
    settings_actions.enter_seats(connection, form.licence.data, form.bought.data, by=current_user)
    return show_part("licences", service, Connection.get_by_id(connection.id), saved=_("Saved."))
