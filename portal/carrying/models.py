"""What every piece of work keeps, and each line of its journal. The tables themselves belong to those who know more."""

import uuid
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from peewee import CharField, IntegerField, JSONField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import N_
from portal.languages.columns import SentenceField, SentencesField
from portal.leases import Leased


class State(StrEnum):
    """Where a piece of work is. Waiting and running are open; the others are final."""

    WAITING = N_("waiting")
    RUNNING = N_("running")
    DONE = N_("done")
    FAILED = N_("failed")
    CANCELLED = N_("cancelled")


OPEN = (State.WAITING, State.RUNNING)


class Task(Leased):
    """A piece of work, written down before it is done.

    requested: what was asked for. results: what the steps have found out so far. marker: a random word left on what
    is made, by which we know our own again. not_before: when it is due; in the future while it waits for another try.
    message, next_step: what became of it, as sentences. error_kind, error_code, error_request_id: the last error.
    """

    OPEN, DUE = OPEN, "not_before"
    # The line that was written down together with the task: the intent of its first step.
    intended: Any = None
    # Renewed before a request once half of it is over, so it must be longer than twice the longest request.
    LEASE: ClassVar[timedelta] = timedelta(seconds=60)

    organisation: Any
    organisation_id: int
    by: Any
    by_id: int | None
    verb = CharField(max_length=20)
    state = CharField(max_length=20, default=State.WAITING)
    by_name = CharField(max_length=320, default="")
    requested = JSONField(default=dict)
    results = JSONField(default=dict)
    marker = CharField(max_length=40, default=lambda: uuid.uuid4().hex)
    attempts = IntegerField(default=0)
    not_before = UtcDateTimeField(default=now)
    message = SentenceField(default="")
    next_step = SentenceField(default="")
    error_kind = CharField(max_length=40, default="")
    error_code = CharField(max_length=200, default="")
    error_request_id = CharField(max_length=100, default="")
    created_at = UtcDateTimeField(default=now)
    finished_at = UtcDateTimeField(null=True)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class StepState(StrEnum):
    """Intended and unknown: it may have been carried out. Waiting and failed: it certainly was not."""

    INTENDED = "intended"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Line(BaseModel):
    """A line of the journal: the intent, written before the call, and the outcome, written after it."""

    id: Any
    name = CharField(max_length=40)
    state = CharField(max_length=20, default=StepState.INTENDED)
    started_at = UtcDateTimeField(default=now)
    ended_at = UtcDateTimeField(null=True)
    calls = JSONField(default=list)
    before = SentencesField(null=True)
    after = SentencesField(null=True)
    note = SentenceField(default="")
