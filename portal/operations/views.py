"""The pages of the whole organisation: activity and receipts."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from portal import access, connected, params, seeing
from portal.access import Action
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.languages import N_, begun
from portal.languages import gettext as _
from portal.operations import activity as queries
from portal.operations import registry, retry_and_cancel, waiting
from portal.operations.models import WORDS, Operation, State
from portal.organisations.times import in_both, same_clock
from portal.people.zones import zone_of
from portal.security import costly
from portal.templating import local_time
from portal.web import Answer, asked_by, csv_download, swap

blueprint = Blueprint("operations", __name__)


@blueprint.get("/provisioning")
@access.requires(Action.VIEW_ACTIVITY, advertised=True)
def activity() -> Answer:
    """Every operation of the organisation, newest first."""
    filters = queries.Filters.read(request.args)
    rows = queries.activity(access.organisation(), filters, seeing.sight_of(), before=params.number("before"))
    found = connected.connections()
    place: dict[str, Any] = dict(filters.values())
    push = url_for(".activity", **place) if asked_by("activity-filter") else ""
    return swap(
        "operations/_activity_table.html", in_page="operations/activity.html", back_to="",
        operations=rows, chosen=filters.values(),
        choices=_choices(found), connections=found, services=_to_tell_apart(rows.rows, found), push=push,
    )  # fmt: skip


def _choices(connections: list[Connection]) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the filter offers: (value, words) by the name of its field."""
    return {
        "verbs": tuple((verb, begun(WORDS[verb])) for verb in registry.verbs()),
        "states": tuple((state, _(state.capitalize())) for state in State),
        "waiting": tuple(waiting.WORDS.items()),
        "applications": _services(connections),
    }


def _to_tell_apart(rows: Iterable[queries.Line], connections: list[Connection]) -> tuple[tuple[str, str], ...]:
    """The applications that the rows may be of, also one that is disconnected; none where there is one alone."""
    named = dict(_services(connections)) | {row.service: SERVICES[row.service].name for row in rows}
    return tuple(named.items()) if len(named) > 1 else ()


def _services(connections: list[Connection]) -> tuple[tuple[str, str], ...]:
    return tuple((one.service, one.service_name) for one in connections)


@blueprint.get("/provisioning/activity.csv")
@costly
@access.requires(Action.VIEW_ACTIVITY)
def activity_csv() -> Answer:
    filters = queries.Filters.read(request.args)
    return csv_download(queries.activity_lines(access.organisation(), filters, seeing.sight_of()), "activity.csv")


@blueprint.get("/provisioning/operations/<int:operation_id>")
@access.requires(Action.VIEW_ACTIVITY)
def receipt(operation_id: int) -> Answer:
    return _receipt(seeing.own_or_404(Operation, operation_id))


@blueprint.post("/provisioning/operations/<int:operation_id>/retry")
@access.requires(Action.PROVISION)
def retry(operation_id: int) -> Answer:
    return _receipt(retry_and_cancel.retry(seeing.own_or_404(Operation, operation_id), by=current_user))


@blueprint.post("/provisioning/operations/<int:operation_id>/cancel")
@access.requires(Action.PROVISION)
def cancel(operation_id: int) -> Answer:
    return _receipt(retry_and_cancel.cancel(seeing.own_or_404(Operation, operation_id), by=current_user))


def _moments(operation: Operation) -> dict[str, str]:
    """When it began and ended: where the employee is too, when clocks differ there."""
    zone, own = zone_of(operation.employee), access.organisation().zone
    found = {N_("Started"): operation.created_at, N_("Finished"): operation.finished_at}
    apart = {label: moment is not None and not same_clock(moment, zone, own) for label, moment in found.items()}
    return {
        label: in_both(moment, zone, own) if moment and apart[label] else local_time(moment)
        for label, moment in found.items()
    }


def _receipt(operation: Operation) -> Answer:
    return swap(
        "operations/_receipt.html", in_page="operations/receipt.html",
        back_to=url_for(".receipt", operation_id=operation.id),
        operation=operation, steps=queries.steps_of(operation),
        moments=_moments(operation), titles=registry.step_titles(operation),
        service=SERVICES[operation.connection.service],
        waits_for=waiting.awaited_by(operation),
        retry=not retry_and_cancel.why_no_retry(operation), cancel=retry_and_cancel.may_be_cancelled(operation),
    )  # fmt: skip
