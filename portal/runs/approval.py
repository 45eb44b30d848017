"""When a bulk action needs a second Admin, and whose word counts."""

from datetime import timedelta

from portal.auth.models import User
from portal.controls import second_admin
from portal.controls.second_admin import APPROVERS
from portal.controls.table import people
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.runs.models import LineState, Run, RunLine

# What one Admin starts within this time counts together, so that a large one cannot be started in small parts.
COUNTED_TOGETHER = timedelta(hours=24)


def limit_of(organisation: Organisation) -> int:
    """For how many people one Admin may start a bulk action alone, as the database has it now."""
    return Organisation.get_by_id(organisation.id).approval_above


def why_needed(run: Run, count: int, *, by: User | str) -> str:
    """Why this Admin cannot start the run for so many people alone; empty when they can. Another system never can.

    The limit is the smaller one of when it was planned and of now. Belongs inside the transaction that starts it.
    """
    if isinstance(by, str):
        return f"{by} asked for it"
    limit = _limit(run)
    if count > limit:
        return _("it affects more than %(people)s", people=people(limit))
    earlier = _started_lately(run, by)
    if earlier and earlier + count > limit:
        return _(
            "%(name)s did the same for %(people)s in the last 24 hours, and together that is more than %(limit)s",
            name=by.display_name,
            people=people(earlier),
            limit=people(limit),
        )
    return ""


def _limit(run: Run) -> int:
    now_allowed = limit_of(run.organisation)
    return now_allowed if run.approval_above is None else min(run.approval_above, now_allowed)


def _started_lately(run: Run, by: User) -> int:
    """For how many people the same Admin started the same lately, without a second one."""
    query = RunLine.select().join(Run).where(
        Run.by == by, Run.verb == run.verb, Run.started_at > now() - COUNTED_TOGETHER, Run.approval_reason == "",
        Run.organisation == run.organisation_id, Run.id != run.id,
        RunLine.state.not_in((LineState.LEFT_OUT, LineState.CANCELLED)),
    )  # fmt: skip
    return query.count()


def _asked_by(run: Run) -> int | None:
    """Whose word does not count. Another system's user may approve as many people as they could start alone."""
    if run.by_id is not None or run.started_at is None:
        return run.by_id
    people_in_it = RunLine.select().where(RunLine.run == run, RunLine.state == LineState.PLANNED).count()
    return run.options.get("asked_by") if people_in_it > _limit(run) else None


def why_not(run: Run, user: User) -> str:
    """Why this user cannot approve the run; empty when they can."""
    asked_at = run.started_at or run.created_at
    return second_admin.why_not(user, asked_by=_asked_by(run), asked_at=asked_at, levels=APPROVERS)


def approvers(run: Run) -> list[str]:
    """Who may approve it, by name."""
    asked_at = run.started_at or run.created_at
    found = second_admin.others(run.organisation, asked_by=_asked_by(run), asked_at=asked_at, levels=APPROVERS)
    return [user.display_name for user in found]
