"""The contract itself: what it lets through and what it does not."""

import pytest

from tests.contract.google import problems, problems_of_answer

USERS = "/admin/directory/v1/users"
ERROR = (
    '{"error": {"code": 409, "message": "x", "errors": [{"domain": "global", "reason": "duplicate", "message": "x"}]}}'
)


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("GET", USERS, "customer=my_customer&maxResults=500&fields=users(id)", ""),
        ("PUT", f"{USERS}/x", "", '{"externalIds": null, "suspended": true}'),
        ("POST", f"{USERS}/x/makeAdmin", "", '{"status": true}'),
    ],
)
def test_what_google_describes_passes(method, path, query, body):
    assert problems(method, path, query, body, 409, ERROR) == []


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "said"),
    [
        ("GET", USERS, "maxResults=900", "", "out of range"),
        ("GET", USERS, "projection=most", "", "is none of"),
        ("GET", USERS, "updatedMin=1", "", "has no parameter"),
        ("PUT", f"{USERS}/x", "", '{"suspended": "yes"}', "is not of type 'boolean'"),
        ("PUT", f"{USERS}/x", "", '{"relations": [{"kind": "manager"}]}', "relations"),
        ("DELETE", f"{USERS}/x", "", "{}", "takes no body"),
        ("GET", "/apps/licensing/v1/product/x/users", "", "", "lacks customerId"),
        ("GET", "/admin/directory/v1/nonsense", "", "", "is no method"),
    ],
)
def test_what_google_does_not_describe_is_found(method, path, query, body, said):
    assert said in problems(method, path, query, body, 409, ERROR)[0]


@pytest.mark.parametrize("answer", ['{"nickname": "x"}', '{"suspended": null}', '{"id": 1}', "<html>"])
def test_an_answer_that_is_none_of_googles_is_found(answer):
    assert problems_of_answer("GET", f"{USERS}/x", 200, answer)
    assert problems_of_answer("GET", f"{USERS}/x", 409, answer)
