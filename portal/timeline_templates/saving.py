"""Changing a template, and switching a kind of timelines on and off."""

from collections.abc import Mapping
from typing import Any

from portal import audit
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.timeline_templates import contradictions
from portal.timeline_templates.choosing import EVERYBODY, Audience, current, in_use, steps_of, versions
from portal.timeline_templates.models import KindInUse, Template


class Contradictory(Problem):
    """The steps cannot go together. problems: key of a step -> why, as a sentence."""

    status = 422

    def __init__(self, problems: dict[str, str]):
        super().__init__(_("Some steps cannot go together."), _("Correct them and save again."))
        self.problems = problems


def save(
    organisation: Organisation, kind: str, audience: Audience, *,
    chosen: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str], by: Any,
) -> Template:  # fmt: skip
    """Keep the steps and texts as a new version; the one that there is, when nothing differs. Raises Contradictory.

    chosen, texts: as the columns of Template. Timelines that were made from an earlier version keep to it until
    somebody applies the new one to them.
    """
    field, value = audience
    asked = Template(organisation=organisation, kind=kind, field=field, value=value, chosen=chosen, texts=texts)
    problems = contradictions.found_in(steps_of(asked))
    if problems:
        raise Contradictory(problems)
    with audit.turn(organisation.id):
        before = current(organisation, kind, audience)
        if steps_of(before) == steps_of(asked) and before.texts == dict(texts) and (before.version or not field):
            return before
        return _write(asked, before, by)


def _write(asked: Template, before: Template, by: Any) -> Template:
    audience = (asked.field, asked.value)
    last = next((template.version for template in versions(asked.organisation, asked.kind, audience)), 0)
    asked.version, asked.by_name, asked.made_at = last + 1, _name_of(by), now()
    asked.save(force_insert=True)
    changed = [new.label for old, new in zip(steps_of(before), steps_of(asked), strict=True) if old != new]
    changed += sorted(name for name in {*before.texts, *asked.texts} if before.texts.get(name) != asked.texts.get(name))
    _record(
        by, "change timeline template", asked.organisation, asked.kind, audience, version=asked.version, changed=changed
    )
    return asked


def add_own(organisation: Organisation, kind: str, audience: Audience, *, by: Any) -> Template:
    """Begin a template for some people: a copy of everybody's."""
    base = current(organisation, kind)
    return save(organisation, kind, audience, chosen=base.chosen, texts=base.texts, by=by)


def remove_own(organisation: Organisation, kind: str, audience: Audience, *, by: Any) -> bool:
    """Use everybody's template for these people too; whether they had one of their own. Its versions are kept."""
    with audit.turn(organisation.id):
        template = current(organisation, kind, audience)
        if audience == EVERYBODY or not template.version:
            return False
        template.removed_at = now()
        template.save(only=[Template.removed_at])
        _record(by, "remove timeline template", organisation, kind, audience, version=template.version)
        return True


def switch_on(organisation: Organisation, kind: str, *, by: Any) -> None:
    """Make timelines of this kind from now on."""
    with audit.turn(organisation.id):
        if in_use(organisation, kind):
            return
        KindInUse.create(organisation=organisation, kind=kind, by_name=_name_of(by))
        _record(by, "switch on timelines", organisation, kind)


def switch_off(organisation: Organisation, kind: str, *, by: Any) -> None:
    """Make no further timelines of this kind. Those that there are stay."""
    with audit.turn(organisation.id):
        mine = (KindInUse.organisation == organisation) & (KindInUse.kind == kind)
        if KindInUse.delete().where(mine).execute():
            _record(by, "switch off timelines", organisation, kind)


def _record(
    by: Any, action: str, organisation: Organisation, kind: str, audience: Audience = EVERYBODY, **more: Any
) -> None:
    whom = {"for": audience[1]} if audience[1] else {}
    audit.record(by, action, organisation, organisation=organisation, timeline=kind, **whom, **more)


def _name_of(by: Any) -> str:
    return by if isinstance(by, str) else by.display_name
