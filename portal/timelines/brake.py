"""The brake: more steps of one import within an hour than an Admin may start alone wait for a second Admin.

Where no other Admin can decide, they wait as long as a weaker setting does, and then go ahead: see portal/controls.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, JSONField

from portal import audit, happenings
from portal.audit import AuditEntry
from portal.auth.models import AccessLevel, User
from portal.controls import second_admin
from portal.controls.models import ALONE_WAITS
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.problems import Problem
from portal.timelines.models import TO_COME, PlannedStep, StepState

HOUR = timedelta(hours=1)
IMPORTS = ("import employees", "begin import of employees")
REASON = _("Many steps of one import are due within an hour. They wait for a second Admin, on the Calendar.")
DECLINED = _("An Admin declined the steps of this import.")
NO_ADMIN = _("The person who imported this is no longer an Admin, so the step was skipped.")


class NotYours(Problem):
    message = _("You cannot decide on these steps.")
    status = 403
    next_step = _("Ask another Admin to decide on the Calendar.")


class Hold(BaseModel):
    """Steps that wait for a second Admin. moment: of the import, as the changed records have it. by: who imported.

    steps: numbers of the PlannedSteps. first_due, last_due: when the first and the last one are due. decision: empty
    while they wait. decided_by_name: who decided. takes_effect_at: when they go ahead without a decision; only where no
    other Admin could decide as they were held.
    """

    organisation_id: int
    by_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    moment = UtcDateTimeField()
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    steps = JSONField(default=list)
    count = IntegerField(default=0)
    first_due = UtcDateTimeField()
    last_due = UtcDateTimeField()
    asked_at = UtcDateTimeField(default=now)
    decision = CharField(max_length=20, default="")
    decided_by_name = CharField(max_length=320, default="")
    takes_effect_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "step_hold"
        indexes = ((("organisation", "decision"), False),)


def hold_large(changed: Iterable[Employee]) -> int:
    """Hold what is too much among the steps of those who were just imported. Returns how many steps that were.

    The records of one import have the same moment of change, and no two people are changed by hand at the same one.
    """
    groups: dict[tuple[int, datetime], int] = defaultdict(int)
    for employee in changed:
        groups[employee.organisation_id, employee.changed_at] += 1
    held = 0
    for (number, moment), count in groups.items():
        if count > 1:
            # An Admin who decides meanwhile does so before it or after it.
            with audit.turn(number):
                held += _hold(Organisation.get_by_id(number), moment)
    return held


def _hold(organisation: Organisation, moment: datetime) -> int:
    earlier = list(Hold.select().where(Hold.organisation == organisation, Hold.moment == moment))
    known = {number for hold in earlier for number in hold.steps}
    rows: Any = PlannedStep.select(PlannedStep.id, PlannedStep.due_at).join(Employee, on=PlannedStep.employee).where(
        Employee.organisation == organisation, Employee.changed_at == moment,
        PlannedStep.state.in_(TO_COME), PlannedStep.connection.is_null(False),
    )  # fmt: skip
    due = list(rows.order_by(PlannedStep.due_at, PlannedStep.id).tuples())
    found = [step for step in crowded(due, organisation.approval_above) if step[0] not in known]
    if not found:
        return 0
    # A large import is planned part by part: what still waits takes in the next part.
    hold = next((one for one in earlier if not one.decision), None) or _new(organisation, moment, found[0][1])
    hold.steps = [*hold.steps, *(number for number, _ in found)]
    hold.count = len(hold.steps)
    hold.first_due = min(hold.first_due, found[0][1])
    hold.last_due = max(hold.last_due, found[-1][1])
    hold.save()
    _become(hold, StepState.PLANNED, StepState.HELD, REASON)
    audit.record("portal", "hold steps of import", organisation, organisation=organisation, steps=len(found))
    happenings.tell(organisation.id, "brake.held", steps=len(found), page="/provisioning/calendar")
    return len(found)


def _new(organisation: Organisation, moment: datetime, due_at: datetime) -> Hold:
    """Nothing held yet, for the import of that moment: the audit log knows whose it was."""
    lines = AuditEntry.select().where(
        AuditEntry.organisation == organisation, AuditEntry.action.in_(IMPORTS), AuditEntry.at >= moment
    )
    importer = lines.order_by(AuditEntry.number).first()
    by_id, asked_at = importer and importer.by_id, now()
    alone = by_id is not None and not second_admin.others(organisation, asked_by=by_id, asked_at=asked_at)
    return Hold(
        organisation=organisation, moment=moment, by=by_id, by_name=importer.by_name if importer else "",
        first_due=due_at, last_due=due_at, asked_at=asked_at,
        takes_effect_at=asked_at + ALONE_WAITS if alone else None,
    )  # fmt: skip


def crowded(due: list[tuple[int, datetime]], limit: int) -> list[tuple[int, datetime]]:
    """Those of the steps, in the order in which they are due, that share an hour with more than `limit` in all."""
    held: set[int] = set()
    start = 0
    for end in range(len(due)):
        while due[end][1] - due[start][1] >= HOUR:
            start += 1
        if end - start + 1 > limit:
            held.update(range(start, end + 1))
    return [due[place] for place in sorted(held)]


def _become(hold: Hold, before: StepState, after: StepState, reason: str) -> None:
    for begin in range(0, len(hold.steps), 500):
        PlannedStep.update(state=after, reason=reason).where(
            PlannedStep.id.in_(hold.steps[begin : begin + 500]), PlannedStep.state == before,
            PlannedStep.organisation == hold.organisation_id,
        ).execute()  # fmt: skip


def waiting(organisation: Organisation) -> list[Hold]:
    """What waits for a second Admin."""
    return list(Hold.select().where(Hold.organisation == organisation, Hold.decision == "").order_by(Hold.first_due))


def why_not(hold: Hold, user: User) -> str:
    """Why this user cannot approve; empty when they can. Who imported can still decline."""
    return second_admin.why_not(user, asked_by=hold.by_id, asked_at=hold.asked_at)


def approvers(hold: Hold) -> list[str]:
    """Who can approve, by name."""
    found = second_admin.others(hold.organisation, asked_by=hold.by_id, asked_at=hold.asked_at)
    return [user.display_name for user in found]


def approve(hold: Hold, *, by: User) -> None:
    """Let the steps happen at their times. Raises NotYours. A second decision changes nothing."""
    if problem := why_not(hold, by):
        raise NotYours(problem)
    _decide(hold, "approved", StepState.PLANNED, "", by=by, action="approve steps of import")


def decline(hold: Hold, *, by: User) -> None:
    """Skip the steps. A second decision changes nothing."""
    _decide(hold, "declined", StepState.SKIPPED, DECLINED, by=by, action="decline steps of import")


def settle_due() -> None:
    """Let go what the only Admin imported, once the time for it has passed, or skip it when they are one no longer."""
    for hold in list(Hold.select().where(Hold.decision == "", Hold.takes_effect_at <= now())):
        importer = User.get_or_none(User.id == hold.by_id)
        if importer is not None and importer.enabled and importer.access_level in (AccessLevel.ADMIN, AccessLevel.HR):
            _decide(hold, "took effect", StepState.PLANNED, "", by="portal", action="steps of import take effect")
        else:
            _decide(hold, "declined", StepState.SKIPPED, NO_ADMIN, by="portal", action="decline steps of import")


def _decide(hold: Hold, word: str, state: StepState, reason: str, *, by: User | str, action: str) -> None:
    name = by if isinstance(by, str) else by.display_name
    with audit.turn(hold.organisation_id):
        mine = Hold.update(decision=word, decided_by_name=name).where(Hold.id == hold.id, Hold.decision == "")
        if not mine.execute():
            return
        # Further steps of the import may have joined since it was read.
        hold = Hold.get_by_id(hold.id)
        _become(hold, StepState.HELD, state, reason)
        organisation = Organisation.get_by_id(hold.organisation_id)
        audit.record(by, action, organisation, organisation=organisation, steps=hold.count, asked_by=hold.by_name)
