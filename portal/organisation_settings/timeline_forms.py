"""The form of a template: a switch, a day and an hour for each step, and the texts of the automatic reply."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from portal.connections.models import Connection
from portal.languages import gettext as _
from portal.organisations.countries import countries
from portal.people.reply_texts import DEFAULTS, LONGEST, problem_of
from portal.plain_text import printable, storable
from portal.timeline_templates.applications import CREATE, created_at
from portal.timeline_templates.choosing import steps_of
from portal.timeline_templates.contradictions import MOST_DAYS
from portal.timeline_templates.models import OWN_FOR, Template
from portal.timeline_templates.steps import Anchor, TemplateStep

BEFORE, AFTER = "before", "after"
MOST_WORDS = _("Enter a number of days from 0 to %(most)s.", most=MOST_DAYS)


@dataclass
class StepFields:
    """The fields of one step. problem: why the step cannot be as it is, beside what the fields say themselves."""

    step: TemplateStep
    on: Field
    days: Field | None
    side: Field | None
    hour: Field | None
    at: Field | None = None
    problem: str = ""

    @property
    def wrong(self) -> list[str]:
        """What is wrong with the step, in sentences."""
        fields = [one for one in (self.days, self.side, self.hour, self.at) if one is not None]
        return [error for one in fields for error in one.errors] + ([self.problem] if self.problem else [])

    @property
    def chosen(self) -> dict[str, Any]:
        """What the column `chosen` keeps of the step."""
        kept: dict[str, Any] = {"on": bool(self.on.data)}
        if self.days is not None and self.side is not None and self.hour is not None:
            kept["days"] = -self.days.data if self.side.data == BEFORE else self.days.data
            kept["hour"] = self.hour.data.strftime("%H:%M")
        if self.at is not None and (self.step.at is not None or self.at.data != self.at.object_data):
            kept["at"] = list(self.at.data or ())
        elif self.step.at is not None:
            kept["at"] = list(self.step.at)
        return kept


class TemplateForm(FlaskForm):
    """The steps of one template. Made by `form_of`, which gives it the fields of the steps."""

    steps: list[TemplateStep] = []
    inside = TextAreaField(_("Reply to colleagues"), filters=[storable], validators=[Length(max=LONGEST)])
    outside = TextAreaField(_("Reply to everybody else"), filters=[storable], validators=[Length(max=LONGEST)])
    forward_to = StringField(_("Forward to"), filters=[printable], validators=[Length(max=320)])

    domains: list[str] = []
    applications: dict[str, str] = {}
    defaults: dict[str, str] = {}

    @property
    def lines(self) -> list[StepFields]:
        return list(self._lines())

    def _lines(self) -> Iterator[StepFields]:
        for step in self.steps:
            of_step = [getattr(self, f"{name}_{step.key}", None) for name in ("on", "days", "side", "hour", "at")]
            yield StepFields(step, *of_step, problem=self.problems.get(step.key, ""))  # type: ignore[arg-type]

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.problems: dict[str, str] = {}
        keys = {step.key for step in self.steps}
        if not keys & {"reply", "reply_for_leave"}:
            del self.inside, self.outside
        if "forward" not in keys:
            del self.forward_to

    def validate_inside(self, field: Field) -> None:
        if problem := problem_of(field.data or ""):
            raise ValidationError(problem)

    validate_outside = validate_inside

    def validate_forward_to(self, field: Field) -> None:
        address = (field.data or "").casefold()
        if address and address.rpartition("@")[2] not in {domain.casefold() for domain in self.domains}:
            raise ValidationError(
                _(
                    "Mail can only be forwarded to a colleague. Mail that leaves the company may be blocked, "
                    "and nobody could take it back. Enter an address of your company, or leave this empty."
                )
            )

    @property
    def chosen(self) -> dict[str, dict[str, Any]]:
        """The column `chosen` of Template."""
        return {line.step.key: line.chosen for line in self.lines}

    @property
    def texts(self) -> dict[str, str]:
        """The column `texts` of Template."""
        found = {}
        for name in ("inside", "outside", "forward_to"):
            field = getattr(self, name, None)
            text = (field.data or "").replace("\r\n", "\n").strip() if field is not None else ""
            if text and text != self.defaults.get(name):
                found[name] = text
        return found


def form_of(template: Template, connections: list[Connection], **options: Any) -> TemplateForm:
    """The form of this template, as it is kept. connections: the live ones, whose domains are the company's own."""
    domains = [domain for connection in connections for domain in connection.domains]
    defaults = DEFAULTS.get(template.kind, {})
    fields: dict[str, Any] = {"steps": steps_of(template), "domains": domains, "defaults": defaults}
    values: dict[str, Any] = {**defaults, **template.texts}
    for step in fields["steps"]:
        fields[f"on_{step.key}"] = BooleanField(step.label)
        values[f"on_{step.key}"] = step.on
        if step.key == CREATE and len(connections) > 1:
            fields["applications"] = {one.service: one.service_name for one in connections}
            fields[f"at_{step.key}"] = SelectMultipleField(_("Applications"), choices=list(fields["applications"]))
            values[f"at_{step.key}"] = [one.service for one in created_at([step], connections)]
        if step.anchor != Anchor.ASKED:
            fields |= _moment_fields(step)
            values |= _moment_values(step)
    return type("TemplateFormOfKind", (TemplateForm,), fields)(**values, **options)


def _moment_fields(step: TemplateStep) -> dict[str, Field]:
    missing = InputRequired(MOST_WORDS)
    return {
        f"days_{step.key}": IntegerField(_("Days"), validators=[missing, NumberRange(0, MOST_DAYS, MOST_WORDS)]),
        f"side_{step.key}": SelectField(_("Before or after"), choices=[BEFORE, AFTER]),
        f"hour_{step.key}": TimeField(_("Time"), validators=[DataRequired(_("Enter a time, such as 18:00."))]),
    }


def _moment_values(step: TemplateStep) -> dict[str, Any]:
    return {
        f"days_{step.key}": abs(step.days),
        f"side_{step.key}": BEFORE if step.days < 0 else AFTER,
        f"hour_{step.key}": time.fromisoformat(step.hour),
    }


class OwnTemplateForm(FlaskForm):
    """For whom a template of its own begins."""

    who = SelectField(_("Employment type or country"))

    def __init__(self, employment_types: list[str], **values: Any):
        super().__init__(**values)
        offered = {"employment_type": [(name, name) for name in employment_types], "country": list(countries().items())}
        self.who.choices = {
            label: [(f"{field}:{value}", words) for value, words in offered[field]]
            for field, label in OWN_FOR.items() if offered[field]
        }  # fmt: skip
