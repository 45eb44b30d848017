from flask import Blueprint
from flask_login import current_user

from portal import access, params
from portal.access import Action
from portal.account_page.card import card_of
from portal.account_page.card_page import TAB, act, asked, show_card
from portal.account_page.licence_forms import LicencesForm
from portal.accounts.known import look_at
from portal.accounts.models import Account
from portal.connections import offer
from portal.connections.live import live_connection
from portal.connectors import for_connection
from portal.connectors.base import Protection, RemoteAccount
from portal.connectors.errors import ConnectorError
from portal.provisioning import actions
from portal.theirs.rules import PROTECTED

blueprint = Blueprint("licences", __name__)


@blueprint.get(f"{TAB}/licences")
@access.requires(Action.PROVISION)
def ask_change(employee_id: int):
    """Which licences the account has, and which there are, with the seats that are left."""
    employee = access.employee_or_404(employee_id)
    connection, card = live_connection(employee), card_of(employee)
    if card.account is None or (card.operation and card.operation.is_open):
        return show_card(employee, card=card)
    account = card.account
    try:
        remote, found = asked(lambda: _read(account))
    except ConnectorError as error:
        return show_card(employee, card=card, panel="problem", problem=error)
    if found:
        return show_card(employee, card=card, panel="protected", reasons=[PROTECTED[kind] for kind in sorted(found)])
    form = LicencesForm(employee, connection, remote)
    form.tick(params.line("tick", most=64))
    return show_card(employee, card=card, panel="licences", form=form)


def _read(account: Account) -> tuple[RemoteAccount, frozenset[Protection]]:
    """The account as it is, and why it is left alone, if so; the offer of licences too. Raises ConnectorError."""
    offer.read(account.connection)
    return look_at(for_connection(account.connection), account)


@blueprint.post(f"{TAB}/licences")
@access.requires(Action.PROVISION)
def change(employee_id: int):
    employee = access.employee_or_404(employee_id)
    form = LicencesForm(employee, live_connection(employee))
    if not form.validate():
        return show_card(employee, panel="licences", form=form, status=422)
    return act(employee, lambda: actions.change_licences(employee, add=form.add, remove=form.remove, by=current_user))
