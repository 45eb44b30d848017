"""The texts of the automatic reply until an organisation has written its own."""

from portal.timeline_templates.steps import Kind

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
