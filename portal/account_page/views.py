"""The Account provisioning tab: what each verb asks, does and answers. Linking is in link_views.py."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, params, seeing
from portal.access import Action
from portal.account_page.card import card_of, why_left_alone
from portal.account_page.card_page import (
    PLACE,
    TAB,
    act,
    ask,
    asked,
    found_by,
    look_for,
    look_for_all,
    looked_for,
    password_first,
    read_card,
    read_cards,
    show_card,
    show_tab,
)  # fmt: skip
from portal.account_page.forms import CreateAccountForm
from portal.account_page.hand_over_form import HandOverForm
from portal.accounts import fields
from portal.accounts.place import Place
from portal.connections import health, offer
from portal.connections.live import NotConnected
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.hand_over import actions as login_information
from portal.hand_over import delivery
from portal.hand_over.actions import take_password_once
from portal.hand_over.models import Secret
from portal.languages import gettext as _
from portal.languages import joined
from portal.operations.models import Operation
from portal.provisioning import actions, usernames
from portal.theirs import seen
from portal.theirs.looking import Look
from portal.web import Answer, fragment, leave_to, wants_fragment

blueprint = Blueprint("account_page", __name__)


@blueprint.get(TAB)
@access.requires(Action.VIEW_ACTIVITY, advertised=True)
def account_tab(employee_id: int) -> Answer:
    """A card for each connected application, as it is there now."""
    employee = seeing.employee_or_404(employee_id)
    cards, shown = read_cards(seeing.places_of(employee)), params.number("shown")
    if access.may(Action.PROVISION):
        look_for_all(cards)
    for card in cards:
        card.announce = bool(card.operation and card.operation.id == shown)
    return show_tab(employee, cards)


@blueprint.get(PLACE)
@access.requires(Action.PROVISION)
def account_card(employee_id: int, service_key: str) -> Answer:
    """One card as it is when nothing is asked; the tab without JavaScript, and once the application is disconnected."""
    try:
        place = seeing.place_or_404(employee_id, service_key)
    except NotConnected:
        return _to_tab(employee_id)
    if not wants_fragment():
        return _to_tab(employee_id)
    card = read_card(place)
    return show_card(place, card=card, look=looked_for(place) if card.may_look else None)


@blueprint.get(f"{PLACE}/status")
@access.requires(Action.PROVISION)
def account_status(employee_id: int, service_key: str) -> Answer:
    """The card while an operation is under way, asked for every second."""
    try:
        return show_card(seeing.place_or_404(employee_id, service_key), announce=True)
    except NotConnected:
        return _to_tab(employee_id)


def _to_tab(employee_id: int) -> Response:
    return leave_to(url_for(".account_tab", employee_id=employee_id))


@blueprint.get(f"{PLACE}/create")
@access.requires(Action.PROVISION)
def ask_create(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    card = card_of(place)
    if card.account is not None or card.is_busy:
        return show_card(place, card=card)
    look = look_for(place)
    try:
        suggestion = asked(place, lambda: _offer(place))
    except ConnectorError as error:
        health.note(place.connection, error)
        return show_card(place, card=card, panel="problem", problem=error)
    health.note(place.connection, None)
    form = CreateAccountForm(place)
    form.username.data = suggestion.local_part
    return _create_form(form, found_by(look, place), card=card, not_the_first=suggestion.sentence)


def _offer(place: Place) -> usernames.Suggestion:
    """Read domains and licences for the form, and a username that is free. Raises ConnectorError."""
    connection = place.connection
    offer.read(connection)
    domain = connection.domains[0] if connection.domains else ""
    return usernames.suggest(place.employee, connection, for_connection(connection), domain)


@blueprint.post(f"{PLACE}/create")
@access.requires(Action.PROVISION)
def create_account(employee_id: int, service_key: str) -> Answer:
    """Create the account. One that may be theirs already is asked about first, whichever way this was sent."""
    place = seeing.place_or_404(employee_id, service_key)
    password_first(place.employee)
    form = CreateAccountForm(place)
    good, another = form.validate(), bool(form.another.data)
    look = Look() if good and (another or form.was_looked) else looked_for(place)
    if look.candidates and not another:
        form.another.errors = [_("Link the account above, or tick this to create another one.")]
    if not good or (look.candidates and not another):
        return _create_form(form, look, status=422)
    wanted = form.account_request()
    if not form.lose_deleted.data and (lost := _lost_by(place, wanted.username)):
        form.lose_deleted.errors = [_("Restore that account, choose another username, or tick this.")]
        advice = _advice(place, form.username.data, form.domain.data)
        return _create_form(form, look, advice=advice, lost=lost, status=422)
    # What could not be checked now is checked by the operation itself, before it creates anything.
    when = "later" if look.unchecked else "done"
    try:
        return act(place, lambda: actions.create_account(place, wanted, by=current_user, another=another, look=when))
    except actions.NameTaken as problem:
        form.username.errors = [joined(problem.message, problem.next_step)]
        advice = _advice(place, form.username.data, form.domain.data)
        return _create_form(form, look, advice=advice, status=problem.status)


def _lost_by(place: Place, username: str) -> str:
    """Whose deleted account would be lost for good by giving its name away, as a sentence; empty when nobody's."""
    connection = place.connection
    try:
        return asked(place, lambda: usernames.lost_by(username, connection, for_connection(connection)))
    except ConnectorError:
        # The operation looks again, and waits for as long as nobody can say.
        return ""


def _create_form(form: CreateAccountForm, look: Look, **context: Any) -> Response:
    place = form.place
    form.looked.data = seen.word_of(look, place.employee, place.connection)
    return show_card(place, panel="create", form=form, look=look, **context)


@blueprint.get(f"{PLACE}/deactivate")
@access.requires(Action.PROVISION)
def ask_deactivate(employee_id: int, service_key: str) -> Answer:
    return ask(seeing.place_or_404(employee_id, service_key), "deactivate")


@blueprint.post(f"{PLACE}/deactivate")
@access.requires(Action.PROVISION)
def deactivate_account(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return act(place, lambda: actions.deactivate_account(place, by=current_user))


@blueprint.get(f"{PLACE}/reactivate")
@access.requires(Action.PROVISION)
def ask_reactivate(employee_id: int, service_key: str) -> Answer:
    return ask(seeing.place_or_404(employee_id, service_key), "reactivate")


@blueprint.post(f"{PLACE}/reactivate")
@access.requires(Action.PROVISION)
def reactivate_account(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return act(place, lambda: actions.reactivate_account(place, by=current_user))


@blueprint.get(f"{PLACE}/resend")
@access.requires(Action.PROVISION)
def ask_resend(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return ask(place, "resend", form=HandOverForm(place))


@blueprint.post(f"{PLACE}/resend")
@access.requires(Action.PROVISION)
def resend_login_information(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    password_first(place.employee)
    form = HandOverForm(place)
    if not form.validate():
        return show_card(place, panel="resend", form=form, status=422)
    how, send_at, on_start = form.hand_over, form.send_at, form.on_start

    def resend() -> Operation:
        return actions.resend_login_information(place, how=how, send_at=send_at, on_start=on_start, by=current_user)

    return act(place, resend)


@blueprint.post(f"{PLACE}/cancel-mail")
@access.requires(Action.PROVISION)
def cancel_login_mail(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    if place.account is not None:
        login_information.cancel_login_mail(place.account, by=current_user)
    return show_card(place)


@blueprint.post(f"{PLACE}/send-mail-now")
@access.requires(Action.PROVISION)
def send_login_mail_now(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    password_first(place.employee)
    if place.account is not None:
        login_information.send_login_mail_now(place.account, by=current_user)
    return show_card(place)


@blueprint.post(f"{PLACE}/mail-arrived")
@access.requires(Action.PROVISION)
def confirm_arrival(employee_id: int, service_key: str) -> Answer:
    """The employee has the mail that the mail server did not confirm."""
    place = seeing.place_or_404(employee_id, service_key)
    if place.account is not None:
        delivery.confirm_arrival(place.account, by=current_user)
    return show_card(place)


@blueprint.post(f"{PLACE}/show-password")
@access.requires(Action.PROVISION)
@access.password_first
def show_password(employee_id: int, service_key: str) -> Answer:
    """The temporary password, once. Never on a page that can be asked for again."""
    place = seeing.place_or_404(employee_id, service_key)
    waiting = login_information.pending_mail(place.need_account())
    is_pass = waiting is not None and waiting.secret == Secret.PASS
    password = take_password_once(place.need_account(), by=current_user)
    return show_card(place, panel="password", password=password, is_pass=is_pass, once=True)


@blueprint.get(f"{PLACE}/username")
@access.requires(Action.PROVISION)
def advise_username(employee_id: int, service_key: str) -> Answer:
    """Whether the username that is being typed is free, and who holds it if not."""
    place = seeing.place_or_404(employee_id, service_key)
    typed, domain = params.line("username", most=300), params.line("domain", most=300)
    return fragment("account_page/_username_advice.html", card=card_of(place), advice=_advice(place, typed, domain))


def _advice(place: Place, typed: str, domain: str) -> usernames.Advice:
    """The advice about a username; a whole address is understood too."""
    connection = place.connection
    local_part, at, own_domain = typed.rpartition("@") if "@" in typed else (typed, "", "")
    domain = own_domain.casefold() if at else domain
    try:
        return asked(
            place, lambda: usernames.advise(place.employee, connection, for_connection(connection), local_part, domain)
        )
    except ConnectorError as error:
        return usernames.Advice(False, _("We couldn’t check this username. %(message)s", message=error.message))


@blueprint.get(f"{PLACE}/create/consequence", defaults={"verb": "create"})
@blueprint.get(f"{PLACE}/resend/consequence", defaults={"verb": "resend"})
@access.requires(Action.PROVISION)
def say_consequence(employee_id: int, service_key: str, verb: str) -> Answer:
    """What the form's button would do now, in a sentence, for what is chosen in it at this moment."""
    kind = CreateAccountForm if verb == "create" else HandOverForm
    form = kind(seeing.place_or_404(employee_id, service_key), formdata=request.args, meta={"csrf": False})
    return fragment("account_page/_consequence.html", words=form.sentence())


@blueprint.get(f"{PLACE}/update")
@access.requires(Action.PROVISION)
def ask_update(employee_id: int, service_key: str) -> Answer:
    """What sending the HR record would change, person by person."""
    place = seeing.place_or_404(employee_id, service_key)
    card = card_of(place)
    if card.account is None:
        return show_card(place, card=card)
    try:
        account = card.account
        reasons = asked(place, lambda: why_left_alone(account))
        lines = [] if reasons else asked(place, lambda: fields.before_and_after(account, place.employee))
    except ConnectorError as error:
        return show_card(place, card=card, panel="problem", problem=error)
    return show_card(place, card=card, panel="protected" if reasons else "update", reasons=reasons, lines=lines)


@blueprint.post(f"{PLACE}/update")
@access.requires(Action.PROVISION)
def update_account(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return act(place, lambda: actions.update_account(place, by=current_user))
