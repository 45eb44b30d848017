"""The answers of all that can be done on the Account provisioning tab: the employee's card, with what came of it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from flask import url_for
from werkzeug.wrappers import Response

from portal import background
from portal.account_page.card import Card, card_of, why_left_alone
from portal.accounts import licences
from portal.accounts.known import note_protections
from portal.accounts.models import Account
from portal.connections import offer
from portal.connections.live import live_connection
from portal.connections.offer import with_seats
from portal.connectors import for_connection
from portal.connectors.base import Protection
from portal.connectors.errors import ConnectorError, TryLater
from portal.operations.models import Operation
from portal.operations.taken import to_give_back
from portal.people.models import Employee
from portal.provisioning import actions
from portal.reporting_lines import successions
from portal.theirs import looking
from portal.theirs.looking import Look
from portal.web import swap

Found = TypeVar("Found")
# Seconds after which the page shows that the work goes on, instead of its outcome.
PATIENCE = 5.0
# The same for a look whether somebody has an account already, which nobody has asked for.
LOOKED_FOR_IN = 3.0
TAB = "/people/employees/<int:employee_id>/account-provisioning"


def show_card(
    employee: Employee, *, panel: str = "", status: int = 200, operation: Operation | None = None, **context: Any
) -> Response:
    """The employee's card, with the panel that is open in it: by itself for htmx, else on its page."""
    card = context.pop("card", None) or card_of(employee)
    shown = operation.id if operation else None
    once = context.pop("once", False)
    back_to = None if once else url_for("account_page.account_tab", employee_id=employee.id, shown=shown)
    context = {"employee": employee, "tab": "account-provisioning", "card": card, "panel": panel, **context}
    context.setdefault("announce", operation is not None)
    return swap(
        "account_page/_account_card.html", in_page="account_page/account_tab.html",
        back_to=back_to, status=status, **context,
    )  # fmt: skip


def asked(question: Callable[[], Found]) -> Found:
    """The tenant's answer to a question. Raises a ConnectorError, also when it takes longer than a person waits."""
    return answer_to(background.begin(question), patience=PATIENCE)


def answer_to(question: "Future[Found]", *, patience: float) -> Found:
    """The answer to a question that was begun with `background.begin`. Raises as `asked` does."""
    try:
        return background.result_of(question, patience)
    except background.StillUnderWay:
        raise TryLater(
            "The application took too long to answer. Nothing was changed.", next_step="Wait a moment, then try again."
        ) from None


def read_card(employee: Employee) -> Card:
    """The employee's card, with what is true in the tenant now; what was last read when the tenant does not answer.

    Whether the account is an administrator's is asked beside it, so that the page waits no longer for it.
    """
    until, beside = time.monotonic() + PATIENCE, []

    def ask_beside(account: Account) -> None:
        beside.append(background.begin(lambda: _roles_of(account)))

    try:
        card = asked(lambda: card_of(employee, read=True, beside=ask_beside))
    except TryLater as error:
        card = card_of(employee)
        card.unread = error
    if beside and card.account is not None and not card.unread:
        _note_roles(card.account, beside[0], max(0.0, until - time.monotonic()))
    return card


def _roles_of(account: Account) -> frozenset[Protection]:
    return for_connection(account.connection).protections(account.remote_id)


def _note_roles(account: Account, question: "Future[frozenset[Protection]]", patience: float) -> None:
    """What the memberships of the account say; what is known already stands while the tenant does not say."""
    try:
        roles = answer_to(question, patience=patience)
    except ConnectorError:
        return
    known = {Protection(kind) for kind in account.protections} - {Protection.ADMINISTRATOR}
    note_protections(account, roles | known)


def looked_for(card: Card) -> Look:
    """The accounts that may be the employee's already; a word about it when the tenant does not say."""
    employee, connection = card.employee, card.connection
    if connection is None:
        return Look()
    return found_by(background.begin(lambda: looking.look(employee, connection)), employee)


def found_by(question: "Future[Look]", employee: Employee) -> Look:
    """The same, of a look that was begun before."""
    try:
        return answer_to(question, patience=min(PATIENCE, LOOKED_FOR_IN))
    except ConnectorError as error:
        words = f"Whether {employee.name} has an account already could not be checked. {error.message}"
        return Look(unchecked=words)


def ask(employee: Employee, verb: str, **context: Any) -> Response:
    """The question before a verb: what it will do, or why this account is not touched."""
    connection = live_connection(employee)
    card = read_card(employee)
    if card.account is None or (card.operation and card.operation.is_open):
        return show_card(employee, card=card)
    taken, given_back = licences.to_take(card.account), to_give_back(card.account)
    try:
        account = card.account
        reasons = asked(lambda: why_left_alone(account))
        if given_back:
            asked(lambda: offer.read(connection))
    except ConnectorError as error:
        return show_card(employee, card=card, panel="problem", problem=error)
    return show_card(
        employee, card=card, panel="protected" if reasons else verb, reasons=reasons,
        taken=taken.values(), given_back=with_seats(connection, given_back),
        reports=successions.reports_of(employee).count() if verb == "deactivate" else 0, **context,
    )  # fmt: skip


def act(employee: Employee, verb: Callable[[], Operation]) -> Response:
    """Carry the action out and show the card as it then is. A repeated press shows it with a word, and does nothing."""
    try:
        operation = background.within(PATIENCE, verb)
    except background.StillUnderWay:
        return show_card(employee)
    except actions.NothingToDo as problem:
        return show_card(employee, note=problem.message)
    return show_card(employee, operation=operation)
