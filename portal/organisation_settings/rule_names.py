"""Rules for licences, organisational units and groups that name a department or location: they follow its new name."""

from typing import Any

from portal import audit
from portal.audit import Actor
from portal.connections.settings import LicenceRule, UnitRule
from portal.database import transaction
from portal.group_rules.models import GroupRule
from portal.organisations.models import Organisation
from portal.people.lists import ValueChange

MODELS: dict[str, Any] = {model.SUBJECT: model for model in (LicenceRule, UnitRule, GroupRule)}


def _naming(model: Any, organisation: Organisation, field: str, name: str) -> Any:
    return model.select().where(model.organisation == organisation, model.field == field, model.value == name)


def count(organisation: Organisation, field: str, name: str) -> int:
    """How many rules name it."""
    return sum(_naming(model, organisation, field, name).count() for model in MODELS.values())


def follow(note: ValueChange, *, by: Actor | str) -> None:
    """Give the rules that name the old value the new one, and remember which they were."""
    with transaction():
        found = {
            subject: [rule.id for rule in _naming(model, note.organisation, note.field, note.old)]
            for subject, model in MODELS.items()
        }
        note.rules = {subject: ids for subject, ids in found.items() if ids}
        note.save(only=[ValueChange.rules])
        _set(note, note.old, note.new, by)


def follow_back(note: ValueChange, *, by: Actor | str) -> None:
    """Give those rules the old value again, except those that were changed since."""
    with transaction():
        _set(note, note.new, note.old, by)


def _set(note: ValueChange, before: str, after: str, by: Actor | str) -> None:
    changed = 0
    for subject, ids in (note.rules or {}).items():
        model = MODELS[subject]
        mine = (model.organisation == note.organisation) & model.id.in_(ids) & (model.value == before)
        changed += model.update(value=after).where(mine).execute()
    if changed:
        audit.record(
            by, "rename in rules", note.organisation, organisation=note.organisation, old=before, new=after,
            rules=changed,
        )  # fmt: skip
