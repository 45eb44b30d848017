"""Run and its lines: the states and the allowed transitions, as data."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from peewee import BlobField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal import happenings
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.languages import gettext as _
from portal.languages.columns import SentenceField
from portal.leases import Leased
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.organisations.models import Organisation
from portal.people import lists
from portal.people.models import Employee
from portal.people.searching import Reach, Sight, seen

# What can be done to many at once, and its words.
VERBS = {
    Verb.CREATE: _("Create accounts"),
    Verb.LINK: _("Link accounts that match"),
    Verb.DEACTIVATE: _("Deactivate accounts"),
    Verb.REACTIVATE: _("Reactivate accounts"),
    Verb.RESEND: _("Resend login information"),
    Verb.UPDATE: _("Update accounts from HR data"),
    Verb.LICENCE: _("Change licences"),
}

# The licence of a create: as the organisation's rules say for each person.
BY_RULE = "by rule"
# A turn that broke off is tried again after so many seconds.
AFTER_A_BREAK = 30.0


class RunState(StrEnum):
    """Where a Run is. Nothing is changed at the application before it is running."""

    PLANNING = "planning"
    PLANNED = "planned"
    TO_APPROVE = "waiting for approval"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


TRANSITIONS: dict[RunState, tuple[RunState, ...]] = {
    RunState.PLANNING: (RunState.PLANNED, RunState.CANCELLED),
    RunState.PLANNED: (RunState.PLANNING, RunState.TO_APPROVE, RunState.RUNNING, RunState.CANCELLED),
    RunState.TO_APPROVE: (RunState.PLANNED, RunState.RUNNING, RunState.CANCELLED),
    RunState.RUNNING: (RunState.PAUSED, RunState.DONE, RunState.CANCELLED),
    RunState.PAUSED: (RunState.RUNNING, RunState.CANCELLED),
    RunState.DONE: (RunState.RUNNING,),
    RunState.CANCELLED: (),
}


# What other systems are told.
TOLD = {RunState.TO_APPROVE: "run.waiting", RunState.DONE: "run.finished", RunState.CANCELLED: "run.finished"}


class LineState(StrEnum):
    """What became of one person of a Run. An unplanned one has not been looked at yet."""

    UNPLANNED = "unplanned"
    PLANNED = "planned"
    LEFT_OUT = "left out"
    WAITING = "waiting"
    UNDER_WAY = "under way"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Run(Leased):
    """Many operations started together, after a plan that names each of them.

    options: what is asked for beyond the persons. Create: domain, licence (a plan id, NO_LICENCE, or BY_RULE),
    update_company_email, send ("now", "start", or a moment). Resend: send. Licences: add, remove (plan ids). asked_by:
    the user who made the token of another system that asked for the start. planner: the name in planners.OTHERS of one
    that may keep more here.
    unknown: employee numbers of an uploaded list that no employee has. problem: why the planning came to a halt.
    counted_from, counted_done, counted_failed: when it was last set going, how many were finished by then, and how many
    of these had failed: for the time left, and for the brake.
    reason: why it is done, in the words of its Admin; empty when they did not say.
    approval_above: the organisation's limit when it was planned; None for one from before this was kept.
    started_at: when Start was last pressed. approval_reason: why it needs a second Admin; empty when it does not.
    turn_at: when it last had a turn. not_before: when the next one is due. asked_with: a worker that has only so many
    turns asks for one of those that others have.
    part, part_value: the country or department to which it is held, as an HR of one part asked for it; else empty.
    """

    OPEN = tuple(RunState)

    organisation_id: int
    connection_id: int
    by_id: int | None
    lines: Any
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    verb = CharField(max_length=20)
    state = CharField(max_length=30, default=RunState.PLANNING)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    approved_by_name = CharField(max_length=320, default="")
    approval_above = IntegerField(null=True)
    started_at = UtcDateTimeField(null=True)
    approval_reason = SentenceField(longest=400, default="")
    part = CharField(max_length=20, default="")
    part_value = CharField(max_length=200, default="")
    reason = CharField(max_length=500, default="")
    source = SentenceField(longest=300, default="")
    options = JSONField(default=dict)
    unknown = JSONField(default=list)
    problem = SentenceField(default="")
    created_at = UtcDateTimeField(default=now)
    counted_from = UtcDateTimeField(null=True)
    counted_done = IntegerField(default=0)
    counted_failed = IntegerField(default=0)
    finished_at = UtcDateTimeField(null=True)
    turn_at = UtcDateTimeField(null=True)
    not_before = UtcDateTimeField(null=True)
    asked_with = IntegerField(null=True)

    class Meta:
        indexes = (
            (("organisation", "id"), False), (("state",), False),
            (("by", "verb", "started_at"), False),
        )  # fmt: skip

    @property
    def title(self) -> str:
        return VERBS[Verb(self.verb)]

    @property
    def sight(self) -> Sight:
        """For whom it may be: for all of the organisation, or for the part to which it is held."""
        return Sight(Reach(self.part) if self.part else Reach.ALL, self.organisation_id, self.part_value)

    @property
    def staff(self) -> Any:
        """Those employees."""
        return seen(**self.sight._asdict())

    @property
    def not_in_part(self) -> str:
        return _("No longer in %(part)s, which is all that this bulk action covers.", part=self.part_value)

    @property
    def starter(self) -> Any:
        """The user, or the other system, in whose name everything is done."""
        return self.by or self.by_name

    def claim(self, *conditions: Any, **changes: Any) -> bool:
        """Take the Run for a turn. False when a worker holds it, or when it is no longer as it was read."""
        return super().claim(Run.state == self.state, *conditions, turn_at=now(), **changes)

    def let_go(self, *, pause: float | None = 0) -> None:
        """End the turn. pause: seconds before the next one; None leaves it to the user who resumes it."""
        self.release(not_before=None if pause is None else now() + timedelta(seconds=pause))

    def become(self, state: RunState, **changes: Any) -> bool:
        """Go over to the state, unless another process was faster or it is not a way that there is."""
        allowed = [before for before, after in TRANSITIONS.items() if state in after]
        mine = (Run.id == self.id) & (Run.state == self.state) & Run.state.in_(allowed)
        with transaction():
            if not Run.update(state=state, **changes).where(mine).execute():
                return False
            if state in TOLD:
                happenings.tell(self.organisation_id, TOLD[state], run_id=self.id, page=f"/provisioning/runs/{self.id}")
        for name, value in {"state": state, **changes}.items():
            setattr(self, name, value)
        return True


class RunList(BaseModel):
    """A list of employee numbers that is too long to be read while a person waits. data: the file, compressed."""

    run = ForeignKeyField(Run, unique=True, on_delete="CASCADE")
    name = CharField(max_length=200)
    data = BlobField()


class RunLine(BaseModel):
    """One person of a Run: what would be, or was, done, from before to after; or why this person is skipped.

    level: how many of this Run are above the person, so that managers come before those who report to them.
    username, licence: of the account to be made. remote_id: of the account to be linked, or of the likeliest one of a
    person who is skipped because of it. another: a user chose to have another account made all the same.
    seats: the licences (plan ids, joined by spaces) of which it needs a free seat. frees: how many licences it frees.
    """

    run_id: int
    employee_id: int
    operation_id: int | None
    run = ForeignKeyField(Run, backref="lines", on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE")
    operation = ForeignKeyField(Operation, null=True, on_delete="SET NULL")
    state = CharField(max_length=20, default=LineState.UNPLANNED)
    level = IntegerField(default=0)
    before = SentenceField(longest=400, default="")
    after = SentenceField(longest=400, default="")
    username = CharField(max_length=320, default="")
    remote_id = CharField(max_length=320, default="")
    licence = CharField(max_length=64, default="")
    another = BooleanField(default=False)
    seats = TextField(default="")
    frees = IntegerField(default=0)
    reason = SentenceField(default="")

    class Meta:
        indexes = (
            (("run", "employee"), True),
            (("run", "state", "level", "id"), False),
            (("state",), False),
            (("run", "username"), False),
        )


def _follow_department(organisation: Organisation, field: str, old: str, new: str) -> None:
    """What is held to a department stays with its people when it gets another name."""
    held = (Run.organisation == organisation) & (Run.part == field) & (Run.part_value == old)
    Run.update(part_value=new).where(held).execute()


lists.FOLLOWS.append(_follow_department)
