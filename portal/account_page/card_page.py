"""The answers of all that can be done on the Account provisioning tab: a place's card, with what came of it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from flask import url_for
from werkzeug.wrappers import Response

from portal import access, background, seeing
from portal.account_page.card import Card, card_of, unconnected, why_left_alone
from portal.accounts import licences
from portal.accounts.known import note_protections
from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections import offer
from portal.connections.offer import with_seats
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.values import Protection, RemoteAccount
from portal.database import now
from portal.hand_over import recipients
from portal.languages import gettext as _
from portal.languages import joined
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.provisioning import actions
from portal.provisioning.taken import to_give_back
from portal.reporting_lines import successions
from portal.theirs import looking
from portal.theirs.looking import Look
from portal.web import fragment, page, swap, wants_fragment

Found = TypeVar("Found")
# Seconds after which the page shows that the operation continues, instead of its outcome.
PATIENCE = 5.0
# The same for the search for existing accounts, which the page makes without being asked.
LOOKED_FOR_IN = 3.0
# Seconds that a card waits for licences: to ask for them is slow, and nothing depends on them.
LICENCES_WAITED_FOR = 1.5
TAB = "/people/employees/<int:employee_id>/account-provisioning"
# What is done at one application: the verbs are below it.
PLACE = f"{TAB}/<service_key>"


def show_tab(employee: Employee, cards: list[Card], **context: Any) -> Response:
    """The whole tab: a card for each connected application, and one for each that could be connected."""
    return page("account_page/account_tab.html", **_around(employee, lambda: cards), **context)


def show_card(
    place: Place, *, panel: str = "", status: int = 200, operation: Operation | None = None, card: Card | None = None,
    look: Look | None = None, announce: bool = False, once: bool = False, with_others: bool = False, **context: Any,
) -> Response:  # fmt: skip
    """The card of a place, with the panel that is open in it: alone for htmx, else among the others on its page.

    card: one that was made already; else what is true now is read from the database. once: it is not shown again.
    with_others: those of the other applications changed too, and htmx puts all in the place of all.
    """
    card = card or card_of(place.as_it_is())
    card.look, card.announce = look or card.look, announce or operation is not None
    shown = operation.id if operation else None
    back_to = None if once else url_for("account_page.account_tab", employee_id=place.employee.id, shown=shown)
    if with_others and wants_fragment():
        shown_cards = _among_others(card)
        answer = fragment(
            "account_page/_account_cards.html", status=status, card=card, panel=panel, employee=place.employee,
            shown=shown_cards, **context,
        )  # fmt: skip
        answer.headers.update({"HX-Retarget": "#account-cards", "HX-Reswap": "outerHTML"})
        return answer
    return swap(
        "account_page/_account_card.html", in_page="account_page/account_tab.html", back_to=back_to, status=status,
        card=card, panel=panel, **_around(place.employee, lambda: _among_others(card)), **context,
    )  # fmt: skip


def _around(employee: Employee, cards: Callable[[], list[Card]]) -> dict[str, Any]:
    """What the whole page needs: asked for only when it is shown."""
    return {
        "employee": employee,
        "tab": "account-provisioning",
        "cards": cards,
        "unconnected": lambda shown: unconnected(employee, [card.connection for card in shown]),
    }


def _among_others(card: Card) -> list[Card]:
    places = seeing.places_of(card.employee)
    return [card if place.connection == card.connection else card_of(place) for place in places]


def asked(place: Place, question: Callable[[], Found]) -> Found:
    """What the application answers. Raises a ConnectorError, also when it takes longer than a person waits."""
    return answer_to(background.begin(question), place.service.name, patience=PATIENCE)


def answer_to(question: "Future[Found]", name: str, *, patience: float) -> Found:
    """The answer to a question that was begun with `background.begin`. name: who is asked. Raises as `asked` does."""
    try:
        return background.result_of(question, patience)
    except background.StillUnderWay:
        raise TryLater(
            _("%(name)s took too long to answer. Nothing was changed.", name=name),
            next_step=_("Wait a moment, then try again."),
        ) from None


def read_card(place: Place) -> Card:
    """The card of a place, with what is true in the tenant now."""
    return read_cards([place])[0]


def read_cards(places: list[Place]) -> list[Card]:
    """The same of several applications, asked side by side: one that does not answer holds up no other."""
    return [reading.card() for reading in [_Reading(place) for place in places]]


class _Reading:
    """A card that is being read; what was last read is shown when the tenant does not answer in time.

    Whether the account is an administrator's is asked beside it, so that the page waits no longer for it.
    """

    def __init__(self, place: Place):
        self.place, self.until = place, time.monotonic() + PATIENCE
        self.roles: list[Future[frozenset[Protection]]] = []
        self.licences: list[Future[RemoteAccount]] = []
        self.question = background.begin(lambda: card_of(place, read=True, beside=self._ask_beside))

    def _ask_beside(self, account: Account) -> None:
        self.roles.append(background.begin(lambda: _roles_of(account)))
        if licences.may_have_come(account):
            self.licences.append(background.begin(lambda: _with_licences(account)))

    @property
    def left(self) -> float:
        return max(0.0, self.until - time.monotonic())

    def card(self) -> Card:
        try:
            card = answer_to(self.question, self.place.service.name, patience=self.left)
        except TryLater as error:
            card = card_of(self.place.as_it_is())
            card.unread = error
        if self.roles and card.account is not None and not card.unread:
            _note_roles(card.account, self.roles[0], self.left)
        if self.licences and card.account is not None and not card.unread:
            _note_licences(card.account, self.licences[0], min(self.left, LICENCES_WAITED_FOR))
        return card


def _roles_of(account: Account) -> frozenset[Protection]:
    return for_connection(account.connection).protections(account.remote_id)


def _note_roles(account: Account, question: "Future[frozenset[Protection]]", patience: float) -> None:
    """What the memberships of the account say; while the tenant does not say, what is known already remains."""
    try:
        roles = answer_to(question, account.connection.service_name, patience=patience)
    except ConnectorError:
        return
    known = {Protection(kind) for kind in account.protections} - {Protection.ADMINISTRATOR}
    note_protections(account, roles | known)


def _with_licences(account: Account) -> RemoteAccount:
    connector = for_connection(account.connection)
    return connector.with_licences(connector.find(account.remote_id))


def _note_licences(account: Account, question: "Future[RemoteAccount]", patience: float) -> None:
    """Which licences the application assigned; while it does not say, the next look at the card asks again."""
    try:
        remote = answer_to(question, account.connection.service_name, patience=patience)
    except ConnectorError:
        return
    licences.remember(account, remote)
    account.save(only=[Account.licence_ids, Account.own_licence_ids])


def look_for(place: Place) -> "Future[Look]":
    """Begin to look for accounts that may be the employee's already."""
    return background.begin(lambda: looking.look(place.employee, place.connection))


def looked_for(place: Place) -> Look:
    """The accounts that may be the employee's already; a word about it when the tenant does not say."""
    return found_by(look_for(place), place)


def look_for_all(cards: list[Card]) -> None:
    """The same for each card without an account, side by side: together they take no longer than one."""
    until = time.monotonic() + LOOKED_FOR_IN
    for card, question in [(card, look_for(card.place)) for card in cards if card.may_look]:
        card.look = found_by(question, card.place, patience=max(0.0, until - time.monotonic()))


def found_by(question: "Future[Look]", place: Place, *, patience: float = LOOKED_FOR_IN) -> Look:
    """The same, of a look that was begun before."""
    try:
        return seeing.named(answer_to(question, place.service.name, patience=min(PATIENCE, patience)))
    except ConnectorError as error:
        words = _(
            "We couldn’t check whether %(name)s already has an account. %(message)s",
            name=place.employee.name,
            message=error.message,
        )
        return Look(unchecked=words)


def ask(place: Place, verb: str, **context: Any) -> Response:
    """The question before a verb: what it will do, or why this account is not touched."""
    card = read_card(place)
    account = card.account
    if account is None or card.is_busy:
        return show_card(place, card=card)
    taken, given_back = licences.to_take(account), to_give_back(account)
    try:
        reasons = asked(place, lambda: why_left_alone(account))
        if given_back:
            asked(place, lambda: offer.read(place.connection))
    except ConnectorError as error:
        return show_card(place, card=card, panel="problem", problem=error)
    return show_card(
        place, card=card, panel="protected" if reasons else verb, reasons=reasons,
        taken=taken.values(), given_back=with_seats(place.connection, given_back),
        reports=successions.reports_of(place.employee).count() if verb == "deactivate" else 0, **context,
    )  # fmt: skip


def password_first(employee: Employee) -> None:
    """A stranger at an unlocked desk could have entered an address of their own. Raises PasswordNeeded."""
    if recipients.changed_lately([employee.id]):
        access.need_password()


def act(
    place: Place, verb: Callable[[], Operation], *, with_others: bool = False, beside: Callable[[], str] = str
) -> Response:
    """Carry the action out and show the card as it then is. A repeated press shows it with a word, and does nothing.

    with_others: as of show_card. beside: what there is to say about the other applications afterwards.
    """
    operation, note, pressed_at = None, "", now()
    try:
        operation = background.within(PATIENCE, verb)
    except background.StillUnderWay:
        # Perhaps only another application is slow: the card says what has ended here all the same.
        latest = card_of(place.as_it_is()).operation
        operation = latest if latest is not None and latest.created_at >= pressed_at else None
    except actions.NothingToDo as problem:
        note = problem.message
    words = beside()
    # No other page shows what another application refused, so it is shown at once without JavaScript too.
    return show_card(
        place, operation=operation, note=joined(note, words), once=bool(words), with_others=with_others
    )  # fmt: skip
