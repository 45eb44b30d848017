"""The card of somebody who is about to start: the sign-in is allowed, with a password or a pass. And the picture."""

from flask import Blueprint, request
from flask_login import current_user

from portal import access, seeing
from portal.access import Action
from portal.account_page.card_page import PLACE, act, ask, asked, password_first
from portal.account_page.hand_over_form import HandOverForm
from portal.accounts.place import Place
from portal.connectors.errors import ConnectorError, TryLater
from portal.joining import passes
from portal.languages import gettext as _
from portal.portraits import actions as portraits
from portal.provisioning import actions
from portal.web import Answer

blueprint = Blueprint("first_day", __name__)


@blueprint.get(f"{PLACE}/allow")
@access.requires(Action.PROVISION)
def ask_allow(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return ask(place, "allow", form=HandOverForm(place), why_no_pass=_why_no_pass(place))


@blueprint.post(f"{PLACE}/allow")
@access.requires(Action.PROVISION)
def allow_sign_in(employee_id: int, service_key: str) -> Answer:
    """Allow it now, ahead of the morning or after it."""
    place = seeing.place_or_404(employee_id, service_key)
    password_first(place.employee)
    with_pass = "with_pass" in request.form and place.service.capabilities.has_passes
    return act(place, lambda: actions.allow_sign_in(place, with_pass=with_pass, by=current_user))


@blueprint.get(f"{PLACE}/pass")
@access.requires(Action.PROVISION)
def ask_pass(employee_id: int, service_key: str) -> Answer:
    """What a pass does; or that this person gets a password by link instead, before anything is done."""
    place = seeing.place_or_404(employee_id, service_key)
    why_not = _why_no_pass(place)
    return ask(place, "pass", form=HandOverForm(place), why_no_pass=why_not, hours="" if why_not else _hours(place))


@blueprint.post(f"{PLACE}/pass")
@access.requires(Action.PROVISION)
def hand_out_pass(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    password_first(place.employee)
    return act(place, lambda: actions.hand_out_pass(place, by=current_user))


@blueprint.get(f"{PLACE}/picture")
@access.requires(Action.PROVISION)
def ask_picture(employee_id: int, service_key: str) -> Answer:
    return ask(seeing.place_or_404(employee_id, service_key), "picture")


@blueprint.post(f"{PLACE}/picture")
@access.requires(Action.PROVISION)
def set_picture(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return act(place, lambda: portraits.set_picture(place, by=current_user))


def _why_no_pass(place: Place) -> str:
    try:
        return asked(place, lambda: passes.why_not(place))
    except TryLater as error:
        return error.message


def _hours(place: Place) -> str:
    try:
        return asked(place, lambda: passes.hours(place))
    except ConnectorError:
        return _("some hours")
