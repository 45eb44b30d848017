"""Faults by rule: which call they hit, what the caller sees, and what was done all the same.

https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/throttling
"""

import time

import pytest
import requests as http

OMAR = "/users/omar.ordinary@acme.example"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_status_is_answered_instead_of_being_done(caller, sandbox, status):
    sandbox.fault(method="PATCH", path="/users/", status=status, retry_after=7)
    answer = caller("PATCH", OMAR, {"jobTitle": "Diver"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert answer.json()["error"]["innerError"]["request-id"] == answer.headers["request-id"]
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] != "Diver"


def test_the_words_and_the_body_of_a_status_can_be_chosen(caller, sandbox):
    sandbox.fault(status=400, code="Request_BadRequest", message="Not today.")
    assert caller.refused("GET", OMAR) == (400, "Request_BadRequest", "Not today.")
    sandbox.fault(status=503, body="html")
    assert caller("GET", OMAR).headers["Content-Type"].startswith("text/html")
    sandbox.fault(status=503, body="empty")
    assert caller("GET", OMAR).content == b""


def test_a_lost_answer_was_carried_out(caller, sandbox):
    sandbox.fault(method="PATCH", kind="lost answer")
    with pytest.raises(http.ConnectionError):
        caller("PATCH", OMAR, {"jobTitle": "Diver"})
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Diver"


def test_an_answer_that_is_cut_short_was_carried_out_too(caller, sandbox):
    sandbox.fault(method="GET", kind="cut short")
    with pytest.raises((http.ConnectionError, http.exceptions.ChunkedEncodingError)):
        caller("GET", OMAR)


def test_a_reset_connection_did_nothing(caller, sandbox):
    sandbox.fault(method="PATCH", kind="reset")
    with pytest.raises(http.ConnectionError):
        caller("PATCH", OMAR, {"jobTitle": "Diver"})
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] != "Diver"


def test_a_slow_answer_is_a_good_one(caller, sandbox):
    sandbox.fault(kind="slow", seconds=0.3)
    began = time.monotonic()
    assert caller("GET", OMAR).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_a_rule_hits_the_nth_call_so_many_times_and_is_listed_with_its_hits(caller, sandbox):
    sandbox.fault(method="GET", path="/users/", status=503, skip=1, times=2)
    assert [caller("GET", OMAR).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert caller("GET", "/organization").status_code == 200
    assert [rule["hits"] for rule in sandbox.faults()] == [2]


def test_a_share_of_the_calls_is_hit(caller, sandbox):
    sandbox.fault(method="GET", path="/organization", status=503, share=0.5, times=None)
    failed = sum(caller("GET", "/organization").status_code == 503 for _ in range(60))
    assert 10 < failed < 50


def test_rules_that_were_cleared_are_gone(caller, sandbox):
    sandbox.fault(status=503, times=None)
    sandbox.clear_faults()
    assert caller("GET", OMAR).status_code == 200
    assert sandbox.faults() == []


def test_an_expired_secret_and_a_revoked_consent(caller, sandbox):
    sandbox.fault(kind="expired secret")
    assert caller.sign_in()["error_codes"] == [7000222]
    caller.sign_in()
    sandbox.fault(kind="revoked consent")
    assert caller.refused("GET", OMAR)[:2] == (403, "Authorization_RequestDenied")


def test_a_rule_that_cannot_be_is_refused(sandbox):
    answer = sandbox.session.post(f"{sandbox.control_url}/faults", json={"kind": "earthquake"})
    assert answer.status_code == 400
    assert "kind is one of" in answer.json()["error"]


def test_the_graph_port_knows_nothing_of_the_control_calls(caller, sandbox):
    assert sandbox.session.get(f"{sandbox.graph_url}/faults").status_code == 404
    assert caller("GET", "/faults").status_code in (400, 404)


def test_everything_is_in_the_journal_until_it_is_cleared(caller, sandbox):
    sandbox.clear_requests()
    answer = caller("PATCH", OMAR, {"jobTitle": "Diver"})
    (line,) = sandbox.requests(path="omar.ordinary")
    assert (line.method, line.status, line.request_id) == ("PATCH", 204, answer.headers["request-id"])
    assert "Diver" in line.body
    assert "Bearer" not in line.headers.get("Authorization", "")[6:]
    sandbox.clear_requests()
    assert sandbox.requests() == []


def test_every_call_takes_at_least_the_latency_and_a_batch_takes_it_once(caller, sandbox):
    sandbox.set_latency(150)
    parts = [{"id": str(number), "method": "GET", "url": OMAR} for number in range(20)]
    began = time.monotonic()
    assert len(caller("POST", "/$batch", {"requests": parts}).json()["responses"]) == 20
    assert 0.15 <= time.monotonic() - began < 20 * 0.15


def test_a_claims_challenge_refuses_every_token_made_so_far(caller, sandbox):
    sandbox.fault(kind="claims challenge", path="/users/")
    answer = caller("GET", OMAR)
    assert answer.status_code == 401
    assert 'error="insufficient_claims", claims="' in answer.headers["WWW-Authenticate"]
    assert caller("GET", OMAR).status_code == 401


@pytest.mark.parametrize("kind", ["reset", "lost answer", "cut short"])
def test_a_batch_says_504_of_an_item_that_got_no_answer(caller, sandbox, kind):
    sandbox.fault(path="/users/omar", kind=kind)
    items = [{"id": str(number), "method": "GET", "url": OMAR} for number in range(2)]
    parts = caller("POST", "/$batch", {"requests": items}).json()["responses"]
    assert [part["status"] for part in parts] == [504, 200]


def test_a_batch_can_be_carried_out_and_its_answer_lost(caller, sandbox):
    sandbox.fault(path=r"/\$batch$", kind="lost answer")
    item = {"id": "1", "method": "PATCH", "url": OMAR, "body": {"jobTitle": "Diver"}}
    with pytest.raises(http.ConnectionError):
        caller("POST", "/$batch", {"requests": [{**item, "headers": {"Content-Type": "application/json"}}]})
    assert sandbox.user("omar.ordinary@acme.example").properties["jobTitle"] == "Diver"
