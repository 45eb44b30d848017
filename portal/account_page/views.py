"""The Account provisioning tab: what each verb asks, does and answers. Linking is in link_views.py."""

from typing import Any

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, background, params
from portal.access import Action
from portal.account_page.card import card_of, why_left_alone
from portal.account_page.card_page import TAB, act, ask, asked, found_by, looked_for, read_card, show_card
from portal.account_page.forms import CreateAccountForm, HandOverForm
from portal.accounts import fields
from portal.connections import health, offer
from portal.connections.live import live_connection
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.hand_over import actions as login_information
from portal.hand_over import delivery, recipients
from portal.hand_over.actions import take_password_once
from portal.people.models import Employee
from portal.provisioning import actions, usernames
from portal.theirs import looking, seen
from portal.theirs.looking import Look
from portal.web import fragment

blueprint = Blueprint("account_page", __name__)


@blueprint.get(TAB)
@access.requires(Action.VIEW_ACTIVITY, advertised=True)
def account_tab(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = read_card(employee)
    shown = params.number("shown")
    look = looked_for(card) if card.may_look and access.may(Action.PROVISION) else None
    return show_card(employee, card=card, look=look, announce=bool(card.operation and card.operation.id == shown))


@blueprint.get(f"{TAB}/status")
@access.requires(Action.PROVISION)
def account_status(employee_id: int):
    """The card while an operation is under way, asked for every second."""
    return show_card(access.employee_or_404(employee_id), announce=True)


@blueprint.get(f"{TAB}/create")
@access.requires(Action.PROVISION)
def ask_create(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = card_of(employee)
    connection = live_connection(employee)
    if card.account is not None or (card.operation and card.operation.is_open):
        return show_card(employee, card=card)
    look = background.begin(lambda: looking.look(employee, connection))
    try:
        suggestion = asked(lambda: _offer(employee, connection))
    except ConnectorError as error:
        health.note(connection, error)
        return show_card(employee, card=card, panel="problem", problem=error)
    health.note(connection, None)
    form = CreateAccountForm(employee, connection)
    form.username.data = suggestion.local_part
    return _create_form(employee, form, found_by(look, employee), card=card, not_the_first=suggestion.sentence)


def _offer(employee: Employee, connection: Connection) -> usernames.Suggestion:
    """Read domains and licences for the form, and a username that is free. Raises ConnectorError."""
    offer.read(connection)
    domain = connection.domains[0] if connection.domains else ""
    return usernames.suggest(employee, connection, for_connection(connection), domain)


@blueprint.post(f"{TAB}/create")
@access.requires(Action.PROVISION)
def create_account(employee_id: int):
    """Create the account. One that may be theirs already is asked about first, whichever way this was sent."""
    employee = access.employee_or_404(employee_id)
    _password_first(employee)
    connection = live_connection(employee)
    form = CreateAccountForm(employee, connection)
    good, another = form.validate(), bool(form.another.data)
    look = Look() if good and (another or form.was_looked) else looked_for(card_of(employee))
    if look.candidates and not another:
        form.another.errors = ["Link the account above, or tick this to create another one."]
    if not good or (look.candidates and not another):
        return _create_form(employee, form, look, status=422)
    # What could not be checked now is checked by the operation itself, before it creates anything.
    when = "later" if look.unchecked else "done"
    wanted = form.account_request()
    try:
        return act(
            employee,
            lambda: actions.create_account(employee, wanted, by=current_user, another=another, look=when),
        )
    except actions.NameTaken as problem:
        form.username.errors = [f"{problem.message} {problem.next_step}"]
        advice = _advice(employee, form.username.data, form.domain.data)
        return _create_form(employee, form, look, advice=advice, status=problem.status)


def _create_form(employee: Employee, form: CreateAccountForm, look: Look, **context: Any) -> Response:
    form.looked.data = seen.word_of(look, employee, form.connection)
    return show_card(employee, panel="create", form=form, look=look, **context)


@blueprint.get(f"{TAB}/deactivate")
@access.requires(Action.PROVISION)
def ask_deactivate(employee_id: int):
    return ask(access.employee_or_404(employee_id), "deactivate")


@blueprint.post(f"{TAB}/deactivate")
@access.requires(Action.PROVISION)
def deactivate_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return act(employee, lambda: actions.deactivate_account(employee, by=current_user))


@blueprint.get(f"{TAB}/reactivate")
@access.requires(Action.PROVISION)
def ask_reactivate(employee_id: int):
    return ask(access.employee_or_404(employee_id), "reactivate")


@blueprint.post(f"{TAB}/reactivate")
@access.requires(Action.PROVISION)
def reactivate_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return act(employee, lambda: actions.reactivate_account(employee, by=current_user))


@blueprint.get(f"{TAB}/resend")
@access.requires(Action.PROVISION)
def ask_resend(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return ask(employee, "resend", form=HandOverForm(employee))


def _password_first(employee: Employee) -> None:
    """Somebody at an unlocked desk could have entered an address of their own. Raises PasswordNeeded."""
    if recipients.changed_lately([employee.id]):
        access.need_password()


@blueprint.post(f"{TAB}/resend")
@access.requires(Action.PROVISION)
def resend_login_information(employee_id: int):
    employee = access.employee_or_404(employee_id)
    _password_first(employee)
    form = HandOverForm(employee)
    if not form.validate():
        return show_card(employee, panel="resend", form=form, status=422)
    how, send_at = form.hand_over, form.send_at
    return act(employee, lambda: actions.resend_login_information(employee, how=how, send_at=send_at, by=current_user))


@blueprint.post(f"{TAB}/cancel-mail")
@access.requires(Action.PROVISION)
def cancel_login_mail(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = card_of(employee)
    if card.account is not None:
        login_information.cancel_login_mail(card.account, by=current_user)
    return show_card(employee)


@blueprint.post(f"{TAB}/send-mail-now")
@access.requires(Action.PROVISION)
def send_login_mail_now(employee_id: int):
    employee = access.employee_or_404(employee_id)
    _password_first(employee)
    card = card_of(employee)
    if card.account is not None:
        login_information.send_login_mail_now(card.account, by=current_user)
    return show_card(employee)


@blueprint.post(f"{TAB}/mail-arrived")
@access.requires(Action.PROVISION)
def confirm_arrival(employee_id: int):
    """The employee has the mail of which the mail server did not say whether it took it."""
    employee = access.employee_or_404(employee_id)
    card = card_of(employee)
    if card.account is not None:
        delivery.confirm_arrival(card.account, by=current_user)
    return show_card(employee)


@blueprint.post(f"{TAB}/show-password")
@access.requires(Action.PROVISION)
@access.password_first
def show_password(employee_id: int):
    """The temporary password, once. Never on a page that can be asked for again."""
    employee = access.employee_or_404(employee_id)
    password = take_password_once(employee, by=current_user)
    return show_card(employee, panel="password", password=password, once=True)


@blueprint.get(f"{TAB}/username")
@access.requires(Action.PROVISION)
def advise_username(employee_id: int):
    """Whether the username that is being typed is free, and who holds it if not."""
    employee = access.employee_or_404(employee_id)
    typed, domain = params.line("username", most=300), params.line("domain", most=300)
    return fragment("account_page/_username_advice.html", employee=employee, advice=_advice(employee, typed, domain))


def _advice(employee: Employee, typed: str, domain: str) -> usernames.Advice:
    """What is said about a username; a whole address is understood too."""
    connection = live_connection(employee)
    local_part, at, own_domain = typed.rpartition("@") if "@" in typed else (typed, "", "")
    try:
        return asked(
            lambda: usernames.advise(
                employee, connection, for_connection(connection), local_part, own_domain.casefold() if at else domain
            )
        )
    except ConnectorError as error:
        return usernames.Advice(False, f"Whether the username is free could not be asked just now. {error.message}")


@blueprint.get(f"{TAB}/update")
@access.requires(Action.PROVISION)
def ask_update(employee_id: int):
    """What sending the HR record would change, person by person."""
    employee = access.employee_or_404(employee_id)
    card = card_of(employee)
    if card.account is None:
        return show_card(employee, card=card)
    try:
        account = card.account
        reasons = asked(lambda: why_left_alone(account))
        lines = [] if reasons else asked(lambda: fields.before_and_after(account, employee))
    except ConnectorError as error:
        return show_card(employee, card=card, panel="problem", problem=error)
    return show_card(employee, card=card, panel="protected" if reasons else "update", reasons=reasons, lines=lines)


@blueprint.post(f"{TAB}/update")
@access.requires(Action.PROVISION)
def update_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return act(employee, lambda: actions.update_account(employee, by=current_user))
