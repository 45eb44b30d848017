"""The texts of the automatic reply in a template: plain words with placeholders."""

import re
from collections.abc import Mapping

from portal.timeline_templates.steps import Kind

LONGEST = 4_000
# Placeholder -> what it means, in words for people.
PLACEHOLDERS = {
    "first_name": "the employee’s first or preferred name",
    "successor": "the colleague who takes over",
    "last_day": "the last day",
}
PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")
# Of the timelines that have an automatic reply.
DEFAULTS: dict[str, dict[str, str]] = {
    Kind.LEAVER: {
        "inside": "{first_name} has left the company. Please contact {successor} instead.",
        "outside": "{first_name} no longer works here. Please contact {successor} instead.",
    },
    Kind.LEAVE: {
        "inside": "{first_name} is on leave until {last_day}. Please contact {successor} in the meantime.",
        "outside": "{first_name} is away until {last_day}. Please contact {successor} in the meantime.",
    },
}
SAMPLE = {"first_name": "Mary", "successor": "Wei Zhang", "last_day": "31 March 2027"}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, once: what a value says is not read again."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def problem_of(text: str) -> str:
    """Why the text cannot be used, as a sentence; empty when it can."""
    unknown = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if not unknown:
        return ""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    return f"{unknown[0]} is not a placeholder. There are {known}."
