"""The pages on which people sign in and agree.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests as http

BACK = "http://localhost/callback"
GRACE, OMAR, PASSWORD = "grace.hopper@acme.example", "omar.ordinary@acme.example", "Sandbox-Password-1"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0"


class Browser:
    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.session = http.Session()
        self.session.trust_env = False

    def url(self, path, **query):
        values = {"client_id": self.sandbox.client_id, "redirect_uri": BACK, "state": "s1", **query}
        return f"{self.sandbox.login_url}{path}?" + urlencode(
            {name: value for name, value in values.items() if value is not None}
        )

    def authorize(self, **query):
        challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        values = {"response_type": "code", "scope": "openid profile", "nonce": "n1", "code_challenge": challenge,
                  "code_challenge_method": "S256", **query}  # fmt: skip
        return self.url("/organizations/oauth2/v2.0/authorize", **values)

    def send(self, url, **form):
        """The query with which the browser is sent back to the application."""
        answer = self.session.post(url, data=form, allow_redirects=False)
        assert answer.is_redirect, answer.text
        where = answer.headers["Location"]
        assert where.startswith(BACK), where
        return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}

    def redeem(self, code, **changes):
        form = {"grant_type": "authorization_code", "client_id": self.sandbox.client_id, "code": code,
                "client_secret": self.sandbox.client_secret, "redirect_uri": BACK, "code_verifier": VERIFIER,
                "scope": "openid profile", **changes}  # fmt: skip
        return self.session.post(f"{self.sandbox.login_url}/organizations/oauth2/v2.0/token", data=form).json()


@pytest.fixture
def browser(sandbox):
    found = Browser(sandbox)
    yield found
    found.session.close()


def test_whoever_signs_in_is_named_by_the_id_token(browser, sandbox):
    answer = browser.send(browser.authorize(), username=GRACE, password=PASSWORD)
    assert answer["state"] == "s1"
    claims = jwt.decode(browser.redeem(answer["code"])["id_token"], options={"verify_signature": False})
    acme = sandbox.tenants[0]["id"]
    assert (claims["aud"], claims["tid"], claims["nonce"], claims["ver"]) == (sandbox.client_id, acme, "n1", "2.0")
    assert claims["oid"] == sandbox.user(GRACE).id
    assert claims["iss"].endswith(f"/{acme}/v2.0")


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"code_verifier": "another-verifier-of-forty-three-characters-00"}, "invalid_grant", 501481),
        ({"redirect_uri": "http://localhost/elsewhere"}, "invalid_grant", 500112),
        ({"client_secret": "wrong"}, "invalid_client", 7000215),
        ({"code": "made up"}, "invalid_grant", None),
    ],
)
def test_a_code_needs_everything_it_was_made_with(browser, changes, error, number):
    code = browser.send(browser.authorize(), pick=GRACE)["code"]
    answer = browser.redeem(changes.pop("code", code), **changes)
    assert answer["error"] == error
    assert number in (None, *answer["error_codes"])


def test_a_code_is_good_once_and_for_ten_minutes(browser, sandbox):
    code = browser.send(browser.authorize(), pick=GRACE)["code"]
    assert "id_token" in browser.redeem(code)
    assert browser.redeem(code)["error_codes"] == [54005]
    late = browser.send(browser.authorize(), pick=GRACE)["code"]
    sandbox.advance(660)
    assert browser.redeem(late)["error_codes"] == [70008]


def test_a_wrong_password_and_a_blocked_account_stay_on_the_page(browser, sandbox):
    def shown(**form):
        return browser.session.post(browser.authorize(), data=form, allow_redirects=False)

    assert "alert" in shown(username=GRACE, password="wrong").text
    sandbox.patch_user(OMAR, accountEnabled=False)
    assert "alert" in shown(username=OMAR, password=PASSWORD).text


def test_a_temporary_password_is_changed_at_the_first_sign_in(browser, caller, someone, sandbox):
    first = "Temporary-Pass-1"
    profile = {"password": first, "forceChangePasswordNextSignIn": True}
    assert caller("POST", "/users", someone("nia.new", passwordProfile=profile)).status_code == 201
    page = browser.session.post(browser.authorize(), data={"username": "nia.new@acme.example", "password": first})
    assert "Update your password" in page.text
    answer = browser.send(
        browser.authorize(), username="nia.new@acme.example", password=first, new_password="Own-Password-2026"
    )
    assert "code" in answer
    assert sandbox.sign_in("nia.new@acme.example", "Own-Password-2026") == "ok"


def test_whoever_declines_comes_back_with_the_reason(browser):
    answer = browser.send(browser.authorize(), answer="cancel")
    assert (answer["error"], answer["state"]) == ("access_denied", "s1")
    assert "AADSTS65004" in answer["error_description"]


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "https://evil.example/callback"}, {"client_id": "99999999-2222-4333-8444-555555555555"}],
)
def test_what_is_not_registered_stays_on_microsofts_page(browser, changes):
    answer = browser.session.get(browser.authorize(**changes), allow_redirects=False)
    assert answer.status_code >= 400
    assert "AADSTS" in answer.text


def test_the_answer_can_be_posted_by_a_form(browser):
    page = browser.session.post(browser.authorize(response_mode="form_post"), data={"pick": GRACE})
    assert f'action="{BACK}"' in page.text
    assert 'name="code"' in page.text


def test_an_administrator_agrees_and_the_tenant_grants(browser, sandbox, caller):
    globex = sandbox.tenants[1]
    url = browser.url(f"/{globex['id']}/v2.0/adminconsent", scope="https://graph.microsoft.com/.default")
    browser.session.post(url, data={"pick": "hank.scorpio@globex.example"})
    answer = browser.send(url, answer="accept")
    assert (answer["admin_consent"], answer["tenant"], answer["state"]) == ("True", globex["id"], "s1")
    assert "access_token" in caller.sign_in("Globex")


def test_somebody_without_the_role_cannot_agree(browser, sandbox):
    acme = sandbox.tenants[0]["id"]
    url = browser.url(f"/{acme}/v2.0/adminconsent", scope="https://graph.microsoft.com/.default")
    browser.session.post(url, data={"pick": OMAR})
    page = browser.session.get(url)
    assert 'value="accept"' not in page.text


def test_consent_that_is_declined_says_so(browser, sandbox):
    acme = sandbox.tenants[0]["id"]
    url = browser.url(f"/{acme}/v2.0/adminconsent", scope="https://graph.microsoft.com/.default")
    browser.session.post(url, data={"pick": GRACE})
    answer = browser.send(url, answer="cancel")
    assert answer["error"] in ("access_denied", "permission_denied")


@pytest.mark.parametrize("tenant", ["organizations", "common", "acme.example"])
def test_discovery_is_there_for_every_name_of_a_tenant(sandbox, tenant):
    document = sandbox.session.get(f"{sandbox.login_url}/{tenant}/v2.0/.well-known/openid-configuration").json()
    assert {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"} <= set(document)
    assert ("{tenantid}" in document["issuer"]) == (tenant != "acme.example")


def test_a_tenant_that_nobody_has_is_not_discovered(sandbox):
    answer = sandbox.session.get(f"{sandbox.login_url}/nowhere.example/v2.0/.well-known/openid-configuration")
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]
