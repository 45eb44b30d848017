"""Tokens of people: who may agree to what, and how a token ends.

https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies and
https://learn.microsoft.com/entra/identity-platform/refresh-tokens
"""

from urllib.parse import urlencode

import jwt
import pytest

from tests.sandbox.person import BACK, OF_RECRUITER, PersonCaller

GRACE, OMAR = "grace.hopper@acme.example", "omar.ordinary@acme.example"
ALL = ("Mail.Send", "Mail.ReadWrite", "User.Read")
DAY = 86400


@pytest.fixture
def person(sandbox):
    caller = PersonCaller(sandbox)
    yield caller
    caller.close()


def test_people_agree_to_sending_themselves_and_need_an_administrator_for_reading(person, sandbox):
    asked = person.authorize_url("Mail.Send User.Read openid")
    assert "Permissions requested" in person.press(asked, pick=OMAR)["page"]
    assert "code" in person.press(asked, answer="accept")
    more = person.authorize_url(OF_RECRUITER)
    assert "Need admin approval" in person.press(more, pick=OMAR)["page"]
    back = person.press(more, answer="without approval")
    assert (back["error"], "AADSTS90094" in back["error_description"]) == ("access_denied", True)
    assert "AADSTS90094" in person.press(more, answer="accept")["error_description"]
    sandbox.allow_for_people(policy="everybody")
    assert "Permissions requested" in person.press(more, pick=OMAR)["page"]


def test_an_administrator_agrees_for_everybody_to_named_scopes_alone(person, sandbox):
    scope = " ".join(f"https://graph.microsoft.com/{name}" for name in ALL)
    values = {"client_id": sandbox.client_id, "redirect_uri": BACK, "scope": scope, "state": "s2"}
    url = f"{sandbox.login_url}/{sandbox.tenants[0]['id']}/v2.0/adminconsent?{urlencode(values)}"
    person.session.post(url, data={"pick": GRACE})
    page = person.session.get(url).text
    assert "Read and write access to user mail" in page
    assert "Manage all license assignments" not in page
    assert person.press(url, answer="accept")["admin_consent"] == "True"
    assert person.sign_in_as(OMAR)["scope"].split()[:2] == ["Mail.Send", "Mail.ReadWrite"]
    person.sign_in()
    assert person.refused("GET", "/users")[0] == 403


def test_a_token_says_what_was_granted_and_for_whom(person, sandbox):
    sandbox.allow_for_people("Mail.Send", "User.Read")
    person.sign_in_as(OMAR, "Mail.Send User.Read openid profile")
    claims = jwt.decode(person.token, options={"verify_signature": False})
    assert {"Mail.Send", "User.Read"} <= set(claims["scp"].split())
    assert ("Mail.ReadWrite" in claims["scp"], claims["oid"]) == (False, sandbox.user(OMAR).id)
    assert person.refused("GET", "/me/messages")[:2] == (403, "ErrorAccessDenied")


def test_a_refresh_token_is_renewed_with_each_use_and_ends_after_ninety_days_without(person, sandbox):
    sandbox.allow_for_people(*ALL)
    first = person.sign_in_as(OMAR)["refresh_token"]
    sandbox.advance(80 * DAY)
    second = person.refresh(first, scope="Mail.Send")
    assert second["scope"].split()[0] == "Mail.Send"
    sandbox.advance(80 * DAY)
    third = person.refresh(second["refresh_token"])["refresh_token"]
    sandbox.advance(91 * DAY)
    assert person.refresh(third)["error_codes"] == [700082]


@pytest.mark.parametrize(("number", "suberror"), [(50173, None), (53003, "message_only"), (50076, "basic_action")])
def test_a_token_is_refused_for_a_reason_that_is_named(person, sandbox, number, suberror):
    sandbox.allow_for_people(*ALL)
    token = person.sign_in_as(OMAR)["refresh_token"]
    sandbox.refuse_person(OMAR, number)
    answer = person.refresh(token)
    assert (answer["error_codes"], answer.get("suberror")) == ([number], suberror)
    sandbox.refuse_person(OMAR, 0)
    assert "access_token" in person.refresh(token)


def test_ended_sessions_end_the_refresh_token_and_within_minutes_the_access_token_of_one_who_can_be_told(
    person, sandbox
):
    sandbox.allow_for_people(*ALL)
    tokens = person.sign_in_as(OMAR)
    able = '{"access_token":{"xms_cc":{"values":["CP1"]}}}'
    person.refresh(tokens["refresh_token"], claims=able)
    sandbox.advance(60)
    sandbox.patch_user(OMAR, signInSessionsValidFromDateTime=sandbox.moment())
    answer = person("GET", "/me")
    assert (answer.status_code, "claims=" in answer.headers["WWW-Authenticate"]) == (401, True)
    assert person.refresh(tokens["refresh_token"])["error_codes"] == [50173]


def test_what_an_administrator_takes_back_is_refused_from_then_on(person, sandbox):
    sandbox.allow_for_people(*ALL)
    token = person.sign_in_as(OMAR)["refresh_token"]
    sandbox.allow_for_people()
    assert person.refresh(token)["error_codes"] == [65001]
