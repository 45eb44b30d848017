"""Linking an account that is in the tenant already, restoring a deleted one, and taking a link away."""

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, params, seeing
from portal.access import Action
from portal.account_page.card import card_of
from portal.account_page.card_page import PLACE, act, asked, looked_for, show_card
from portal.accounts import fields
from portal.accounts.place import Place
from portal.connectors.capabilities import LONGEST_ACCOUNT_ID
from portal.connectors.errors import ConnectorError, NotFound
from portal.languages import gettext as _
from portal.provisioning import actions, restoring
from portal.theirs import looking
from portal.theirs.rules import LinkOffer
from portal.web import Answer, fragment, wants_fragment_of

blueprint = Blueprint("linking", __name__)


@blueprint.get(f"{PLACE}/link")
@access.requires(Action.LINK_ACCOUNTS)
def ask_link(employee_id: int, service_key: str) -> Answer:
    """Search the tenant for the account that is this person's."""
    place = seeing.place_or_404(employee_id, service_key)
    text = params.line("q", most=200, otherwise=place.employee.name)
    found, problem = [], None
    try:
        found = asked(place, lambda: looking.candidates(place.employee, place.connection, text))
        found = [one for one in found if not seeing.why_not_link(one, place)]
    except ConnectorError as error:
        problem = error
    if wants_fragment_of(f"link-results-{service_key}"):
        return fragment("account_page/_link_results.html", card=card_of(place), found=found, text=text, problem=problem)
    return show_card(place, panel="link", found=found, text=text, problem=problem)


def _not_theirs_to_decide(place: Place, remote_id: str) -> Response | None:
    """The card with a word about it, for an account about which a user of one part does not decide; else None."""
    if not seeing.sight_of().is_part:
        return None
    try:
        actions.check_id(place.connection, remote_id)
        candidate = asked(place, lambda: looking.candidate(place.employee, place.connection, remote_id))
        note = seeing.why_not_link(candidate, place)
    except actions.NothingToDo as problem:
        note = problem.message
    except NotFound:
        note = seeing.why_not_link(None, place)
    except ConnectorError as error:
        return show_card(place, panel="problem", problem=error, once=True)
    return show_card(place, note=note, once=True) if note else None


@blueprint.get(f"{PLACE}/link/confirm")
@access.requires(Action.LINK_ACCOUNTS)
def ask_link_this(employee_id: int, service_key: str) -> Answer:
    """Whose account it is, the evidence, and what the HR record would change of it."""
    place = seeing.place_or_404(employee_id, service_key)
    remote_id = params.line("remote_id", most=LONGEST_ACCOUNT_ID)
    if (answer := _not_theirs_to_decide(place, remote_id)) is not None:
        return answer
    try:
        candidate, lines = asked(place, lambda: _before_linking(place, remote_id))
    except actions.NothingToDo as problem:
        return show_card(place, note=problem.message)
    except ConnectorError as error:
        return show_card(place, panel="problem", problem=error)
    if candidate.deleted and not candidate.holder:
        return _ask_restore(place, remote_id)
    if candidate.barred:
        return show_card(place, panel="protected", reasons=[candidate.barred])
    reasons = [candidate.watched] if candidate.watched else []
    return show_card(place, panel="link confirm", candidate=candidate, lines=lines, reasons=reasons)


def _before_linking(place: Place, remote_id: str) -> tuple[LinkOffer, list[fields.Line]]:
    actions.check_choice(place.connection, remote_id)
    candidate = looking.candidate(place.employee, place.connection, remote_id)
    lines = [] if candidate.deleted else fields.differences(candidate.remote, place.employee, place.connection)
    return candidate, lines


@blueprint.post(f"{PLACE}/link")
@access.requires(Action.LINK_ACCOUNTS)
def link_account(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    remote_id, send = request.form.get("remote_id", "")[:LONGEST_ACCOUNT_ID], "send_record" in request.form
    if (answer := _not_theirs_to_decide(place, remote_id)) is not None:
        return answer
    return act(place, lambda: actions.link_account(place, remote_id, send_record=send, by=current_user))


@blueprint.get(f"{PLACE}/restore")
@access.requires(Action.LINK_ACCOUNTS)
def ask_restore(employee_id: int, service_key: str) -> Answer:
    """Whose account it was, the evidence, when it was deleted, and under which name it comes back."""
    return _ask_restore(
        seeing.place_or_404(employee_id, service_key), params.line("remote_id", most=LONGEST_ACCOUNT_ID)
    )


@blueprint.post(f"{PLACE}/restore")
@access.requires(Action.LINK_ACCOUNTS)
def restore_account(employee_id: int, service_key: str) -> Answer:
    """Restore the account about which the question was answered; without an answer the question is asked."""
    place = seeing.place_or_404(employee_id, service_key)
    remote_id, typed = (
        request.form.get("remote_id", "")[:LONGEST_ACCOUNT_ID],
        params.one_line(request.form.get("username", ""), most=300),
    )
    if request.form.get("seen") != remote_id:
        return _ask_restore(place, remote_id)
    if (answer := _not_theirs_to_decide(place, remote_id)) is not None:
        return answer
    username, problem, domain = "", "", request.form.get("domain", "")
    try:
        question = asked(place, lambda: restoring.question(place, remote_id))
        if question.taken:
            username, problem = asked(place, lambda: restoring.name_for(question, typed, domain))
    except actions.NothingToDo as refusal:
        return show_card(place, note=refusal.message, once=True)
    except ConnectorError:
        # It was confirmed: the operation waits until the tenant answers, and is refused if the name is taken then.
        username = f"{typed}@{domain}" if typed and "@" not in typed else typed
    if problem:
        return show_card(
            place, panel="restore confirm", question=question, typed=typed, wrong=problem, once=True, status=422
        )
    return act(place, lambda: restoring.restore_account(place, remote_id, username=username, by=current_user))


def _ask_restore(place: Place, remote_id: str) -> Response:
    if (answer := _not_theirs_to_decide(place, remote_id)) is not None:
        return answer
    try:
        question = asked(place, lambda: restoring.question(place, remote_id))
    except actions.NothingToDo as problem:
        return show_card(place, note=problem.message, once=True)
    except ConnectorError as error:
        return show_card(place, panel="problem", problem=error, once=True)
    return show_card(place, panel="restore confirm", question=question, typed=question.suggestion, once=True)


@blueprint.post(f"{PLACE}/not-theirs")
@access.requires(Action.LINK_ACCOUNTS)
def decline(employee_id: int, service_key: str) -> Answer:
    """Keep that an account is not this employee's: the portal does not ask about it again."""
    place = seeing.place_or_404(employee_id, service_key)
    remote_id = request.form.get("remote_id", "")[:LONGEST_ACCOUNT_ID]
    if (answer := _not_theirs_to_decide(place, remote_id)) is not None:
        return answer
    try:
        actions.check_choice(place.connection, remote_id)
        candidate = asked(place, lambda: looking.candidate(place.employee, place.connection, remote_id))
    except actions.NothingToDo as problem:
        return show_card(place, note=problem.message, once=True)
    except ConnectorError as error:
        return show_card(place, panel="problem", problem=error, once=True)
    looking.decline(place.employee, place.connection, remote_id, candidate.remote.username, by=current_user)
    note = _(
        "%(username)s is not offered for %(name)s again.", username=candidate.remote.username, name=place.employee.name
    )
    return show_card(place, note=note, look=looked_for(place))


@blueprint.get(f"{PLACE}/unlink")
@access.requires(Action.LINK_ACCOUNTS)
def ask_unlink(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    card = card_of(place)
    return show_card(place, card=card, panel="unlink" if card.account else "")


@blueprint.post(f"{PLACE}/unlink")
@access.requires(Action.LINK_ACCOUNTS)
def unlink_account(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return act(place, lambda: actions.unlink_account(place, by=current_user))
