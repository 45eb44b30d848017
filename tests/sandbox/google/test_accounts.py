"""Signing in, consent with a box for each scope, tokens, and what ends them."""

from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from bs4 import BeautifulSoup

from tests.sandbox.google.caller import BACK, GRACE, PREFIX


def test_the_whole_way_gives_tokens_and_an_identity(google, stranger):
    """https://developers.google.com/identity/protocols/oauth2/web-server"""
    answer = stranger.sign_in()
    known = google.session.get(f"{google.accounts_url}/.well-known/openid-configuration").json()
    key = jwt.PyJWK(google.session.get(known["jwks_uri"]).json()["keys"][0])
    claims = jwt.decode(
        answer["id_token"], key, algorithms=["RS256"], audience=google.client_id, issuer=known["issuer"]
    )
    me = stranger("GET", f"/users/{claims['sub']}?fields=id,primaryEmail,isAdmin,customerId").json()
    assert (claims["hd"], claims["email"], claims["email_verified"], claims["nonce"]) == (
        "acme.example", GRACE, True, "n",
    )  # fmt: skip
    assert me == {
        "id": claims["sub"], "primaryEmail": GRACE, "isAdmin": True, "customerId": google.customer()["id"],
    }  # fmt: skip
    assert answer["access_token"].startswith("ya29.")
    assert answer["refresh_token"].startswith("1//")


def test_each_scope_but_those_for_signing_in_has_a_box(google, stranger):
    """https://developers.google.com/identity/protocols/oauth2/resources/granular-permissions"""
    address = stranger.address("admin.directory.user", "apps.licensing")
    page = BeautifulSoup(google.session.post(address, data={"pick": GRACE}).text, "html.parser")
    boxes = {box["value"]: box.has_attr("checked") for box in page.select("input[type=checkbox]")}
    assert boxes == {f"{PREFIX}admin.directory.user": False, f"{PREFIX}apps.licensing": False}
    all_of_them = google.session.post(address, data={"pick": GRACE, "answer": "all"}).text
    assert all_of_them.count("checked") == 2


def test_an_unticked_box_is_missing_in_the_answer_and_refused_by_the_api(stranger):
    answer = stranger.sign_in(GRACE, "admin.directory.user", "apps.licensing", untick=("admin.directory.user",))
    assert f"{PREFIX}apps.licensing" in answer["scope"].split()
    assert f"{PREFIX}admin.directory.user" not in answer["scope"].split()
    assert stranger.refused("GET", "/users/me@acme.example")[:2] == (403, "insufficientPermissions")


def test_cancel_goes_back_with_access_denied(google, stranger):
    back = google.consent(stranger.address(), answer="cancel")
    assert parse_qs(urlsplit(back).query) == {"state": ["s"], "error": ["access_denied"]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client_id": "somebody"}, "Error 401: invalid_client"),
        ({"redirect_uri": "https://elsewhere.example/"}, "Error 400: redirect_uri_mismatch"),
        ({"scope": "openid https://www.googleapis.com/auth/nonsense"}, "Error 400: invalid_scope"),
        ({"response_type": "token"}, "Error 400: invalid_request"),
    ],
)
def test_a_wrong_request_stays_on_googles_page(google, stranger, changes, said):
    answer = google.session.get(stranger.address(**changes), allow_redirects=False)
    assert answer.status_code >= 400
    assert said in answer.text


@pytest.mark.parametrize("wrong", ["again", "verifier", "redirect_uri"])
def test_a_code_works_once_with_its_own_verifier_and_address(google, stranger, wrong):
    back = google.consent(stranger.address())
    if wrong == "again":
        stranger.redeem(back)
    changes = {"verifier": {"code_verifier": "x" * 43}, "redirect_uri": {"redirect_uri": f"{BACK}/"}}.get(wrong, {})
    assert stranger.redeem(back, **changes) == {"error": "invalid_grant", "error_description": "Bad Request"}


def test_a_refresh_gives_what_was_granted_and_refuses_more(stranger):
    stranger.sign_in(GRACE, "admin.directory.user", "apps.licensing", untick=("apps.licensing",))
    fresh = stranger.refresh()
    assert fresh["access_token"] != stranger.token
    assert "refresh_token" not in fresh
    assert "id_token" in fresh
    assert stranger.refresh(scope=f"{PREFIX}apps.licensing")["error"] == "invalid_scope"


def test_a_wrong_secret_is_invalid_client(stranger):
    stranger.sign_in()
    assert stranger.refresh(client_secret="wrong")["error"] == "invalid_client"


def test_revoking_ends_the_whole_grant(google, stranger):
    stranger.sign_in()
    revoked = google.session.post(f"{google.token_url}/revoke", data={"token": stranger.refresh_token})
    assert revoked.status_code == 200
    assert stranger.refresh()["error_description"] == "Token has been expired or revoked."
    assert stranger.refused("GET", f"/users/{GRACE}")[:2] == (401, "authError")
    again = google.session.post(f"{google.token_url}/revoke", data={"token": stranger.refresh_token})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


def test_a_consumer_account_has_no_hd_and_no_directory(stranger):
    answer = stranger.sign_in("pat.personal@gmail.com")
    claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
    assert "hd" not in claims
    assert stranger.refused("GET", f"/users/{claims['sub']}")[:2] == (403, "forbidden")


@pytest.mark.parametrize(
    ("what", "text"), [("suspended", "Account restricted"), ("deleted", "The account has been deleted")]
)
def test_a_refresh_token_ends_with_its_person(google, stranger, what, text):
    stranger.sign_in()
    if what == "deleted":
        google.delete_user(GRACE)
    else:
        google.patch_user(GRACE, suspended=True)
    assert stranger.refresh() == {"error": "invalid_grant", "error_description": text}


def test_a_suspended_persons_refresh_may_be_refused_in_other_words(google, stranger):
    stranger.sign_in()
    google.application(suspended=["access_denied", "Account restricted"])
    google.patch_user(GRACE, suspended=True)
    assert stranger.refresh()["error"] == "access_denied"


def test_somebody_who_lost_the_role_refreshes_and_is_refused_by_the_api(google, stranger):
    stranger.sign_in()
    google.patch_user(GRACE, isAdmin=False)
    stranger.token = stranger.refresh()["access_token"]
    assert stranger.refused("GET", "/users?customer=my_customer") == (
        403, "forbidden", "Not Authorized to access this resource/api",
    )  # fmt: skip


def test_a_hundred_and_first_refresh_token_ends_the_oldest(google, stranger):
    stranger.sign_in()
    oldest = stranger.refresh_token
    for _ in range(100):
        stranger.redeem(google.consent(stranger.address("admin.directory.user")))
    assert stranger.refresh(refresh_token=oldest)["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("app", "unconfigured", "error"),
    [("blocked", True, "admin_policy_enforced"), ("", "sign-in", "access_not_configured")],
)
def test_an_administrators_policy_stays_on_googles_page_or_comes_back(google, stranger, app, unconfigured, error):
    """https://support.google.com/a/answer/7281227"""
    google.policy(app=app, unconfigured_apps=unconfigured)
    page = google.session.post(stranger.address(), data={"pick": GRACE}, allow_redirects=False)
    assert (page.status_code, f"Error 400: {error}" in page.text) == (400, True)
    google.application(policy_comes_back=True)
    assert parse_qs(urlsplit(google.consent(stranger.address())).query)["error"] == [error]
