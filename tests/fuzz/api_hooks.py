"""What schemathesis is told beside the description: numbers of rows that are there, and what no answer may show."""

import os

import schemathesis

# Of both organisations, and of nobody.
IDS = [int(number) for number in os.environ["API_IDS"].split()]
KEYS = ("microsoft-365", "google-workspace")
SECRET = os.environ["API_SECRET"]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Most addresses lead to a row."""
    for name, value in (path_parameters or {}).items():
        if name == "service_key" and len(str(value)) % 4:
            path_parameters[name] = KEYS[len(str(value)) % len(KEYS)]
        elif isinstance(value, int) and value % 8:
            path_parameters[name] = IDS[value % len(IDS)]
    return path_parameters


@schemathesis.check
def shows_nobody_of_another_organisation(context, response, case):
    assert SECRET not in response.text, "an employee of another organisation"
