"""The pages of the whole organisation: activity and receipts."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from portal import access, params
from portal.access import Action
from portal.connectors import SERVICES
from portal.operations import activity as queries
from portal.operations import registry, retry_and_cancel, waiting
from portal.operations.models import Operation, State
from portal.security import costly
from portal.web import Answer, csv_download, swap

blueprint = Blueprint("operations", __name__)


@blueprint.get("/provisioning")
@access.requires(Action.VIEW_ACTIVITY, advertised=True)
def activity() -> Answer:
    """Every operation of the organisation, newest first."""
    filters = queries.Filters.read(request.args)
    rows = queries.activity(access.organisation(), filters, before=params.number("before"))
    return swap(
        "operations/_activity_table.html", in_page="operations/activity.html", back_to="",
        operations=rows, chosen=filters.values(),
        verbs=registry.verbs(), states=State, awaited=waiting.WORDS, awaited_by=waiting.awaited_by,
        connections=access.connections(),
    )  # fmt: skip


@blueprint.get("/provisioning/activity.csv")
@costly
@access.requires(Action.VIEW_ACTIVITY)
def activity_csv() -> Answer:
    filters = queries.Filters.read(request.args)
    return csv_download(queries.activity_lines(access.organisation(), filters), "activity.csv")


@blueprint.get("/provisioning/operations/<int:operation_id>")
@access.requires(Action.VIEW_ACTIVITY)
def receipt(operation_id: int) -> Answer:
    return _receipt(access.own_or_404(Operation, operation_id))


@blueprint.post("/provisioning/operations/<int:operation_id>/retry")
@access.requires(Action.PROVISION)
def retry(operation_id: int) -> Answer:
    return _receipt(retry_and_cancel.retry(access.own_or_404(Operation, operation_id), by=current_user))


@blueprint.post("/provisioning/operations/<int:operation_id>/cancel")
@access.requires(Action.PROVISION)
def cancel(operation_id: int) -> Answer:
    return _receipt(retry_and_cancel.cancel(access.own_or_404(Operation, operation_id), by=current_user))


def _receipt(operation: Operation) -> Answer:
    return swap(
        "operations/_receipt.html", in_page="operations/receipt.html",
        back_to=url_for(".receipt", operation_id=operation.id),
        operation=operation, steps=queries.steps_of(operation),
        titles=registry.step_titles(operation), service=SERVICES[operation.connection.service],
        waits_for=waiting.awaited_by(operation),
        retry=not retry_and_cancel.why_no_retry(operation), cancel=retry_and_cancel.may_be_cancelled(operation),
    )  # fmt: skip
