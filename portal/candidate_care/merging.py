"""Two records of one person: finding them, showing why, and making one of them. It cannot be undone."""

from dataclasses import dataclass
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, fn

from portal import audit
from portal.auth.models import User
from portal.database import BaseModel, now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people.models import searchable
from portal.problems import Problem
from portal.recruitment import candidates, sight
from portal.recruitment.models import Application, Candidate

MOST = 20


class MergedCandidate(BaseModel):
    """A record that became part of a candidate's: its address leads to the other, and an erasure finds its traces.

    former_id: of the record that is gone. name: none of it.
    """

    candidate_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="merged", on_delete="CASCADE")
    former_id = IntegerField(unique=True)
    by_name = CharField(max_length=320, default="")


class NotMerged(Problem):
    """These two cannot be merged."""


@dataclass(frozen=True)
class Likeness:
    """Another record, and the evidence that it is the same person, in words."""

    candidate: Candidate
    reasons: list[str]


def alike(candidate: Candidate, user: User) -> list[Likeness]:
    """Records that may be the same person's: with the same name, or the same telephone number."""
    words = searchable(candidate.first_name, candidate.last_name).split()
    found = sight.candidates(user).where(Candidate.id != candidate.id)
    same_phone = (Candidate.phone == candidate.phone) & (Candidate.phone != "")
    named: Any = Candidate.search_text.contains(words[0]) if words else same_phone
    for word in words[1:]:
        named &= Candidate.search_text.contains(word)
    rows = found.where(named | same_phone).order_by(Candidate.id.desc()).limit(MOST)
    return [Likeness(one, reasons(candidate, one)) for one in rows]


def reasons(one: Candidate, other: Candidate) -> list[str]:
    """What two records have in common, as sentences; empty for nothing."""
    told: list[str] = []
    if one.name.casefold() == other.name.casefold():
        told.append(_("The names are the same."))
    if one.phone and one.phone == other.phone:
        told.append(_("The telephone numbers are the same."))
    return told


def merge(kept: Candidate, other: Candidate, *, by: User) -> None:
    """Make `other` a part of `kept`: everything of it becomes kept's, and its record goes. Raises NotMerged.

    Of two applications for one vacancy the one that goes on stays, or else kept's; it gets all that the other has.
    """
    with audit.turn(kept.organisation_id):
        kept, other = Candidate.get_by_id(kept.id), Candidate.get_by_id(other.id)
        if kept.id == other.id or kept.organisation_id != other.organisation_id:
            raise NotMerged(_("Choose another candidate."))
        if kept.erased_at is not None or other.erased_at is not None:
            raise NotMerged(_("The data of one of them was deleted in the meantime."))
        _join_applications(kept, other)
        _drop_what_both_have(kept, other)
        _hand_over(Candidate, other.id, kept.id)
        _fill_in(kept, other)
        # One of an earlier record that had the same number.
        MergedCandidate.delete().where(MergedCandidate.former_id == other.id).execute()
        MergedCandidate.create(
            organisation=kept.organisation_id, candidate=kept, former_id=other.id, by_name=by.display_name
        )
        _empty(other)
        candidates.save(kept)
        audit.record(by, "merge candidates", kept, former=other.id)


def _empty(other: Candidate) -> None:
    """Nothing of it is left but its number, which SQLite would give to the next candidate, and when it was made: by
    both, putting a backup back finds it once the candidate is erased.
    """
    Candidate.delete().where(Candidate.id == other.id).execute()
    Candidate.create(
        id=other.id, organisation=other.organisation_id, erased_at=now(), created_at=other.created_at
    )  # fmt: skip


def _join_applications(kept: Candidate, other: Candidate) -> None:
    mine = {one.vacancy_id: one for one in Application.select().where(Application.candidate == kept)}
    for theirs in list(Application.select().where(Application.candidate == other)):
        own = mine.get(theirs.vacancy_id)
        if own is None:
            continue
        if own.employee_id and theirs.employee_id:
            raise NotMerged(_("Both were hired for the same vacancy. Correct that first."))
        goes_on = theirs.employee_id is not None or (own.ended is not None and theirs.ended is None)
        stays, goes = (theirs, own) if goes_on and own.employee_id is None else (own, theirs)
        _hand_over(Application, goes.id, stays.id)
        goes.delete_instance()


def _drop_what_both_have(kept: Candidate, other: Candidate) -> None:
    """Rows that a candidate has one of for each value: the same mail, the same notice."""
    for model in _tables(Candidate):
        for names in _unique_with_candidate(model):
            fields = [getattr(model, name) for name in names if name != "candidate"]
            held = (
                {tuple(row) for row in model.select(*fields).where(model.candidate == kept).tuples()}
                if fields
                else {()}
            )
            for row in list(model.select().where(model.candidate == other)):
                if tuple(getattr(row, field.name) for field in fields) in held and (fields or _has_any(model, kept)):
                    row.delete_instance()


def _has_any(model: Any, candidate: Candidate) -> bool:
    return bool(model.select().where(model.candidate == candidate).exists())


def _unique_with_candidate(model: Any) -> list[list[str]]:
    if not hasattr(model, "candidate"):
        return []
    found = [list(names) for names, unique in model._meta.indexes if unique and "candidate" in names]
    return [*found, ["candidate"]] if model.candidate.unique else found


def _tables(target: Any) -> list[Any]:
    return [model for model in BaseModel.__subclasses__() if any(_fields(model, target))]


def _fields(model: Any, target: Any) -> list[Any]:
    return [field for field in model._meta.sorted_fields if getattr(field, "rel_model", None) is target]


def _hand_over(target: Any, before: int, after: int) -> None:
    """Whatever refers to one row of the table refers to the other from now on."""
    for model in _tables(target):
        for field in _fields(model, target):
            model.update({field: after}).where(field == before).execute()


def _fill_in(kept: Candidate, other: Candidate) -> None:
    """What is empty is filled in; who agreed to be kept longer in either is kept longer."""
    for name in ("first_name", "last_name", "phone", "country"):
        setattr(kept, name, getattr(kept, name) or getattr(other, name))
    if other.talent_until and (kept.talent_until is None or other.talent_until > kept.talent_until):
        kept.talent_until, kept.consent_text = other.talent_until, other.consent_text
    kept.asked_consent = kept.asked_consent or other.asked_consent


def former(candidate_id: int, organisation_id: int) -> int | None:
    """The candidate that a record has become part of."""
    mine = (MergedCandidate.former_id == candidate_id) & (MergedCandidate.organisation == organisation_id)
    row = MergedCandidate.get_or_none(mine, _is_gone())
    return row.candidate_id if row else None


def _is_gone() -> Any:
    """That no candidate has the number of the record: on SQLite, earlier versions gave it to the next one."""
    living = Candidate.alias()
    same = (living.id == MergedCandidate.former_id) & living.erased_at.is_null()
    return ~fn.EXISTS(living.select(living.id).where(same))


def former_ids(candidate: Candidate) -> list[int]:
    """The records that are part of a candidate's now."""
    mine = MergedCandidate.select().where(MergedCandidate.candidate == candidate, _is_gone())
    return [row.former_id for row in mine]
