"""What cannot go together in one template, in words: it is refused when the template is saved."""

from collections.abc import Iterator
from datetime import time

from portal.timeline_templates.steps import TemplateStep

# So many days are left for somebody to notice before an account is gone.
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
            yield step.key, "Choose an application, or switch this step off."
        if abs(step.days) > MOST_DAYS:
            yield step.key, f"Choose at most {MOST_DAYS} days."


def _out_of_order(on: dict[str, TemplateStep], steps: list[TemplateStep]) -> Iterator[tuple[str, str]]:
    labels = {step.key: step.label for step in steps}
    for step in on.values():
        for key in step.after:
            first = on.get(key)
            if first is None:
                yield step.key, f"“{step.label}” needs “{labels[key]}”, which is off."
            elif first.anchor == step.anchor and moment(first) > moment(step):
                yield step.key, f"“{step.label}” comes before “{first.label}”. It has to come after it."


def _about_the_mailbox(on: dict[str, TemplateStep]) -> Iterator[tuple[str, str]]:
    """A mailbox without a licence is lost after a while, unless it is a shared one by then."""
    convert, licences = on.get("convert_mailbox"), on.get("take_licences")
    if convert and licences and moment(licences) < moment(convert):
        yield (
            licences.key,
            (
                f"The licences would go before “{convert.label}”, and the mailbox with them. "
                f"Take them away {_days(convert.days)} after the last day or later."
            ),
        )
    for key in ("reply", "forward"):
        step = on.get(key)
        if step and licences and moment(licences) < moment(step):
            yield key, f"“{step.label}” needs the mailbox, which goes with the licences. Choose an earlier day for it."
    if convert and "delete" in on:
        yield (
            "delete",
            (f"A shared mailbox is deleted with its account. Switch off “{convert.label}” or “Delete the account”."),
        )


def _delete(on: dict[str, TemplateStep]) -> Iterator[tuple[str, str]]:
    delete, licences = on.get("delete"), on.get("take_licences")
    if delete and delete.days < LEAST_BEFORE_DELETE:
        yield "delete", f"An account is deleted {LEAST_BEFORE_DELETE} days after the last day at the earliest."
    elif delete and licences and moment(licences) > moment(delete):
        yield "take_licences", "The licences go with the account when it is deleted. Take them away before that."


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
