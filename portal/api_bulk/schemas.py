"""What the API takes and answers about bulk actions and disagreements."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field, StrictBool

from portal.api.schemas import WHOLE, Moment, Paged, Shown, Strict
from portal.languages import N_

MOST_PEOPLE = 1_000


class RunQuery(Paged):
    state: Literal[
        "", "planning", "planned", "waiting for approval", "running", "paused", "done", "cancelled"
    ] = ""  # fmt: skip
    verb: str = Field("", max_length=20)


class LineQuery(Paged):
    state: Literal[
        "", "unplanned", "planned", "left out", "waiting", "under way", "done", "failed", "cancelled"
    ] = ""  # fmt: skip


class Run(Shown):
    """A bulk action: many accounts changed together, after a plan that names each person."""

    id: str
    application: str
    verb: str
    state: str
    by: str
    approved_by: str
    waits_because: str = Field(description="Why it needs the word of another person; empty when it does not.")
    reason: str
    source: str = Field(description="How the people were chosen.")
    problem: str = Field(description="Why the planning stopped; empty when it did not.")
    people: dict[str, int] = Field(description="How many people are in which state.")
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class Line(Shown):
    """One person of a bulk action."""

    employee: str
    state: str
    before: str
    after: str
    reason: str = Field(description="Why this person is left out, or what failed.")
    operation: str | None


class NewRun(Strict):
    """What to do, and for whom. The portal plans it; a person looks at the plan before anything is changed."""

    application: str = Field(max_length=40, description=N_("The key of a connected application."))
    verb: Literal["create", "link", "deactivate", "reactivate", "resend", "update", "licence"]
    employees: list[str] = Field(min_length=1, max_length=MOST_PEOPLE, description=N_("Their ids."))
    reason: str = Field("", max_length=500, description=N_("Shown to those who approve it."))
    domain: str | None = Field(None, max_length=253, description=N_("For create; without it, your first one."))
    licence_id: str | None = Field(
        None, max_length=200, description=N_("For create: “none”, or an id; without it, as your rules say.")
    )
    update_company_email: StrictBool = True
    send: Literal["now", "on_start_date", "at"] = Field("now", description=N_("When the login information goes out."))
    send_at: Moment | None = Field(None, description=N_("With `at`."))
    add: list[str] = Field(default_factory=list, max_length=50, description=N_("For licence: ids to give."))
    remove: list[str] = Field(default_factory=list, max_length=50, description=N_("For licence: ids to take away."))


class DisagreementQuery(Paged):
    employee: int | None = Field(None, ge=1, le=WHOLE)
    application: str = Field("", max_length=40)
    state: Literal["", "open", "ignored"] = ""


class Disagreement(Shown):
    """Where an application shows something other than what was sent to it. It is gone once both sides agree."""

    id: str
    employee: str
    application: str
    field: str = Field(description="A field of the record, or “status”.")
    sent: str = Field(description="Private contact details need the scope employees:private.")
    shown: str = Field(description="What the application shows. The same holds for it.")
    state: Literal["open", "ignored", "accepted"]
    seen_at: Moment


def day_and_time(moment: datetime | None) -> tuple[date | None, str]:
    """The moment as a form takes it."""
    return (moment.date(), f"{moment:%H:%M}") if moment is not None else (None, "")
