from flask import Blueprint, flash, g, redirect, url_for
from flask_login import current_user

from portal import access, connected
from portal.access import Action
from portal.connectors import SERVICES
from portal.controls import views as controls
from portal.languages import gettext as _
from portal.organisation_settings.forms import GeneralSettingsForm
from portal.organisations import actions
from portal.web import Answer, page

blueprint = Blueprint("organisations", __name__)


@blueprint.get("/settings/general")
@access.requires(Action.MANAGE_SETTINGS)
def general_settings() -> Answer:
    connections = connected.connections()
    form = GeneralSettingsForm(access.organisation(), connections, obj=access.organisation())
    if form.company_email_from:
        form.company_email_from.data = next(one.service for one in connections if one.gives_company_email)
    return _page(form)


@blueprint.post("/settings/general")
@access.requires(Action.MANAGE_SETTINGS)
def change_general_settings() -> Answer:
    form = GeneralSettingsForm(access.organisation(), connected.connections())
    if not form.validate():
        return _page(form, status=422)
    values = {
        "name": form.name.data,
        "time_zone": form.time_zone.data,
        "country": form.country.data or None,
        "language": form.language.data,
    }
    if form.company_email_from:
        values["company_email_from"] = form.company_email_from.data
    actions.change_settings(access.organisation(), by=current_user, **values)
    # The sentences that follow are in the new one.
    g.pop("language", None)
    given = controls.give("approval_above", form.approval_above.data)
    if given.response is not None:
        return given.response
    flash(_("The general settings are saved."), "success")
    given.flash("")
    return redirect(url_for("organisations.general_settings"), 303)


def _page(form: GeneralSettingsForm, *, status: int = 200) -> Answer:
    return page(
        "organisation_settings/general_settings.html",
        status=status,
        form=form,
        organisation=access.organisation(),
        applications=[service.name for service in SERVICES.values()],
    )
