"""What cannot go together in one template, in words: it is refused when the template is saved."""

from collections.abc import Iterator
from datetime import time

from portal.languages import gettext as _
from portal.languages import ngettext
from portal.timeline_templates.steps import TemplateStep

# Days that are left for somebody to notice before an account is gone.
LEAST_BEFORE_DELETE = 60
MOST_DAYS = 400


def found_in(steps: list[TemplateStep]) -> dict[str, str]:
    """Key of a step -> why it cannot be as it is, as a sentence; empty when the template can be saved."""
    on = {step.key: step for step in steps if step.on}
    problems: dict[str, str] = {}
    for key, sentence in (*_out_of_reach(steps), *_out_of_order(on, steps), *_about_the_mailbox(on), *_delete(on)):
        problems.setdefault(key, sentence)
    return problems


def moment(step: TemplateStep) -> tuple[int, time]:
    """When a step is, counted from its date: comparable with another step of the same date."""
    return step.days, time.fromisoformat(step.hour)


def _out_of_reach(steps: list[TemplateStep]) -> Iterator[tuple[str, str]]:
    for step in steps:
        if step.on and step.at == ():
            yield step.key, _("Choose an application, or switch this step off.")
        if abs(step.days) > MOST_DAYS:
            yield step.key, _("Choose at most %(days)s days.", days=MOST_DAYS)


def _out_of_order(on: dict[str, TemplateStep], steps: list[TemplateStep]) -> Iterator[tuple[str, str]]:
    labels = {step.key: step.label for step in steps}
    for step in on.values():
        for key in step.after:
            first = on.get(key)
            if first is None:
                yield step.key, _("“%(step)s” needs “%(other)s”, which is off.", step=step.label, other=labels[key])
            elif first.anchor == step.anchor and moment(first) > moment(step):
                yield (
                    step.key,
                    _(
                        "“%(step)s” comes before “%(other)s”. It has to come after it.",
                        step=step.label,
                        other=first.label,
                    ),
                )


def _about_the_mailbox(on: dict[str, TemplateStep]) -> Iterator[tuple[str, str]]:
    """A mailbox without a licence is lost after a while, unless it is a shared one by then."""
    convert, licences = on.get("convert_mailbox"), on.get("take_licences")
    if convert and licences and moment(licences) < moment(convert):
        yield (
            licences.key,
            (
                ngettext(
                    "The licences would go before “%(step)s”, and the mailbox with them. Take them "
                    "away %(num)s day after the last day or later.",
                    "The licences would go before “%(step)s”, and the mailbox with them. Take them "
                    "away %(num)s days after the last day or later.",
                    convert.days,
                    step=convert.label,
                )
            ),
        )
    for key in ("reply", "forward"):
        step = on.get(key)
        if step and licences and moment(licences) < moment(step):
            yield (
                key,
                _(
                    "“%(step)s” needs the mailbox, which goes with the licences. Choose an earlier day for it.",
                    step=step.label,
                ),
            )
    if convert and "delete" in on:
        yield (
            "delete",
            (
                _(
                    "A shared mailbox is deleted with its account. Switch off “%(step)s” or “Delete the account”.",
                    step=convert.label,
                )
            ),
        )


def _delete(on: dict[str, TemplateStep]) -> Iterator[tuple[str, str]]:
    delete, licences = on.get("delete"), on.get("take_licences")
    if delete and delete.days < LEAST_BEFORE_DELETE:
        yield (
            "delete",
            _(
                "An account is deleted %(days)s days after the last day at the earliest.",
                days=LEAST_BEFORE_DELETE,
            ),
        )
    elif delete and licences and moment(licences) > moment(delete):
        yield "take_licences", _("The licences go with the account when it is deleted. Take them away before that.")
