from flask import Blueprint
from flask_login import current_user

from portal import access, params, seeing
from portal.access import Action
from portal.account_page.card import card_of
from portal.account_page.card_page import PLACE, act, asked, show_card
from portal.account_page.licence_forms import LicencesForm
from portal.accounts.known import look_at, remember_account
from portal.accounts.models import Account
from portal.connections import offer
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.connectors.values import Protection, RemoteAccount
from portal.provisioning import actions
from portal.theirs.rules import PROTECTED
from portal.web import Answer

blueprint = Blueprint("licences", __name__)


@blueprint.get(f"{PLACE}/licences")
@access.requires(Action.PROVISION)
def ask_change(employee_id: int, service_key: str) -> Answer:
    """Which licences the account has, and which there are, with the seats that are left."""
    place = seeing.place_or_404(employee_id, service_key)
    card = card_of(place)
    if card.account is None or card.is_busy:
        return show_card(place, card=card)
    account = card.account
    try:
        remote, found = asked(place, lambda: _read(account))
    except ConnectorError as error:
        return show_card(place, card=card, panel="problem", problem=error)
    if found:
        return show_card(place, card=card, panel="protected", reasons=[PROTECTED[kind] for kind in sorted(found)])
    form = LicencesForm(place, remote)
    form.tick(params.line("tick", most=64))
    return show_card(place, card=card, panel="licences", form=form)


def _read(account: Account) -> tuple[RemoteAccount, frozenset[Protection]]:
    """The account as it is, and why it is left alone, if so; the offer of licences too. Raises ConnectorError."""
    offer.read(account.connection)
    connector = for_connection(account.connection)
    remote, found = look_at(connector, account)
    remote = connector.with_licences(remote, account.licence_ids)
    remember_account(account, remote)
    return remote, found


@blueprint.post(f"{PLACE}/licences")
@access.requires(Action.PROVISION)
def change(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    form = LicencesForm(place)
    if not form.validate():
        return show_card(place, panel="licences", form=form, status=422)
    return act(place, lambda: actions.change_licences(place, add=form.add, remove=form.remove, by=current_user))
