"""The card of somebody who is about to start: the sign-in of an account that was made ahead is allowed."""

from flask import Blueprint
from flask_login import current_user

from portal import access
from portal.access import Action
from portal.account_page.card_page import PLACE, act, ask, password_first
from portal.account_page.hand_over_form import HandOverForm
from portal.provisioning import actions
from portal.web import Answer

blueprint = Blueprint("first_day", __name__)


@blueprint.get(f"{PLACE}/allow")
@access.requires(Action.PROVISION)
def ask_allow(employee_id: int, service_key: str) -> Answer:
    place = access.place_or_404(employee_id, service_key)
    return ask(place, "allow", form=HandOverForm(place))


@blueprint.post(f"{PLACE}/allow")
@access.requires(Action.PROVISION)
def allow_sign_in(employee_id: int, service_key: str) -> Answer:
    """Allow it now, ahead of the morning or after it."""
    place = access.place_or_404(employee_id, service_key)
    password_first(place.employee)
    return act(place, lambda: actions.allow_sign_in(place, by=current_user))
