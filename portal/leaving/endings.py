"""What the end of leaving and of coming back means, written down in the same transaction as the end itself."""

from typing import Any

from portal.database import now
from portal.leaving.models import WAITS, Kind, Snapshot
from portal.leaving.requests import FromSnapshot, UndoLeaveRequest
from portal.operations import registry
from portal.operations.models import Operation, StepState
from portal.operations.requests import Verb


@registry.when_ended(Verb.UNDO_LEAVE)
def note_what_waits(operation: Operation) -> None:
    """All that can come back has come back; or some of it waits for a seat, or was refused and can be tried again."""
    asked = operation.request_as(UndoLeaveRequest)
    waiting = bool(operation.results.get("waiting"))
    refused = any(step.state == StepState.FAILED for step in operation.steps) or operation.results.get("groups_refused")
    changes: dict[Any, Any] = {Snapshot.waits_for_seats: WAITS if waiting and asked.wait else ""}
    if not waiting and not refused:
        changes[Snapshot.ended_at] = now()
    Snapshot.update(changes).where(Snapshot.id == asked.snapshot).execute()


@registry.when_ended(Verb.END_ABSENCE)
def end_absence(operation: Operation) -> None:
    asked = operation.request_as(FromSnapshot)
    Snapshot.update(ended_at=now()).where(Snapshot.id == asked.snapshot, Snapshot.kind == Kind.ABSENCE).execute()
