"""What the columns of a file mean: recognised, or as a user said of earlier files with the same headings."""

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from peewee import CharField, ForeignKeyField, JSONField

from portal import audit
from portal.auth.models import User
from portal.columns.answers import Answers
from portal.columns.headings import (
    FULL_NAME,
    IGNORED,
    LAST_FIRST,
    NUMBER,
    STATUS,
    Column,
    Headings,
    recognise,
    vocabulary,
)
from portal.columns.headings import plain as plain_heading
from portal.columns.known import MANAGER, SECOND
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.languages import gettext as _
from portal.languages import joined
from portal.organisations.models import Organisation

FIELDS = {
    NUMBER: _("Employee number"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "preferred_name": _("Preferred name"),
    FULL_NAME: _("Full name, as in Ana Ruiz"),
    LAST_FIRST: _("Full name, last name first, as in Ruiz Ana"),
    "job_title": _("Job title"),
    "department": _("Department"),
    MANAGER: _("Manager"),
    SECOND: _("Second manager"),
    "personal_email": _("Personal email"),
    "company_email": _("Company email"),
    "mobile": _("Mobile"),
    "country": _("Country"),
    "start_date": _("Start date"),
    "end_date": _("End date"),
    "location": _("Location"),
    "employment_type": _("Employment type"),
    "time_zone": _("Time zone"),
    "leave_from": _("First day of leave"),
    "leave_to": _("Back at work on"),
    STATUS: _("Status: works here, on leave or has left"),
}
CHOICES = {IGNORED: _("Skip this column"), **FIELDS}
# Columns that give names: what each of them gives.
GIVES = {FULL_NAME: ("first_name", "last_name"), LAST_FIRST: ("first_name", "last_name")}
MOST_KEPT = 200


class ImportLayout(BaseModel):
    """What the columns of files with these headings mean to an organisation. means: in the order of the headings."""

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    fingerprint = CharField(max_length=64)
    headings = JSONField(default=list)
    means = JSONField(default=list)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    changed_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "fingerprint"), True),)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Heading and what it means, of those that are imported."""
        return [(name, FIELDS[means]) for name, means in zip(self.headings, self.means, strict=True) if means in FIELDS]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file as they will be read. problem: why they cannot be; empty when every column is clear.

    remembered: a user said earlier what they mean.
    """

    columns: tuple[Column, ...]
    problem: str = ""
    remembered: bool = False


def of(header: Sequence[str], organisation: Organisation, answers: Answers) -> Layout:
    """What the columns mean: as the user answered, else as the organisation remembers them, else as recognised."""
    headings = recognise(header)
    kept, said = None, answers.columns
    if not said:
        kept = ImportLayout.get_or_none(
            ImportLayout.organisation == organisation, ImportLayout.fingerprint == headings.fingerprint
        )
        said = {str(place): means for place, means in enumerate(kept.means)} if kept else {}
    by_heading = {column.place: answers.headings.get(plain_heading(column.heading)) for column in headings.columns}
    said = {**said, **{str(place): means for place, means in by_heading.items() if means}}
    columns = tuple(
        replace(column, means=said[str(column.place)], why="") if said.get(str(column.place)) in CHOICES else column
        for column in headings.columns
    )
    return Layout(columns, _problem(columns), remembered=kept is not None)


def _problem(columns: Sequence[Column]) -> str:
    """Why the file cannot be read with these columns."""
    if any(not column.means for column in columns):
        return _("Say what each of these columns means.")
    return problem_with([column.means for column in columns])


def problem_with(means: Sequence[str]) -> str:
    """What is wrong with the choice; empty when nothing is."""
    given = Counter(name for meaning in means if meaning != IGNORED for name in GIVES.get(meaning, (meaning,)))
    twice = [FIELDS[name] for name, count in given.items() if count > 1]
    if twice:
        return _(
            "Two columns are for the same field: %(twice)s. Choose one of them, and skip the other.",
            twice=joined(*twice, by=", "),
        )
    if NUMBER not in given:
        return _("Choose the column that holds the employee number: it says which employee each line is about.")
    return ""


def remember(organisation: Organisation, header: Sequence[str], means: Sequence[str], *, by: User) -> None:
    """Read files with these headings like this from now on. The oldest are forgotten when there are very many."""
    fingerprint = Headings(tuple(Column(place, name) for place, name in enumerate(header))).fingerprint
    values: dict[str, Any] = {"headings": list(header), "means": list(means), "by": by.id, "changed_at": now()}
    with transaction():
        ImportLayout.insert(organisation=organisation.id, fingerprint=fingerprint, **values).on_conflict(
            conflict_target=[ImportLayout.organisation, ImportLayout.fingerprint], update=values
        ).execute()
        kept = ImportLayout.select(ImportLayout.id).where(ImportLayout.organisation == organisation)
        beyond = [row.id for row in kept.order_by(ImportLayout.changed_at.desc()).offset(MOST_KEPT).limit(50)]
        ImportLayout.delete().where(ImportLayout.id.in_(beyond)).execute()
        audit.record(by, "choose columns of imports", organisation, organisation=organisation, columns=len(means))


def forget(organisation: Organisation, layout_id: int, *, by: User) -> bool:
    """Recognise files with these headings afresh. False when they are not remembered."""
    with transaction():
        mine = (ImportLayout.organisation == organisation) & (ImportLayout.id == layout_id)
        forgotten = bool(ImportLayout.delete().where(mine).execute())
        if forgotten:
            audit.record(by, "forget columns of imports", organisation, organisation=organisation)
    return forgotten


def all_of(organisation: Organisation) -> list[ImportLayout]:
    """What the organisation remembers, the latest first."""
    query = ImportLayout.select().where(ImportLayout.organisation == organisation)
    return list(query.order_by(ImportLayout.changed_at.desc()).limit(MOST_KEPT))


def nearest(heading: str) -> str:
    """The field that a heading with a slip in it may mean; empty for none."""
    words = _near()
    close = difflib.get_close_matches(plain_heading(heading), words, 1, cutoff=0.8)
    return words[close[0]] if close else ""


@cache
def _near() -> dict[str, str]:
    return {word: means for word, means in vocabulary().items() if means in FIELDS and len(word) > 4}
