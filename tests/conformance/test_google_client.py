"""Google's clients for Python, google-auth and google-api-python-client, through the calls of provisioning."""

import base64

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from googleapiclient.errors import HttpError

from tests.conformance.google_workspace import grant_of
from tests.people.test_photos import picture
from tests.sandbox.google.caller import GRACE

OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"


@pytest.fixture
def directory(google_api):
    return google_api("admin", "directory_v1")


def somebody(local: str = "ada", **values) -> dict:
    return {
        "primaryEmail": f"{local}@acme.example", "name": {"givenName": "Ada", "familyName": "Byron"},
        "password": "Correct-Horse-7", **values,
    }  # fmt: skip


def reason(error: HttpError) -> tuple[int, str, str]:
    return error.status_code, error.error_details[0]["reason"], error.error_details[0]["message"]


def test_a_user_is_made_changed_suspended_signed_out_deleted_and_restored(directory, tls_google):
    made = directory.users().insert(body=somebody()).execute()
    users, key = directory.users(), {"userKey": made["id"]}
    phones = [{"type": "mobile", "value": "+44 7700 900000"}]
    assert users.update(**key, body={"phones": phones}).execute()["phones"] == phones
    assert users.patch(**key, body={"suspended": True}).execute()["suspensionReason"] == "ADMIN"
    assert users.signOut(**key).execute() == ""
    assert tls_google.sign_in("ada@acme.example", "Correct-Horse-7") == "blocked"
    users.delete(**key).execute()
    gone = users.list(customer="my_customer", showDeleted="true").execute()["users"]
    assert made["id"] in {item["id"] for item in gone}
    users.undelete(**key, body={"orgUnitPath": "/Sales"}).execute()
    assert users.get(**key, fields="orgUnitPath").execute() == {"orgUnitPath": "/Sales"}


def test_everybody_is_listed_over_many_pages(directory, tls_google):
    request, found = directory.users().list(customer="my_customer", maxResults=100, orderBy="email"), []
    while request is not None:
        answer = request.execute()
        found += [item["primaryEmail"] for item in answer["users"]]
        request = directory.users().list_next(request, answer)
    assert found == sorted(user.address for user in tls_google.users() if not user.deleted)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (somebody("omar.ordinary"), (409, "duplicate", "Entity already exists.")),
        (somebody(password="x"), (400, "invalid", "Invalid Password")),
        ({**somebody(), "primaryEmail": "a@b.example"}, (404, "notFound", "Domain not found.")),
    ],
)
def test_what_is_refused_comes_back_as_googles_error(directory, body, said):
    with pytest.raises(HttpError) as caught:
        directory.users().insert(body=body).execute()
    assert reason(caught.value) == said


def test_a_new_user_is_not_complete_for_a_while(directory, tls_google):
    tls_google.timing(complete=30)
    made = directory.users().insert(body=somebody()).execute()
    with pytest.raises(HttpError) as caught:
        directory.users().update(userKey=made["id"], body={"suspended": True}).execute()
    assert reason(caught.value) == (412, "conditionNotMet", "User creation is not complete.")


def test_a_batch_answers_each_of_its_calls(directory):
    answers: dict[str, tuple] = {}

    def heard(name, answer, error):
        answers[name] = (answer and answer["primaryEmail"], error and reason(error)[1])

    batch = directory.new_batch_http_request(callback=heard)
    batch.add(directory.users().get(userKey=OMAR), request_id="omar")
    batch.add(directory.users().get(userKey="nobody@acme.example"), request_id="nobody")
    batch.add(directory.users().update(userKey=MONA, body={"orgUnitPath": "/Sales"}), request_id="mona")
    batch.execute()
    assert answers == {"omar": (OMAR, None), "nobody": (None, "notFound"), "mona": (MONA, None)}


def test_groups_are_left_and_joined(directory):
    groups = directory.groups().list(userKey=OMAR).execute()["groups"]
    assert [item["email"] for item in groups] == ["all.staff@acme.example", "sales@acme.example"]
    key = {"groupKey": "sales@acme.example"}
    directory.members().delete(**key, memberKey=OMAR).execute()
    assert directory.members().hasMember(**key, memberKey=OMAR).execute() == {"isMember": False}
    assert directory.members().insert(**key, body={"email": OMAR, "role": "MEMBER"}).execute()["email"] == OMAR


def test_licences_are_given_moved_and_listed(google_api, tls_google):
    licences = google_api("licensing", "v1").licenseAssignments()
    workspace = {"productId": "Google-Apps", "skuId": "1010020028"}
    licences.update(**workspace, userId=OMAR, body={"skuId": "1010020025"}).execute()
    assert tls_google.user(OMAR).licences == ["1010020025"]
    licences.insert(productId="Google-Vault", skuId="Google-Vault", body={"userId": OMAR}).execute()
    listed = licences.listForProduct(productId="Google-Vault", customerId="acme.example").execute()["items"]
    assert [(item["userId"], item["skuName"]) for item in listed] == [(OMAR, "Google Vault")]


def test_the_admin_log_is_read(google_api, directory):
    directory.users().update(userKey=OMAR, body={"suspended": True}).execute()
    reports = google_api("admin", "reports_v1")
    items = reports.activities().list(userKey="all", applicationName="admin").execute()["items"]
    assert [(item["events"][0]["name"], item["actor"]["email"]) for item in items] == [("SUSPEND_USER", GRACE)]


def test_google_auth_refreshes_and_says_when_the_grant_has_ended(tls_google, google_credentials, trusting_google):
    before = google_credentials.token
    google_credentials.refresh(trusting_google)
    assert google_credentials.token != before
    tls_google.end_grant(GRACE)
    with pytest.raises(RefreshError, match="Token has been expired or revoked") as caught:
        google_credentials.refresh(trusting_google)
    assert not caught.value.retryable


def test_google_auth_believes_the_identity(tls_google, trusting_google):
    answer = grant_of(tls_google)
    certificates = f"{tls_google.token_url}/oauth2/v1/certs"
    claims = id_token.verify_token(answer["id_token"], trusting_google, tls_google.client_id, certificates)
    assert (claims["email"], claims["hd"], claims["iss"]) == (GRACE, "acme.example", "https://accounts.google.com")


@pytest.fixture
def trusting_google(tls_google):
    """How google-auth sends, trusting the sandbox's authority and no environment."""
    import requests

    with requests.Session() as session:
        session.trust_env, session.verify = False, tls_google.ca_file
        yield Request(session)


def test_a_picture_is_set_made_small_and_taken_away(directory):
    photos, key = directory.users().photos(), {"userKey": OMAR}
    sent = base64.urlsafe_b64encode(picture().getvalue()).decode()
    assert photos.update(**key, body={"photoData": sent}).execute()["width"] == 96
    assert base64.urlsafe_b64decode(photos.get(**key).execute()["photoData"]).startswith(b"\xff\xd8")
    photos.delete(**key).execute()
    with pytest.raises(HttpError) as refused:
        photos.get(**key).execute()
    assert reason(refused.value) == (404, "notFound", "Resource Not Found: photo")
