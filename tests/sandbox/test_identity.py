"""https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow"""

import jwt

from tests.sandbox.caller import Caller


def test_a_tenant_that_never_consented_does_not_know_the_application(sandbox):
    assert Caller(sandbox).sign_in("Globex")["error_codes"] == [700016]


def test_permissions_decide_what_a_token_may(sandbox):
    sandbox.grant_consent("Acme", ["User.Read.All"])
    call = Caller(sandbox)
    token = call.sign_in()["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["roles"] == ["User.Read.All"]
    assert call("GET", "/users").status_code == 200
    assert call("DELETE", "/users/omar.ordinary@acme.example").json()["error"]["code"] == "Authorization_RequestDenied"


def test_after_a_withdrawal_tokens_come_without_roles(sandbox):
    sandbox.grant_consent("Acme")
    sandbox.grant_consent("Acme", [])
    call = Caller(sandbox)
    call.sign_in()
    assert call("GET", "/users").status_code == 403


def test_a_token_expires(call, sandbox):
    sandbox.advance(3700)
    answer = call("GET", "/users")
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert "WWW-Authenticate" in answer.headers


def test_a_wrong_and_an_expired_secret_have_their_own_numbers(sandbox):
    sandbox.grant_consent("Acme")
    call = Caller(sandbox)
    sandbox.expire_secret()
    assert call.sign_in()["error_codes"] == [7000222]
    right, sandbox.client_secret = sandbox.client_secret, "wrong"
    wrong = call.sign_in()
    sandbox.client_secret = right
    assert wrong["error_codes"] == [7000215]


def test_every_answer_carries_its_request_ids(call):
    answer = call("GET", "/organization", **{"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"]


def test_the_write_quota_can_be_switched_on(call, someone, sandbox):
    """https://learn.microsoft.com/graph/throttling-limits"""
    sandbox.throttle(writes=5)
    statuses = [call("POST", "/users/omar.ordinary@acme.example/revokeSignInSessions").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    sandbox.advance(151)
    assert call("POST", "/users/omar.ordinary@acme.example/revokeSignInSessions").status_code == 200
