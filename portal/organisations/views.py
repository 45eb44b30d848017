from flask import Blueprint

from portal import access
from portal.access import Action
from portal.web import page

blueprint = Blueprint("organisations", __name__)


@blueprint.get("/settings/general")
@access.requires(Action.MANAGE_SETTINGS)
def general_settings():
    return page("organisations/general_settings.html", organisation=access.organisation())
