"""The description of the API, held against the routes and against the standard."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from portal.access import ByToken
from portal.api import document
from portal.api.routes import ROUTES
from portal.api_tokens.scopes import Scope
from tests.cast import Person

ROUTE = re.compile(r"<(?:\w+:)?(\w+)>")
DOCS = Path(__file__).resolve().parents[2] / "docs" / "integrations" / "api.md"


@pytest.fixture
def served(app, tables):
    return app.test_client().get("/api/v1/openapi.json").json


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_o01_every_route_is_in_the_description_and_has_a_scope(app, served):
    views = app.view_functions
    rules = [rule for rule in app.url_map.iter_rules() if isinstance(views[rule.endpoint].access_rule, ByToken)]
    # SCIM describes itself, under /scim/v2/Schemas.
    rules = [rule for rule in rules if rule.rule.startswith("/api/")]
    there = {(ROUTE.sub(r"{\1}", rule.rule), verb) for rule in rules for verb in rule.methods - {"HEAD", "OPTIONS"}}
    found = {(path, method.upper()): verb for path, item in served["paths"].items() for method, verb in item.items()}
    assert found.keys() == there
    assert len(found) == len(ROUTES)
    scopes = {verb["operationId"]: verb["security"][0]["token"] for verb in found.values()}
    assert {name for name, needed in scopes.items() if not needed} == {"read_me"}
    assert {scope for needed in scopes.values() for scope in needed} == set(Scope) - {
        Scope.EMPLOYEES_PRIVATE,
        Scope.SCIM,
        Scope.PORTAL_USERS,
    }


def test_o01_the_description_is_valid_openapi_and_its_examples_are_valid(served):
    assert served["openapi"].startswith("3.1.")
    for reference in references(served):
        assert reference.removeprefix("#/components/schemas/") in served["components"]["schemas"], reference
    for schema in served["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for path, item in served["paths"].items():
        for method, verb in item.items():
            asked = {one["name"] for one in verb["parameters"] if one["in"] == "path"}
            assert asked == set(re.findall(r"\{(\w+)\}", path))
            assert verb["responses"]["default"]["content"].keys() == {document.PROBLEM}
            for content in verb.get("requestBody", {}).get("content", {}).values():
                schema = {**content["schema"], "components": served["components"]}
                jsonschema.Draft202012Validator(schema).validate(content["example"])
            assert (method != "get") == ("requestBody" in verb)


@pytest.mark.usefixtures("connection", "mailbox", "impatient")
def test_o01_each_example_is_accepted_by_its_own_route(served, cast, acme, payroll):
    for number in (17, 18):
        cast.employee(acme, "Zoe", id=number)
    tried = []
    for path, item in served["paths"].items():
        for method, verb in item.items():
            found = verb.get("requestBody", {}).get("content", {}).get("application/json", {})
            if not found.get("example"):
                continue
            address = path.format(employee_id=18 if path.endswith("link") else 17, service_key="microsoft-365")
            answer = payroll.ask(method.upper(), address, found["example"], headers={"If-Match": "*"})
            # No tenant has the account of the example.
            taken = answer.status_code in (200, 201, 202) or answer.json["type"].endswith("application-refused")
            assert taken, answer.text
            tried.append(verb["operationId"])
    assert tried == ["add_employee", "change_employee", "create_account", "link_account", "plan_run"]


def test_every_problem_that_the_api_tells_of_is_explained(app, tables):
    page = Person(app).get("/api/v1/docs")
    assert page.title == "API"
    for kind in document.PROBLEMS:
        assert page.soup.find(id=f"problem-{kind}"), kind
    for route in ROUTES:
        assert f"{route.method} {document.address_of(route)}" in page.text


def test_docs_name_every_scope_and_every_route():
    text = DOCS.read_text(encoding="utf-8")
    for scope in Scope:
        assert f"`{scope}`" in text
    for route in ROUTES:
        assert f"`{route.method} {document.address_of(route).removeprefix(document.BASE)}`" in text, route.name


def test_answers_are_as_described(cast, acme, payroll, served):
    zoe = cast.employee(acme, "Zoe")
    own = f"employees/{zoe.id}"
    for path in ("employees", own, f"{own}/accounts", "operations", "plans", "audit", "me"):
        verb = served["paths"]["/api/v1/" + path.replace(str(zoe.id), "{employee_id}")]["get"]
        schema = verb["responses"]["200"]["content"]["application/json"]["schema"]
        found = payroll.get(path)
        jsonschema.Draft202012Validator({**schema, "components": served["components"]}).validate(json.loads(found.text))
