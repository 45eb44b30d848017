"""https://learn.microsoft.com/graph/json-batching"""

import pytest

OMAR = "omar.ordinary@acme.example"
JSON = {"Content-Type": "application/json"}


def part(number: int, method: str = "GET", url: str = "/organization", **more) -> dict:
    return {"id": str(number), "method": method, "url": url, **more}


def batch(caller, *parts: dict) -> dict[str, dict]:
    answer = caller("POST", "/$batch", {"requests": list(parts)})
    assert answer.status_code == 200, answer.text
    return {item["id"]: item for item in answer.json()["responses"]}


def test_each_part_is_answered_by_itself(caller, someone):
    answers = batch(
        caller,
        part(1, "POST", "/users", body=someone(), headers=JSON),
        part(2, url="/users/nobody@acme.example"),
        part(3, url=f"users/{OMAR}?$select=displayName"),
        part(4, "PATCH", f"/users/{OMAR}", body={"jobTitle": "Buyer"}, headers=JSON),
    )
    assert {name: item["status"] for name, item in answers.items()} == {"1": 201, "2": 404, "3": 200, "4": 204}
    assert answers["3"]["body"]["displayName"] == "Omar Ordinary"
    assert answers["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    assert "body" not in answers["4"]


def test_what_depends_on_a_failure_fails(caller):
    answers = batch(caller, part(1, url="/users/nobody@acme.example"), part(2, dependsOn=["1"]), part(3))
    assert [answers[name]["status"] for name in "123"] == [404, 424, 200]


def test_parts_that_depend_are_done_in_their_order(caller, someone):
    answers = batch(
        caller,
        part(1, "POST", "/users", body=someone(), headers=JSON),
        part(2, url="/users/new.person@acme.example", dependsOn=["1"]),
    )
    assert answers["2"]["status"] == 200


def test_headers_belong_into_the_part(caller):
    search = '/users?$search="displayName:omar"'
    answers = batch(caller, part(1, url=search), part(2, url=search, headers={"ConsistencyLevel": "eventual"}))
    assert (answers["1"]["status"], answers["2"]["status"]) == (400, 200)


def test_a_part_that_is_throttled_carries_its_own_wait(caller, sandbox):
    sandbox.fault(path="/v1.0/organization$", status=429, retry_after=7)
    answers = batch(caller, part(1), part(2))
    assert [answers[name]["status"] for name in "12"] == [429, 200]
    assert answers["1"]["headers"]["Retry-After"] == "7"


@pytest.mark.parametrize(
    "requests",
    [
        [],
        "x",
        [part(number) for number in range(21)],
        [part(1), part(1)],
        [{"id": "a", "method": "GET", "url": "/organization"}, {"id": "A", "method": "GET", "url": "/organization"}],
        [part(1, dependsOn=["2"]), part(2)],
        [part(1, "POST", "/users", body={})],
        [{"id": "1", "url": "/organization"}],
    ],
    ids=["none", "no list", "21", "same id", "same id in capitals", "later", "no content type", "no method"],
)
def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(caller, requests):
    assert caller.refused("POST", "/$batch", {"requests": requests})[:2] == (400, "BadRequest")


def test_a_batch_in_a_batch_is_not_done(caller):
    assert batch(caller, part(1, "POST", "/$batch"))["1"]["status"] == 400
