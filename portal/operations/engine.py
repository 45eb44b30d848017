"""The engine of operations: what `carrying/engine.py` has to know of accounts to carry their changes out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal import audit, happenings
from portal.carrying.engine import GIVE_UP_AFTER as GIVE_UP_AFTER
from portal.carrying.engine import PATIENCE_IN_REQUEST, Engine
from portal.carrying.engine import PATIENCE_IN_WORKER as PATIENCE_IN_WORKER
from portal.carrying.holding import LostLease as LostLease
from portal.carrying.kind import Turn
from portal.connections import health
from portal.connectors import for_connection
from portal.connectors.base import Connector
from portal.connectors.errors import BadCredentials, ConnectorError, Refused
from portal.languages import gettext as _
from portal.languages import joined, read
from portal.operations import journal, registry
from portal.operations.models import Operation, State
from portal.operations.requests import Request
from portal.operations.work import VerbPlan, Work
from portal.organisations.plans import NAMES


class OfOperations(Engine[Operation]):
    """Carries operations out."""

    own_fields = (Operation.account, Operation.encrypted_password)
    cleared = {"encrypted_password": ""}
    # A sign-in that has ended is renewed by a person.
    never_given_up = (BadCredentials,)

    def why_over(self, operation: Operation, verb: VerbPlan) -> str:
        if not operation.connection.is_live:
            return _(
                "%(service_name)s was disconnected before this was done.",
                service_name=operation.connection.service_name,
            )
        if verb.feature and not operation.organisation.has(verb.feature) and not journal.may_have_changed(operation):
            return _("%(feature)s is no longer part of your plan.", feature=_(NAMES[verb.feature]))
        return ""

    @contextmanager
    def opened(self, operation: Operation) -> Iterator[Connector]:
        yield for_connection(operation.connection)

    def work(self, operation: Operation, tool: Any, line: Any, *, interrupted: bool) -> Work:
        return Work(operation, tool, interrupted)

    def went_wrong(self, operation: Operation, error: ConnectorError) -> None:
        health.note(operation.connection, error)

    def refusals(self, turn: Turn[Operation]) -> str:
        warnings = turn.task.results.get("field_warnings", {}).values()
        return joined(super().refusals(turn), *map(read, warnings))

    def overtaken(self) -> Refused:
        return Refused(
            _("Somebody linked this account, or this employee, to another in the meantime."),
            next_step=_("Check the employee’s page and the account, then decide again."),
        )

    def put_off(self, operation: Operation) -> None:
        told = {"employee_id": operation.employee_id, "operation_id": operation.id, "verb": operation.verb}
        happenings.tell(operation.organisation_id, "operation.waiting", **told)

    def ended(self, operation: Operation, words: dict[str, Any]) -> None:
        audit.record(
            operation.by or operation.by_name or "portal",
            f"{operation.words}: {operation.state}",
            operation.employee,
            organisation=operation.organisation,
            operation=operation.id,
            reason=words["message"],
        )


OPERATIONS = OfOperations(Operation, registry.OPERATIONS, journal.JOURNAL)
claim, due = OPERATIONS.claim, OPERATIONS.due


def start(request: Request, **values: Any) -> Operation:
    """Write a new operation down, already in our hands, with the intent of its first step.

    Raises IntegrityError while another one is open.
    """
    operation = Operation.ask_for(request, held=True, state=State.RUNNING, attempts=1, **values)
    OPERATIONS.begin(operation)
    return operation


def carry_out(operation: Operation, *, ours: bool = False, patience: float = PATIENCE_IN_REQUEST) -> Operation:
    """See Engine.carry_out."""
    return OPERATIONS.carry_out(operation, ours=ours, patience=patience)
