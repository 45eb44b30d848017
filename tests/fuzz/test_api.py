"""Whatever is sent to a route of the API, it answers as its own description says, and never with an error of its own.

Valid requests and spoilt ones are made from the description that is served.
"""

import json
import os
import re
import uuid

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.api import document
from portal.database import database
from portal.security import limiter
from tests.api.conftest import payroll, system  # noqa: F401
from tests.fuzz.routes import NASTY
from tests.provisioning.conftest import connection, impatient  # noqa: F401

INPUTS = int(os.environ.get("FUZZ", "120"))
SECRET_NAME = "Geheimrat"
WORDS = [word for word in NASTY if isinstance(word, str) and len(word) < 500]
NUMBER = re.compile(r"\{\w+_id\}")
STRANGE = st.one_of(
    st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(), st.floats(), st.just([]), st.just({})
)


def values(schema, schemas):
    """What fits a schema of the description; now and then something that does not."""
    if "$ref" in schema:
        return values(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return st.one_of([values(each, schemas) for each in schema["anyOf"]])
    kinds = {
        "string": st.one_of(st.text(max_size=20), st.sampled_from(WORDS)),
        "integer": st.integers(schema.get("minimum", -5), schema.get("maximum", 2**40)),
        "boolean": st.booleans(), "null": st.none(),
    }  # fmt: skip
    formats = {"date": st.dates().map(str), "date-time": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")}
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("type") == "array":
        # Of one kind mostly: numbers of rows.
        each = st.one_of(values(schema["items"], schemas), st.integers(1, 3).map(str))
        return st.lists(each, min_size=schema.get("minItems", 0), max_size=3)
    if schema.get("type") == "object":
        needed = {name: values(each, schemas) for name, each in schema["properties"].items()}
        required = {name: needed.pop(name) for name in schema.get("required", [])}
        return st.fixed_dictionaries(required, optional=needed)
    return formats.get(schema.get("format"), kinds[schema["type"]])


def requests(served, ids):
    """(method, address, what the description says of it, query, body), spoilt in every fourth place."""
    schemas = served["components"]["schemas"]

    def of(path, method, verb):
        query = {one["name"]: values(one["schema"], schemas) for one in verb["parameters"] if one["in"] == "query"}
        body = verb.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        spoilt = st.dictionaries(st.sampled_from([*query, "x"]), STRANGE, max_size=1)
        bodies = st.one_of([values(body, schemas)] * 3 + [STRANGE]) if body else st.none()
        address = st.sampled_from(ids).map(lambda one: NUMBER.sub(one.replace("\\", r"\\"), path))
        return st.tuples(
            st.just(method), address, st.just(verb), st.fixed_dictionaries({}, optional=query), spoilt, bodies
        )

    return st.one_of(
        [of(path, method, verb) for path, item in served["paths"].items() for method, verb in item.items()]
    )


def problems(answer, verb, served):
    """What is wrong with an answer."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return [f"{answer.status_code} {answer.text[:300]}"]
    if SECRET_NAME in answer.text:
        return ["shows another organisation's employee"]
    described = verb["responses"].get(str(answer.status_code), verb["responses"]["default"])
    content = described["content"].get(answer.content_type)
    if content is None:
        return [f"{answer.status_code} is {answer.content_type}"]
    validator = jsonschema.Draft202012Validator({**content["schema"], "components": served["components"]})
    # One value a line there.
    bodies = answer.text.splitlines() if answer.content_type == "application/x-ndjson" else [answer.text]
    return [error.message for body in bodies for error in validator.iter_errors(json.loads(body))]


@pytest.mark.usefixtures("impatient", "mailbox")
def test_the_api_answers_as_it_says_whatever_is_sent(app, cast, acme, initech, connection, payroll, monkeypatch):  # noqa: F811
    monkeypatch.setattr("portal.api.routes.PER_MINUTE", 1_000_000)
    ours, theirs = cast.employee(acme, "Zoe"), cast.employee(initech, "Zoe", SECRET_NAME)
    served = document.document()
    ids = [str(ours.id)] * 5 + [str(theirs.id), "1", "0", "2147483648", "x", "%00"]
    found = []

    @settings(
        max_examples=INPUTS, deadline=None, database=None, derandomize="FUZZ" not in os.environ,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(requests(served, ids), st.sampled_from(["microsoft-365", "google-workspace", "none"]))
    def attacked(request, service_key):
        method, path, verb, query, spoilt, body = request
        limiter.reset()
        headers = {"Authorization": f"Bearer {payroll.token}", "If-Match": "*", "Idempotency-Key": str(uuid.uuid4())}
        address, sent = path.replace("{service_key}", service_key), {} if method == "get" else {"json": body}
        answer = app.test_client().open(
            address, method=method.upper(), headers=headers, query_string={**query, **spoilt}, **sent
        )
        database.connect(reuse_if_open=True)
        found.extend(f"{method} {address} {query} {body}: {one}" for one in problems(answer, verb, served))

    attacked()
    assert not found, "\n".join(dict.fromkeys(found))
