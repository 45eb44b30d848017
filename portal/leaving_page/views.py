"""Leave now, the licences afterwards, and Undo leaving: what each asks, does and answers."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from flask import Blueprint, request
from flask_login import current_user

from portal import access, background, seeing
from portal.access import Action
from portal.account_page.card_page import PATIENCE, PLACE, act, ask, asked, password_first, read_card, show_card
from portal.accounts.place import Place
from portal.connectors.errors import ConnectorError
from portal.languages import gettext as _
from portal.languages import joined
from portal.leaving import actions, snapshots
from portal.leaving_page import lines
from portal.leaving_page.forms import LeaveForm, UndoForm
from portal.operations.models import Operation
from portal.problems import Problem
from portal.web import Answer, fragment

blueprint = Blueprint("leaving", __name__)


@blueprint.get(f"{PLACE}/leave")
@access.requires(Action.PROVISION)
def ask_leave(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return ask(place, "leave", form=_leave_form(place))


def _leave_form(place: Place) -> LeaveForm:
    return LeaveForm(place, seeing.places_of(place.employee))


@blueprint.post(f"{PLACE}/leave")
@access.requires(Action.PROVISION)
def leave(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    form = _leave_form(place)
    if not form.validate():
        return show_card(place, panel="leave", form=form, status=422)
    return _in_each(form.chosen, lambda one: actions.leave(one, form.request(one), by=current_user))


def _in_each(places: list[Place], verb: Callable[[Place], Operation]) -> Answer:
    """The verb at all of these applications side by side; the answer is about the first one, whose card was used.

    The answer also says what one of them refuses.
    """
    place, *others = places
    refused: list[str] = []

    def beside(other: Place) -> None:
        try:
            verb(other)
        except (Problem, ConnectorError) as problem:
            words = _("Nothing was done in %(service)s.", service=other.service.name)
            refused.append(joined(words, problem.message, problem.next_step))

    def in_all() -> Operation:
        under_way = [background.begin(partial(beside, other)) for other in others]
        try:
            return verb(place)
        except Problem as problem:
            if not others:
                raise
            raise actions.NothingToDo(problem.message, problem.next_step) from problem
        finally:
            for work in under_way:
                with suppress(background.StillUnderWay):
                    background.result_of(work, PATIENCE)

    return act(place, in_all, with_others=bool(others), beside=lambda: joined(*refused))


@blueprint.get(f"{PLACE}/leave/preview")
@access.requires(Action.PROVISION)
def preview_reply(employee_id: int, service_key: str) -> Answer:
    """The automatic reply as it will read, for the texts as they are typed at this moment."""
    place = seeing.place_or_404(employee_id, service_key)
    form = LeaveForm(place, [], formdata=request.args, meta={"csrf": False})
    return fragment("leaving_page/_reply_preview.html", form=form)


@blueprint.get(f"{PLACE}/free-licences")
@access.requires(Action.PROVISION)
def ask_free_licences(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return ask(place, "free-licences")


@blueprint.post(f"{PLACE}/free-licences")
@access.requires(Action.PROVISION)
def free_licences(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    try:
        return act(place, lambda: actions.take_licences(place, by=current_user))
    except actions.WaitsForMailbox as problem:
        return show_card(place, note=joined(problem.message, problem.next_step))
    except ConnectorError as error:
        return show_card(place, panel="problem", problem=error)


@blueprint.post(f"{PLACE}/check-mailbox")
@access.requires(Action.PROVISION)
def check_mailbox(employee_id: int, service_key: str) -> Answer:
    """Whether the mailbox is a shared one now."""
    place = seeing.place_or_404(employee_id, service_key)
    try:
        found = asked(place, lambda: actions.check_conversion(place, by=current_user))
    except ConnectorError as error:
        return show_card(place, panel="problem", problem=error)
    words = (
        _("The mailbox is a shared one now.")
        if found
        else _("The mailbox is not a shared one yet. Nothing was changed.")
    )
    return show_card(place, note=words)


@blueprint.post(f"{PLACE}/skip-mailbox")
@access.requires(Action.PROVISION)
def skip_mailbox(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    actions.skip_conversion(place, by=current_user)
    return show_card(place, note=_("The mailbox stays as it is. Nothing holds up the licences any more."))


@blueprint.get(f"{PLACE}/undo-leave")
@access.requires(Action.PROVISION)
def ask_undo(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    return _undo_page(place, _undo_form(place))


def _undo_form(place: Place) -> UndoForm:
    return UndoForm(place, seeing.places_of(place.employee))


def _undo_page(place: Place, form: UndoForm, status: int = 200) -> Answer:
    noted = snapshots.open_of(place.employee, place.connection)
    card = read_card(place)
    gone = actions.deleted_of(place)
    if (card.account is None and gone is None) or card.is_busy:
        return show_card(place, card=card)
    if noted is None:
        return show_card(place, card=card, note=actions.ALL_BACK)
    try:
        columns = asked(place, lambda: lines.of_deleted(place, noted, gone) if gone else lines.of(place, noted))
    except Problem as problem:
        return show_card(place, card=card, note=joined(problem.message, problem.next_step))
    except ConnectorError as error:
        return show_card(place, card=card, panel="problem", problem=error)
    new_password = form.needs_password
    return show_card(
        place, card=card, panel="undo-leave", form=form, columns=columns, new_password=new_password, status=status
    )  # fmt: skip


@blueprint.post(f"{PLACE}/undo-leave")
@access.requires(Action.PROVISION)
def undo(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    password_first(place.employee)
    form = _undo_form(place)
    if not form.validate():
        return _undo_page(place, form, status=422)
    return _in_each(form.chosen, lambda one: _undo(one, form))


def _undo(place: Place, form: UndoForm) -> Operation:
    return actions.undo(
        place, how=form.hand_over, send_at=form.send_at, wait=bool(form.wait.data), end_date=bool(form.end_date.data),
        by=current_user,
    )  # fmt: skip
