from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, background
from portal.access import Action
from portal.addons.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.people import successions
from portal.people.models import Employee
from portal.provisioning import actions, fields, licences, queries, usernames
from portal.provisioning.forms import CreateAccountForm, HandOverForm
from portal.provisioning.models import Operation
from portal.web import fragment, swap, wants_fragment_of

blueprint = Blueprint("provisioning", __name__)
Found = TypeVar("Found")
# Seconds after which the page shows that the work goes on, instead of its outcome.
PATIENCE = 5.0
TAB = "/people/employees/<int:employee_id>/account-provisioning"


def _card(
    employee: Employee, *, panel: str = "", status: int = 200, operation: Operation | None = None, **context: Any
) -> Response:
    """The employee's card, with the panel that is open in it: by itself for htmx, else on its page."""
    card = context.pop("card", None) or queries.card_of(employee)
    shown = operation.id if operation else None
    once = context.pop("once", False)
    back_to = None if once else url_for("provisioning.account_tab", employee_id=employee.id, shown=shown)
    context = {"employee": employee, "tab": "account-provisioning", "card": card, "panel": panel, **context}
    context.setdefault("announce", operation is not None)
    return swap(
        "provisioning/_account_card.html", in_page="provisioning/account_tab.html",
        back_to=back_to, status=status, **context,
    )  # fmt: skip


def _asked(question: Callable[[], Found]) -> Found:
    """The tenant's answer to a question. Raises a ConnectorError, also when it takes longer than a person waits."""
    try:
        return background.within(PATIENCE, question)
    except background.StillUnderWay:
        raise TryLater("The application did not answer in time.", next_step="Wait a moment, then try again.") from None


def _read_card(employee: Employee) -> queries.Card:
    """The employee's card, with what is true in the tenant now; what was last read when the tenant does not answer."""
    try:
        return _asked(lambda: queries.card_of(employee, read=True))
    except TryLater as error:
        card = queries.card_of(employee)
        card.unread = error
        return card


@blueprint.get(TAB)
@access.requires(Action.VIEW_ACTIVITY, advertised=True)
def account_tab(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = _read_card(employee)
    shown = request.args.get("shown", type=int)
    return _card(employee, card=card, announce=bool(card.operation and card.operation.id == shown))


@blueprint.get(f"{TAB}/status")
@access.requires(Action.PROVISION)
def account_status(employee_id: int):
    """The card while an operation is under way, asked for every second."""
    return _card(access.employee_or_404(employee_id), announce=True)


@blueprint.get(f"{TAB}/create")
@access.requires(Action.PROVISION)
def ask_create(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = queries.card_of(employee)
    connection = actions.live_connection(employee)
    if card.account is not None or (card.operation and card.operation.is_open):
        return _card(employee, card=card)
    try:
        suggestion = _asked(lambda: _offer(employee, connection))
    except ConnectorError as error:
        return _card(employee, card=card, panel="problem", problem=error)
    form = CreateAccountForm(employee, connection)
    form.username.data = suggestion.local_part
    return _card(employee, card=card, panel="create", form=form, rehire=suggestion.deleted)


def _offer(employee: Employee, connection: Connection) -> usernames.Suggestion:
    """Read domains and licences for the form, and a username that is free. Raises ConnectorError."""
    licences.read_offer(connection)
    domain = connection.domains[0] if connection.domains else ""
    return usernames.suggest(employee, connection, for_connection(connection), domain)


@blueprint.post(f"{TAB}/create")
@access.requires(Action.PROVISION)
def create_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    form = CreateAccountForm(employee, actions.live_connection(employee))
    if not form.validate():
        return _card(employee, panel="create", form=form, status=422)
    try:
        return _act(employee, lambda: actions.create_account(employee, form.account_request(), by=current_user))
    except actions.NameTaken as problem:
        form.username.errors = [f"{problem.message} {problem.next_step}"]
        advice = _advice(employee, form.username.data, form.domain.data)
        return _card(employee, panel="create", form=form, advice=advice, status=problem.status)


@blueprint.get(f"{TAB}/deactivate")
@access.requires(Action.PROVISION)
def ask_deactivate(employee_id: int):
    return _ask(access.employee_or_404(employee_id), "deactivate")


@blueprint.post(f"{TAB}/deactivate")
@access.requires(Action.PROVISION)
def deactivate_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return _act(employee, lambda: actions.deactivate_account(employee, by=current_user))


@blueprint.get(f"{TAB}/reactivate")
@access.requires(Action.PROVISION)
def ask_reactivate(employee_id: int):
    return _ask(access.employee_or_404(employee_id), "reactivate")


@blueprint.post(f"{TAB}/reactivate")
@access.requires(Action.PROVISION)
def reactivate_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return _act(employee, lambda: actions.reactivate_account(employee, by=current_user))


@blueprint.get(f"{TAB}/resend")
@access.requires(Action.PROVISION)
def ask_resend(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return _ask(employee, "resend", form=HandOverForm(employee))


@blueprint.post(f"{TAB}/resend")
@access.requires(Action.PROVISION)
def resend_login_information(employee_id: int):
    employee = access.employee_or_404(employee_id)
    form = HandOverForm(employee)
    if not form.validate():
        return _card(employee, panel="resend", form=form, status=422)
    how, send_at = form.hand_over, form.send_at
    return _act(employee, lambda: actions.resend_login_information(employee, how=how, send_at=send_at, by=current_user))


@blueprint.post(f"{TAB}/cancel-mail")
@access.requires(Action.PROVISION)
def cancel_login_mail(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = queries.card_of(employee)
    if card.account is not None:
        actions.cancel_login_mail(card.account, by=current_user)
    return _card(employee)


@blueprint.post(f"{TAB}/send-mail-now")
@access.requires(Action.PROVISION)
def send_login_mail_now(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = queries.card_of(employee)
    if card.account is not None:
        actions.send_login_mail_now(card.account, by=current_user)
    return _card(employee)


@blueprint.post(f"{TAB}/show-password")
@access.requires(Action.PROVISION)
@access.password_first
def show_password(employee_id: int):
    """The temporary password, once. Never on a page that can be asked for again."""
    employee = access.employee_or_404(employee_id)
    password = actions.take_password_once(employee, by=current_user)
    return _card(employee, panel="password", password=password, once=True)


@blueprint.get(f"{TAB}/username")
@access.requires(Action.PROVISION)
def advise_username(employee_id: int):
    """Whether the username that is being typed is free, and who holds it if not."""
    employee = access.employee_or_404(employee_id)
    typed, domain = request.args.get("username", "")[:300].strip(), request.args.get("domain", "")
    return fragment("provisioning/_username_advice.html", employee=employee, advice=_advice(employee, typed, domain))


def _advice(employee: Employee, typed: str, domain: str) -> usernames.Advice:
    """What is said about a username; a whole address is understood too."""
    connection = actions.live_connection(employee)
    local_part, at, own_domain = typed.rpartition("@") if "@" in typed else (typed, "", "")
    try:
        return _asked(
            lambda: usernames.advise(
                employee, connection, for_connection(connection), local_part, own_domain.casefold() if at else domain
            )
        )
    except ConnectorError as error:
        return usernames.Advice(False, f"Whether the username is free could not be asked just now. {error.message}")


@blueprint.get(f"{TAB}/link")
@access.requires(Action.PROVISION)
def ask_link(employee_id: int):
    """Search the tenant for the account that is this person's."""
    employee = access.employee_or_404(employee_id)
    connection = actions.live_connection(employee)
    text = request.args.get("q", employee.name)[:200].strip()
    found, problem = [], None
    try:
        found = _asked(lambda: queries.candidates(employee, connection, text))
    except ConnectorError as error:
        problem = error
    if wants_fragment_of("link-results"):
        return fragment("provisioning/_link_results.html", employee=employee, found=found, text=text, problem=problem)
    return _card(employee, panel="link", found=found, text=text, problem=problem)


@blueprint.get(f"{TAB}/link/confirm")
@access.requires(Action.PROVISION)
def ask_link_this(employee_id: int):
    """Whose account it is, what speaks for it, and what the HR record would change of it."""
    employee = access.employee_or_404(employee_id)
    connection = actions.live_connection(employee)
    remote_id = request.args.get("remote_id", "")[:64]
    try:
        candidate, lines = _asked(lambda: _before_linking(employee, connection, remote_id))
    except actions.NothingToDo as problem:
        return _card(employee, note=problem.message)
    except ConnectorError as error:
        return _card(employee, panel="problem", problem=error)
    if candidate.barred:
        return _card(employee, panel="protected", reasons=[candidate.barred])
    reasons = [candidate.watched] if candidate.watched else []
    return _card(employee, panel="link confirm", candidate=candidate, lines=lines, reasons=reasons)


def _before_linking(
    employee: Employee, connection: Connection, remote_id: str
) -> tuple[queries.Candidate, list[fields.Line]]:
    actions.check_choice(connection, remote_id)
    candidate = queries.candidate(employee, connection, remote_id)
    return candidate, fields.differences(candidate.remote, employee, connection)


@blueprint.post(f"{TAB}/link")
@access.requires(Action.PROVISION)
def link_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    remote_id, send = request.form.get("remote_id", "")[:64], "send_record" in request.form
    return _act(employee, lambda: actions.link_account(employee, remote_id, send_record=send, by=current_user))


@blueprint.post(f"{TAB}/restore")
@access.requires(Action.PROVISION)
def restore_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    remote_id = request.form.get("remote_id", "")[:64]
    return _act(employee, lambda: actions.restore_account(employee, remote_id, by=current_user))


@blueprint.get(f"{TAB}/update")
@access.requires(Action.PROVISION)
def ask_update(employee_id: int):
    """What sending the HR record would change, person by person."""
    employee = access.employee_or_404(employee_id)
    card = queries.card_of(employee)
    if card.account is None:
        return _card(employee, card=card)
    try:
        account = card.account
        reasons = _asked(lambda: queries.why_left_alone(account))
        lines = [] if reasons else _asked(lambda: fields.before_and_after(account, employee))
    except ConnectorError as error:
        return _card(employee, card=card, panel="problem", problem=error)
    return _card(employee, card=card, panel="protected" if reasons else "update", reasons=reasons, lines=lines)


@blueprint.post(f"{TAB}/update")
@access.requires(Action.PROVISION)
def update_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return _act(employee, lambda: actions.update_account(employee, by=current_user))


@blueprint.get(f"{TAB}/unlink")
@access.requires(Action.PROVISION)
def ask_unlink(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = queries.card_of(employee)
    return _card(employee, card=card, panel="unlink" if card.account else "")


@blueprint.post(f"{TAB}/unlink")
@access.requires(Action.PROVISION)
def unlink_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return _act(employee, lambda: actions.unlink_account(employee, by=current_user))


def _ask(employee: Employee, verb: str, **context: Any) -> Response:
    """The question before a verb: what it will do, or why this account is not touched."""
    connection = actions.live_connection(employee)
    card = _read_card(employee)
    if card.account is None or (card.operation and card.operation.is_open):
        return _card(employee, card=card)
    taken, given_back = licences.to_take(card.account), licences.to_give_back(card.account)
    try:
        account = card.account
        reasons = _asked(lambda: queries.why_left_alone(account))
        if given_back:
            _asked(lambda: licences.read_offer(connection))
    except ConnectorError as error:
        return _card(employee, card=card, panel="problem", problem=error)
    return _card(
        employee, card=card, panel="protected" if reasons else verb, reasons=reasons,
        taken=taken.values(), given_back=licences.with_seats(connection, given_back),
        reports=successions.reports_of(employee).count() if verb == "deactivate" else 0, **context,
    )  # fmt: skip


def _act(employee: Employee, act) -> Response:
    """Carry the action out and show the card as it then is. A repeated press shows it with a word, and does nothing."""
    try:
        operation = background.within(PATIENCE, act)
    except background.StillUnderWay:
        return _card(employee)
    except actions.NothingToDo as problem:
        return _card(employee, note=problem.message)
    return _card(employee, operation=operation)
