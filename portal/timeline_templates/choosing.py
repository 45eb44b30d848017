"""Which steps count for whom: the template of an employee, and the steps of it."""

from dataclasses import replace
from typing import Any

from portal.organisations.models import Organisation
from portal.timeline_templates.models import OWN_FOR, KindInUse, Template
from portal.timeline_templates.steps import STEPS, Kind, TemplateStep

# Who a template is for: a key of OWN_FOR and a value of it; both empty for everybody else.
Audience = tuple[str, str]
EVERYBODY: Audience = ("", "")


def in_use(organisation: Organisation, kind: str) -> bool:
    """Whether the organisation makes timelines of this kind."""
    return KindInUse.select().where(KindInUse.organisation == organisation, KindInUse.kind == kind).exists()


def versions(organisation: Organisation, kind: str, audience: Audience = EVERYBODY) -> list[Template]:
    """All versions of a template, the newest first."""
    mine = (Template.organisation == organisation) & (Template.kind == kind)
    field, value = audience
    query = Template.select().where(mine, Template.field == field, Template.value == value)
    return list(query.order_by(Template.version.desc()))


def current(organisation: Organisation, kind: str, audience: Audience = EVERYBODY) -> Template:
    """The template as it is now; not saved, with version 0 and our steps, while the organisation has chosen nothing."""
    found = next(iter(versions(organisation, kind, audience)), None)
    if found is not None and found.removed_at is None:
        return found
    field, value = audience
    return Template(organisation=organisation, kind=kind, field=field, value=value, version=0, chosen={}, texts={})


def templates_of(organisation: Organisation, kind: str) -> list[Template]:
    """The newest version of each template of this kind: everybody's first, then by whom they are for."""
    mine = Template.select().where(Template.organisation == organisation, Template.kind == kind)
    newest: dict[Audience, Template] = {}
    for template in mine.order_by(Template.field, Template.value, Template.version):
        newest[template.field, template.value] = template
    everybody = newest.pop(EVERYBODY, None) or current(organisation, kind)
    return [everybody, *(template for template in newest.values() if template.removed_at is None)]


class Templates:
    """The templates of one kind, read once, for many employees."""

    def __init__(self, organisation: Organisation, kind: str):
        self.all = templates_of(organisation, kind)

    def of(self, employee: Any) -> Template:
        """The employee's template: that of the employment type, else of the country, else everybody's."""
        for field in OWN_FOR:
            held = str(getattr(employee, field, "") or "").strip().casefold()
            for template in self.all if held else ():
                if template.field == field and template.value.strip().casefold() == held:
                    return template
        return self.all[0]


def template_of(organisation: Organisation, kind: str, employee: Any) -> Template:
    """The template that this employee's timeline is made from."""
    return Templates(organisation, kind).of(employee)


def steps_of(template: Template) -> list[TemplateStep]:
    """All steps of a template, those that are off too, in the order in which the steps of one moment are done."""
    return [_as_chosen(step, template.chosen.get(step.key) or {}) for step in STEPS[Kind(template.kind)]]


def _as_chosen(step: TemplateStep, chosen: dict[str, Any]) -> TemplateStep:
    values = {name: chosen[name] for name in ("on", "days", "hour") if name in chosen}
    return replace(step, **values, at=tuple(chosen["at"]) if "at" in chosen else None)


def steps_for(organisation: Organisation, kind: str, employee: Any) -> list[TemplateStep]:
    """The steps that a timeline of this employee has; none while the organisation makes none of this kind."""
    if not in_use(organisation, kind):
        return []
    return [step for step in steps_of(template_of(organisation, kind, employee)) if step.on]
