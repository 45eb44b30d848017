"""Microsoft's client of the identity platform, over TLS."""

import jwt
import msal
import pytest
from bs4 import BeautifulSoup
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

GRAPH = "https://graph.microsoft.com/.default"
BACK = "http://localhost/back"
GRACE = "grace.hopper@acme.example"


def signed_in(application, browser) -> dict:
    """Grace picks herself and agrees, the first time; the page she comes back with is sent to the application."""
    flow = application.initiate_auth_code_flow(["User.Read"], redirect_uri=BACK, response_mode="form_post")
    page = BeautifulSoup(browser.post(flow["auth_uri"], data={"pick": GRACE}).text, "html.parser")
    if page.find("button", value="accept"):
        page = BeautifulSoup(browser.post(flow["auth_uri"], data={"answer": "accept"}).text, "html.parser")
    assert page.form["action"] == BACK
    values = {field["name"]: field["value"] for field in page.select("input[type=hidden]")}
    return application.acquire_token_by_auth_code_flow(flow, values)


def test_a_person_signs_in_with_a_code_and_a_proof(application, trusting, tls_sandbox, tenant):
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow"""
    result = signed_in(application, trusting)
    claims = result["id_token_claims"]
    assert (claims["preferred_username"], claims["tid"]) == (GRACE, tenant)
    keys = trusting.get(f"{tls_sandbox.login_url}/{tenant}/discovery/v2.0/keys").json()
    key = jwt.PyJWK(keys["keys"][0])
    issuer = f"{tls_sandbox.login_url}/{tenant}/v2.0"
    jwt.decode(result["id_token"], key, algorithms=["RS256"], audience=tls_sandbox.client_id, issuer=issuer)


def test_signing_in_again_in_silence_uses_the_refresh_token(application, trusting):
    signed_in(application, trusting)
    [account] = application.get_accounts()
    assert "access_token" in application.acquire_token_silent(["User.Read"], account, force_refresh=True)


def test_an_application_gets_its_own_token(application, tenant):
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow"""
    first = application.acquire_token_for_client([GRAPH])
    assert first["token_source"] == "identity_provider"
    assert application.acquire_token_for_client([GRAPH])["token_source"] == "cache"
    claims = jwt.decode(first["access_token"], options={"verify_signature": False})
    assert claims["tid"] == tenant
    assert "User.ReadWrite.All" in claims["roles"]


def test_an_expired_secret_comes_back_as_microsofts_error(application, tls_sandbox):
    """https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""
    tls_sandbox.expire_secret()
    answer = application.acquire_token_for_client([GRAPH])
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000222])


@pytest.fixture(scope="module")
def certificate():
    """A private key and a certificate of it, both as PEM."""
    from datetime import UTC, datetime, timedelta

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return private, made.public_bytes(serialization.Encoding.PEM).decode()


def test_a_certificate_opens_the_door_once_it_is_registered(certificate, tls_sandbox, tenant, trusting):
    """https://learn.microsoft.com/entra/identity-platform/certificate-credentials"""
    private, public = certificate

    def token() -> dict:
        application = msal.ConfidentialClientApplication(
            tls_sandbox.client_id, client_credential={"private_key": private, "public_certificate": public},
            authority=f"{tls_sandbox.login_url}/{tenant}", instance_discovery=False, http_client=trusting,
            http_cache={},
        )  # fmt: skip
        return application.acquire_token_for_client([GRAPH])

    assert token()["error_codes"] == [700027]
    tls_sandbox.register_certificate(public)
    assert "access_token" in token()


def test_a_tenant_that_is_not_there_is_said_so(tls_sandbox, trusting):
    with pytest.raises(ValueError, match="double check your tenant name"):
        msal.ConfidentialClientApplication(
            tls_sandbox.client_id, client_credential="x", http_client=trusting, http_cache={}, instance_discovery=False,
            authority=f"{tls_sandbox.login_url}/00000000-0000-0000-0000-000000000000",
        )  # fmt: skip
