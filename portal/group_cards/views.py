from typing import Any

from flask import Blueprint
from flask_login import current_user
from wtforms import SelectMultipleField

from portal import access, seeing
from portal.access import Action
from portal.account_page.card import card_of, why_left_alone
from portal.account_page.card_page import PLACE, act, asked, show_card
from portal.account_page.hand_over_form import PlaceForm
from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.connectors.groups import Membership
from portal.group_rules import actions
from portal.group_rules.rules import note_groups, swap_of
from portal.web import Answer

blueprint = Blueprint("group_cards", __name__)


class SwapForm(PlaceForm):
    """What the page showed, so that no more is done than the person saw: group ids."""

    join = SelectMultipleField(validate_choice=False)
    leave = SelectMultipleField(validate_choice=False)


def _held(account: Account) -> tuple[list[str], list[Membership]]:
    """Why the account is left alone, if so, and its groups as they are now. Raises ConnectorError."""
    held = for_connection(account.connection).groups_of(account.remote_id)
    note_groups(account.connection, [one.group for one in held])
    return why_left_alone(account), held


@blueprint.get(f"{PLACE}/groups")
@access.requires(Action.PROVISION)
def ask_swap(employee_id: int, service_key: str) -> Answer:
    """The account's groups, and what the rules would change in them."""
    place = seeing.place_or_404(employee_id, service_key)
    card = card_of(place)
    account = card.account
    if account is None or card.is_busy or not place.service.capabilities.has_groups:
        return show_card(place, card=card)
    try:
        reasons, held = asked(place, lambda: _held(account))
    except ConnectorError as error:
        return show_card(place, card=card, panel="problem", problem=error)
    if reasons:
        return show_card(place, card=card, panel="protected", reasons=reasons)
    return show_card(place, card=card, panel="groups", form=SwapForm(place), **_shown(place, held))


def _shown(place: Place, held: list[Membership]) -> dict[str, Any]:
    swap = swap_of(place)
    members = {one.group.id for one in held if one.member}
    join = {group: name for group, name in swap.join.items() if group not in members}
    return {
        "held": sorted(held, key=lambda one: one.group.name.casefold()), "not_ours": swap.not_ours,
        "join": join, "leave": {group: name for group, name in swap.leave.items() if group in members},
    }  # fmt: skip


@blueprint.post(f"{PLACE}/groups")
@access.requires(Action.PROVISION)
def swap(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    form = SwapForm(place)
    form.validate()
    seen = frozenset([*(form.join.data or ()), *(form.leave.data or ())])
    return act(place, lambda: actions.swap_groups(place, by=current_user, only=seen))
