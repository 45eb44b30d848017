"""Linking an account that is in the tenant already, restoring a deleted one, and taking a link away."""

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, params
from portal.access import Action
from portal.account_page.card import card_of
from portal.account_page.card_page import TAB, act, asked, looked_for, show_card
from portal.accounts import fields
from portal.connections.live import live_connection
from portal.connections.models import Connection
from portal.connectors.capabilities import LONGEST_ACCOUNT_ID
from portal.connectors.errors import ConnectorError
from portal.people.models import Employee
from portal.provisioning import actions, restoring
from portal.theirs import looking
from portal.theirs.rules import Candidate
from portal.web import fragment, wants_fragment_of

blueprint = Blueprint("linking", __name__)


@blueprint.get(f"{TAB}/link")
@access.requires(Action.PROVISION)
def ask_link(employee_id: int):
    """Search the tenant for the account that is this person's."""
    employee = access.employee_or_404(employee_id)
    connection = live_connection(employee)
    text = params.line("q", most=200, otherwise=employee.name)
    found, problem = [], None
    try:
        found = asked(lambda: looking.candidates(employee, connection, text))
    except ConnectorError as error:
        problem = error
    if wants_fragment_of("link-results"):
        return fragment("account_page/_link_results.html", employee=employee, found=found, text=text, problem=problem)
    return show_card(employee, panel="link", found=found, text=text, problem=problem)


@blueprint.get(f"{TAB}/link/confirm")
@access.requires(Action.PROVISION)
def ask_link_this(employee_id: int):
    """Whose account it is, what speaks for it, and what the HR record would change of it."""
    employee = access.employee_or_404(employee_id)
    connection = live_connection(employee)
    remote_id = params.line("remote_id", most=LONGEST_ACCOUNT_ID)
    try:
        candidate, lines = asked(lambda: _before_linking(employee, connection, remote_id))
    except actions.NothingToDo as problem:
        return show_card(employee, note=problem.message)
    except ConnectorError as error:
        return show_card(employee, panel="problem", problem=error)
    if candidate.deleted and not candidate.holder:
        return _ask_restore(employee, remote_id)
    if candidate.barred:
        return show_card(employee, panel="protected", reasons=[candidate.barred])
    reasons = [candidate.watched] if candidate.watched else []
    return show_card(employee, panel="link confirm", candidate=candidate, lines=lines, reasons=reasons)


def _before_linking(employee: Employee, connection: Connection, remote_id: str) -> tuple[Candidate, list[fields.Line]]:
    actions.check_choice(connection, remote_id)
    candidate = looking.candidate(employee, connection, remote_id)
    lines = [] if candidate.deleted else fields.differences(candidate.remote, employee, connection)
    return candidate, lines


@blueprint.post(f"{TAB}/link")
@access.requires(Action.PROVISION)
def link_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    remote_id, send = request.form.get("remote_id", "")[:LONGEST_ACCOUNT_ID], "send_record" in request.form
    return act(employee, lambda: actions.link_account(employee, remote_id, send_record=send, by=current_user))


@blueprint.get(f"{TAB}/restore")
@access.requires(Action.PROVISION)
def ask_restore(employee_id: int):
    """Whose account it was, what speaks for it, when it was deleted, and under which name it comes back."""
    return _ask_restore(access.employee_or_404(employee_id), params.line("remote_id", most=LONGEST_ACCOUNT_ID))


@blueprint.post(f"{TAB}/restore")
@access.requires(Action.PROVISION)
def restore_account(employee_id: int):
    """Restore the account about which the question was answered; without an answer the question is asked."""
    employee = access.employee_or_404(employee_id)
    remote_id, typed = (
        request.form.get("remote_id", "")[:LONGEST_ACCOUNT_ID],
        params.one_line(request.form.get("username", ""), most=300),
    )
    if request.form.get("seen") != remote_id:
        return _ask_restore(employee, remote_id)
    connection = live_connection(employee)
    username, problem, domain = "", "", request.form.get("domain", "")
    try:
        question = asked(lambda: restoring.question(employee, connection, remote_id))
        if question.taken:
            username, problem = asked(lambda: restoring.name_for(question, typed, domain))
    except actions.NothingToDo as refusal:
        return show_card(employee, note=refusal.message, once=True)
    except ConnectorError:
        # It was confirmed: the operation waits until the tenant answers, and is refused if the name is taken then.
        username = f"{typed}@{domain}" if typed and "@" not in typed else typed
    if problem:
        return show_card(
            employee, panel="restore confirm", question=question, typed=typed, wrong=problem, once=True, status=422
        )
    return act(employee, lambda: actions.restore_account(employee, remote_id, username=username, by=current_user))


def _ask_restore(employee: Employee, remote_id: str) -> Response:
    connection = live_connection(employee)
    try:
        question = asked(lambda: restoring.question(employee, connection, remote_id))
    except actions.NothingToDo as problem:
        return show_card(employee, note=problem.message, once=True)
    except ConnectorError as error:
        return show_card(employee, panel="problem", problem=error, once=True)
    return show_card(employee, panel="restore confirm", question=question, typed=question.suggestion, once=True)


@blueprint.post(f"{TAB}/not-theirs")
@access.requires(Action.PROVISION)
def decline(employee_id: int):
    """Keep that an account is not this employee's: nobody is asked about it again."""
    employee = access.employee_or_404(employee_id)
    connection = live_connection(employee)
    try:
        actions.check_choice(connection, remote_id := request.form.get("remote_id", "")[:LONGEST_ACCOUNT_ID])
        candidate = asked(lambda: looking.candidate(employee, connection, remote_id))
    except actions.NothingToDo as problem:
        return show_card(employee, note=problem.message, once=True)
    except ConnectorError as error:
        return show_card(employee, panel="problem", problem=error, once=True)
    looking.decline(employee, connection, remote_id, candidate.remote.username, by=current_user)
    note = f"{candidate.remote.username} is not offered for {employee.name} again."
    return show_card(employee, note=note, look=looked_for(card_of(employee)))


@blueprint.get(f"{TAB}/unlink")
@access.requires(Action.PROVISION)
def ask_unlink(employee_id: int):
    employee = access.employee_or_404(employee_id)
    card = card_of(employee)
    return show_card(employee, card=card, panel="unlink" if card.account else "")


@blueprint.post(f"{TAB}/unlink")
@access.requires(Action.PROVISION)
def unlink_account(employee_id: int):
    employee = access.employee_or_404(employee_id)
    return act(employee, lambda: actions.unlink_account(employee, by=current_user))
