"""What ends a grant, what a customer has set, and what takes time."""

import subprocess
import sys

import pytest
from bs4 import BeautifulSoup

from tests.sandbox.google.caller import GRACE, SAM, GoogleCaller
from tests.sandbox.google.process import GoogleProcess

OMAR, DORA, UNA = "omar.ordinary@acme.example", "dora.deleted@acme.example", "una.unmanaged@acme.example"
WEEK = 7 * 86400


@pytest.mark.parametrize(
    ("cause", "error", "text"),
    [
        (lambda google: google.policy(app="blocked"), "admin_policy_enforced", "blocked by your administrator"),
        (lambda google: google.application(reauth="rapt_required"), "invalid_grant", "rapt_required"),
        (lambda google: google.end_grant(GRACE), "invalid_grant", "expired or revoked"),
        (lambda google: google.advance(184 * 86400), "invalid_grant", "expired or revoked"),
        (lambda google: google.application(deleted=True), "deleted_client", "deleted"),
        (lambda google: google.application(secret="another"), "invalid_client", "Unauthorized"),
    ],
    ids=["blocked", "session control", "revoked", "unused for half a year", "client deleted", "another secret"],
)
def test_each_cause_ends_a_refresh_token_in_its_own_words(google, stranger, cause, error, text):
    """https://developers.google.com/identity/protocols/oauth2#expiration"""
    stranger.sign_in()
    cause(google)
    answer = stranger.refresh()
    assert (answer["error"], text in answer["error_description"]) == (error, True)


def test_an_application_in_testing_and_time_based_access_end_by_the_clock(google, stranger):
    google.application(testing=True)
    google.policy(grant_life=3600)
    answer = stranger.sign_in()
    assert answer["refresh_token_expires_in"] == 3600
    google.advance(3601)
    assert stranger.refresh()["error"] == "invalid_grant"
    google.policy(grant_life=None)
    assert "refresh_token_expires_in" not in stranger.sign_in()
    google.advance(WEEK - 1)
    assert "access_token" in stranger.refresh()
    google.advance(2)
    assert stranger.refresh()["error"] == "invalid_grant"


def test_a_second_consent_gives_a_refresh_token_only_when_it_was_asked_for(google, stranger):
    first = stranger.sign_in()
    again = stranger.redeem(google.consent(stranger.address(prompt="select_account")))
    assert ("refresh_token" in first, "refresh_token" in again) == (True, False)
    assert "refresh_token" in stranger.redeem(google.consent(stranger.address(prompt="consent")))


def test_more_scopes_come_on_top_of_those_that_were_granted(stranger, google):
    stranger.sign_in(GRACE, "admin.directory.user", "admin.directory.domain.readonly")
    more = stranger.redeem(google.consent(stranger.address("apps.licensing")))
    assert {scope.rpartition("/")[2] for scope in more["scope"].split()} >= {
        "admin.directory.user", "admin.directory.domain.readonly", "apps.licensing", "openid",
    }  # fmt: skip


def test_scopes_that_are_taken_from_a_live_grant_are_refused_at_once(google, call):
    google.narrow_grant(GRACE, "openid", "https://www.googleapis.com/auth/apps.licensing")
    assert call.refused("GET", f"/users/{OMAR}")[:2] == (403, "insufficientPermissions")
    assert "admin.directory.user" not in call.refresh()["scope"]


def test_somebody_without_a_session_is_asked_and_one_with_a_session_is_not(google, stranger):
    stranger.sign_in(GRACE, "admin.directory.user")
    assert "code=" in _silently(google, stranger)
    google.patch_user(GRACE, suspended=True)
    assert "error=login_required" in _silently(google, stranger)


def _silently(google, stranger) -> str:
    answer = google.session.get(stranger.address("admin.directory.user", prompt="none"), allow_redirects=False)
    return answer.headers["Location"]


@pytest.mark.parametrize(("sso", "result"), [(False, "must change password"), (True, "ok")])
def test_a_first_password_must_be_changed_except_under_an_identity_provider(google, call, someone, sso, result):
    google.policy(sso=sso)
    call("POST", "/users", someone(changePasswordAtNextLogin=True))
    assert google.sign_in("new.person@acme.example", "Correct-Horse-7") == result


def test_the_sign_in_page_has_the_password_changed(google, call, someone, stranger):
    call("POST", "/users", someone(changePasswordAtNextLogin=True))
    form = {"username": "new.person@acme.example", "password": "Correct-Horse-7"}
    page = BeautifulSoup(google.session.post(stranger.address(), data=form).text, "html.parser")
    assert page.h1.text == "Change your password"
    google.session.post(stranger.address(), data={**form, "new_password": "Another-Horse-8"})
    assert google.sign_in("new.person@acme.example", "Another-Horse-8") == "ok"


def test_a_password_may_come_as_a_hash(google, call, someone):
    digest = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"
    call("POST", "/users", someone(password=digest, hashFunction="SHA-1"))
    assert google.sign_in("new.person@acme.example", "password") == "ok"


@pytest.mark.parametrize(("choice", "status"), [("conflict", 409), ("invite", 202), ("replace", 200)])
def test_a_personal_account_with_the_address_is_treated_as_the_customer_has_set_it(
    google, call, someone, choice, status
):
    google.policy(unmanaged=choice)
    assert call("POST", "/users", someone("una.unmanaged")).status_code == status
    assert call("GET", f"/users/{UNA}").status_code == (200 if status == 200 else 403)


def test_deleted_people_count_against_the_limit_of_users(google, call, someone):
    google.policy(user_limit=len(google.users()))
    said = call.refused("POST", "/users", someone())
    assert (said[:2], "Domain user limit reached" in said[2]) == ((412, "limitExceeded"), True)
    call("DELETE", f"/users/{OMAR}")
    assert call.refused("POST", "/users", someone())[:2] == (412, "limitExceeded")
    assert call("POST", f"/users/{google.user(DORA).id}/undelete", {"orgUnitPath": "/"}).status_code == 204


def test_the_address_of_somebody_deleted_may_be_held_for_a_while(google, call, someone):
    google.timing(freed=45)
    call("DELETE", f"/users/{OMAR}")
    assert call.refused("POST", "/users", someone("omar.ordinary"))[:2] == (409, "duplicate")
    google.advance(46)
    assert call("POST", "/users", someone("omar.ordinary")).status_code == 200


def test_a_new_user_is_whole_searchable_and_has_a_mailbox_only_after_a_while(google, call, someone):
    google.timing(whole=10, search=60, mailbox=90)
    made = call("POST", "/users", someone()).json()
    path = f"/users/{made['id']}"
    assert "name" not in call("GET", path).json()
    google.advance(11)
    assert (call("GET", path).json()["name"]["givenName"], call("GET", path).json()["isMailboxSetup"]) == ("New", False)
    query = "/users?customer=my_customer&query=email=new.person@acme.example"
    assert "users" not in call("GET", query).json()
    google.advance(80)
    assert len(call("GET", query).json()["users"]) == 1
    assert call("GET", path).json()["isMailboxSetup"] is True


def test_a_new_user_may_be_forbidden_for_a_while(google, call, someone):
    google.timing(denied=10)
    made = call("POST", "/users", someone()).json()
    assert call.refused("GET", f"/users/{made['id']}")[:2] == (403, "forbidden")
    google.advance(11)
    assert call("GET", f"/users/{made['id']}").status_code == 200


def test_the_licence_service_does_not_know_a_new_user_yet(google, call, someone):
    google.policy(automatic_licence="")
    google.timing(licence=30)
    call("POST", "/users", someone())
    path, body = "/apps/licensing/v1/product/Google-Apps/sku/1010020028/user", {"userId": "new.person@acme.example"}
    assert call.refused("POST", path, body)[:2] == (400, "invalid")
    google.advance(31)
    assert call("POST", path, body).status_code == 200


def test_what_the_caller_has_is_not_sent_again_and_an_old_etag_changes_nothing(call):
    tag = call("GET", f"/users/{OMAR}").headers["ETag"]
    assert call("GET", f"/users/{OMAR}", **{"If-None-Match": tag}).status_code == 304
    assert call("PUT", f"/users/{OMAR}", {"orgUnitPath": "/"}, **{"If-Match": tag}).status_code == 200
    said = call.refused("PUT", f"/users/{OMAR}", {"orgUnitPath": "/Sales"}, **{"If-Match": tag})
    assert said == (412, "conditionNotMet", "Precondition Failed")


def test_a_page_token_belongs_to_its_list_and_lives_three_days(google, call):
    token = call("GET", "/users?customer=my_customer&maxResults=2").json()["nextPageToken"]
    other = f"/users?customer=my_customer&maxResults=2&orderBy=familyName&pageToken={token}"
    assert call.refused("GET", other) == (400, "invalid", "Invalid Input: pageToken")
    google.advance(3 * 86400 + 60)
    call.sign_in()
    assert call.refused("GET", f"/users?customer=my_customer&maxResults=2&pageToken={token}")[0] == 400


def test_a_super_administrator_is_made_and_unmade_but_nobody_demotes_themselves(google, call):
    assert call("POST", f"/users/{OMAR}/makeAdmin", {"status": True}).status_code == 204
    assert google.user(OMAR).properties["isAdmin"] is True
    assert call("POST", f"/users/{SAM}/makeAdmin", {"status": False}).status_code == 204
    assert call.refused("POST", f"/users/{GRACE}/makeAdmin", {"status": False})[:2] == (403, "forbidden")


def test_tokens_and_people_outlive_a_restart(tmp_path):
    first = GoogleProcess.start(tmp_path)
    caller = GoogleCaller(first)
    caller.sign_in()
    first.application(secret="kept")
    first.patch_user(OMAR, suspended=True)
    first.stop()
    second = GoogleProcess.start(tmp_path)
    caller.google = second
    assert "access_token" in caller.refresh(client_secret=second.client_secret)
    assert second.user(OMAR).suspended
    caller.close()
    second.stop()


def test_a_certificate_is_for_microsoft_alone(tmp_path):
    file = tmp_path / "certificate.pem"
    file.touch()
    command = [sys.executable, "-m", "portal.sandbox", "--service", "google-workspace", "--client-certificate", file]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "for microsoft-365" in done.stderr) == (2, True)
