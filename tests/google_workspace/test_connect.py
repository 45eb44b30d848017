"""Continue with Google: who may connect, what is checked, and what each refusal says."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from portal import background, vault
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.errors import BadCredentials, SignInFailed
from portal.connectors.google_workspace import oauth
from portal.connectors.google_workspace.settings import settings
from portal.connectors.google_workspace.shapes import Keys
from portal.connectors.values import Wanted
from portal.operating import doctor
from portal.operations.models import Operation, State
from portal.operations.requests import CreateRequest
from tests.google_workspace.conftest import (
    ADD_ONS,
    CARD,
    GRACE,
    KEY,
    SAM,
    URI,
    come_back,
    connect,
    press_continue,
    signed_in,
)
from tests.pages import words
from tests.provisioning.conftest import connect as connect_microsoft
from tests.provisioning.worker import carry_on
from tests.second_service.conftest import AppCard

SETTINGS = f"{ADD_ONS}/{KEY}"


def card(person) -> str:
    return words(person.get(ADD_ONS).soup.select_one(CARD))


def test_a_portal_that_is_not_registered_shows_no_google_anywhere(alice, sandbox, wei):
    assert "Google" not in alice.get(ADD_ONS).text
    assert "Google" not in alice.get(f"/people/employees/{wei.id}/account-provisioning").text


def test_one_trip_connects(alice, workspace):
    page = come_back(workspace, alice, press_continue(alice))
    assert "Google Workspace is connected: Acme." in page.text
    connection = Connection.get()
    assert connection.domains == ["acme.example", "acme-shop.example"]
    assert connection.connected_as == f"Grace Hopper ({GRACE})"
    assert connection.units == ["/", "/Contractors", "/Engineering", "/Sales", "/Sales/Field"]
    text = card(alice)
    assert ("Connected" in text, "Alice" in text, GRACE in text, "Health Working" in text) == (True,) * 4


def test_the_lasting_sign_in_is_encrypted_and_never_shown(alice, connection, caplog):
    row = Connection.get()
    held = json.loads(vault.decrypt(row.encrypted_credential))
    assert held["refresh_token"].startswith("1//")
    assert held["refresh_token"] not in row.encrypted_credential
    assert held["refresh_token"] not in alice.get(SETTINGS).html + alice.get(ADD_ONS).html + caplog.text


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (URI, f"{URI} is not a super administrator of your company’s Google Workspace"),
        ("omar.ordinary@acme.example", "is not a super administrator of your company’s Google Workspace"),
        ("pat.personal@gmail.com", "That is a personal Google account, not one of an organisation."),
        ("hank.scorpio@globex.example", "you need a Google Workspace Business Plan or above"),
    ],
)
def test_who_may_not_connect_is_told_why(alice, workspace, who, expected):
    page = come_back(workspace, alice, press_continue(alice), who)
    assert expected in page.text
    assert not Connection.select().exists()


def test_no_is_no(alice, workspace):
    page = come_back(workspace, alice, press_continue(alice), answer="cancel")
    assert "The request was declined on Google’s page, so nothing was connected." in page.text
    assert not Connection.select().exists()


def test_a_box_that_is_needed_and_unticked_is_named(alice, workspace):
    page = come_back(workspace, alice, press_continue(alice), untick=("admin.directory.user",))
    assert "Without it the portal cannot create, deactivate and reactivate accounts." in page.text
    assert not Connection.select().exists()


def test_an_optional_box_that_was_unticked_costs_one_feature_and_grant_mends_it(alice, workspace):
    come_back(workspace, alice, press_continue(alice), untick=("admin.directory.user.security",))
    assert "to sign leavers out everywhere" in card(alice)
    alice.get(SETTINGS)
    page = come_back(
        workspace, alice, alice.press("Grant the missing permissions").url, untick=("admin.directory.user.security",)
    )
    assert "to sign leavers out everywhere: a box was left unticked. Press Grant, and tick every box." in page.text
    page = come_back(workspace, alice, alice.press("Grant the missing permissions").url)
    assert "allows everything that the portal does" in page.text
    assert "Health Working" in card(alice)


def test_another_organisations_customer_is_refused(alice, mallory, connection, workspace):
    page = come_back(workspace, mallory, press_continue(mallory))
    assert "already connected to another organisation in this portal" in page.text


def test_a_blocked_application_and_one_without_a_lasting_sign_in_say_so(alice, workspace):
    url = press_continue(alice)
    workspace.application(withhold_refresh=True)
    assert "did not give the portal a lasting sign-in" in come_back(workspace, alice, url).text
    url = press_continue(alice)
    workspace.policy(app="blocked")
    workspace.application(withhold_refresh=False, policy_comes_back=True)
    page = come_back(workspace, alice, url)
    assert "does not allow the portal’s application" in page.text
    assert "API controls" in page.text


def test_a_sign_in_is_good_once_and_for_its_own_session(alice, bob, workspace):
    url = press_continue(alice)
    back = workspace.consent(url)
    bob.get(back)
    assert not Connection.select().exists()
    alice.get(back)
    assert Connection.select().count() == 1
    assert "You have used this sign-in already" in alice.get(back).text


def test_the_request_has_pkce_state_nonce_and_asks_for_a_lasting_sign_in(alice, workspace):
    url = press_continue(alice)
    assert url.startswith(f"{workspace.accounts_url}/o/oauth2/v2/auth?")
    for part in ("code_challenge_method=S256", "code_challenge=", "state=", "nonce=", "access_type=offline",
                 "prompt=consent+select_account", "include_granted_scopes=true"):  # fmt: skip
        assert part in url


CHANGED = {
    "issuer": {"iss": "https://accounts.evil.example"}, "audience": {"aud": "somebody else"}, "times": {"exp": 1},
    "nonce": {"nonce": "another"}, "company": {"hd": None}, "address": {"email_verified": False},
}  # fmt: skip


@pytest.fixture
def forged(workspace, monkeypatch):
    """forged(**claims): an id token with these claims, signed with a key that is taken for Google's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    monkeypatch.setattr(oauth.identity, "key_of", lambda token: key.public_key())
    good = {
        "iss": "https://accounts.google.com", "aud": workspace.client_id, "sub": "117", "email": GRACE, "iat": 1,
        "exp": 4_000_000_000, "nonce": "n", "hd": "acme.example", "email_verified": True,
    }  # fmt: skip
    return lambda **claims: jwt.encode({**good, **claims}, key, "RS256")


@pytest.mark.parametrize("claims", CHANGED.values(), ids=CHANGED)
def test_an_id_token_that_is_not_ours_is_refused(forged, claims):
    with pytest.raises(SignInFailed):
        oauth.claims_of(forged(**claims), nonce="n")


@pytest.mark.parametrize("of", [{"azp": "another"}, {"aud": "another"}, {"and": "another"}])
def test_an_id_token_that_another_application_may_use_is_refused(forged, workspace, of):
    audience = {"aud": [workspace.client_id, of["and"]]} if "and" in of else of
    with pytest.raises(SignInFailed):
        oauth.claims_of(forged(**audience), nonce="n")
    ours = forged(aud=[workspace.client_id], azp=workspace.client_id)
    assert oauth.claims_of(ours, nonce="n")["sub"] == "117"


def test_both_spellings_of_the_issuer_are_google(forged):
    for issuer in ("https://accounts.google.com", "accounts.google.com"):
        assert oauth.claims_of(forged(iss=issuer), nonce="n")["sub"] == "117"


def test_a_key_that_google_changed_moments_ago_is_asked_for(alice, workspace):
    oauth.identity.document(oauth.identity.discovery()["jwks_uri"], Keys)
    workspace.application(signing_key="the-next-one")
    assert "Google Workspace is connected: Acme." in come_back(workspace, alice, press_continue(alice)).text


def test_an_answer_that_does_not_say_what_was_granted_grants_what_was_asked_for(alice, workspace):
    workspace.application(unsaid=["scope", "expires_in"])
    assert "Google Workspace is connected: Acme." in come_back(workspace, alice, press_continue(alice)).text
    assert "Health Working" in card(alice)
    workspace.clear_requests()
    for_connection(Connection.get()).tenant()
    for_connection(Connection.get()).tenant()
    assert len(workspace.requests(path="/token")) <= 1


def test_who_lost_the_role_is_named_by_every_list(connection, workspace):
    workspace.patch_user(GRACE, isAdmin=False)
    asked = for_connection(connection)
    lists = (
        lambda: asked.search("wei"), lambda: list(asked.all_accounts()), lambda: list(asked.deleted_accounts()),
        lambda: list(asked.changes()), lambda: asked.holders("wei@acme.example"),
        lambda: asked.alike(Wanted(names=("Wei",))),
    )  # fmt: skip
    for ask in lists:
        with pytest.raises(BadCredentials, match="is no longer a super administrator there"):
            ask()


def test_disconnect_wipes_the_sign_in_and_tells_google_later(alice, connection, workspace):
    workspace.fault(path="/revoke", kind="slow", seconds=0.2)
    alice.get(f"{SETTINGS}/disconnect")
    alice.press("Disconnect")
    row = Connection.get_by_id(connection.id)
    assert (row.is_live, row.encrypted_credential) == (False, "")
    background.join()
    assert not workspace.grants().get(GRACE, {}).get("refresh_tokens")


ENDS = {
    "revoked": lambda google: google.end_grant(GRACE),
    "suspended": lambda google: google.patch_user(GRACE, suspended=True),
    "deleted": lambda google: google.delete_user(GRACE),
    "demoted": lambda google: google.patch_user(GRACE, isAdmin=False),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_when_the_administrator_is_gone_work_waits_and_another_one_takes_over(
    alice, wei, connection, workspace, mailbox, end
):
    end(workspace)
    SERVICES[KEY].forget(connection.tenant_id)
    alice.get(ADD_ONS)
    alice.press("Check now", within=CARD)
    assert "Needs attention" in card(alice)
    operation = Operation.ask_for(
        _create(wei), organisation=wei.organisation, employee=wei, connection=connection, by=alice.user,
        by_name="Alice", encrypted_password=vault.encrypt("Long-enough-1"),
    )  # fmt: skip
    assert carry_on(operation).state == State.WAITING
    assert "Continue with Google" in Operation.get_by_id(operation.id).next_step
    come_back(workspace, alice, press_continue(alice), SAM)
    assert Connection.get().connected_as == f"Sam Second ({SAM})"
    assert carry_on(Operation.get_by_id(operation.id)).state == State.DONE
    assert "Health Working" in card(alice)


def _create(employee):
    return CreateRequest(
        username="wei.wang@acme.example",
        display_name=employee.name,
        recipient=employee.personal_email,
        fields={"first_name": "Wei", "last_name": "Wang"},
    )


def test_the_button_that_a_card_asks_for_is_there_at_once(alice, at_google, wei_aboard, connection, workspace):
    workspace.end_grant(GRACE)
    SERVICES[KEY].forget(connection.tenant_id)
    assert "Google has ended the portal’s sign-in" in at_google(wei_aboard).text
    page = alice.get(ADD_ONS)
    assert page.has_button("Continue with Google")
    assert "Needs attention" in page.text


def test_another_customers_administrator_does_not_take_over(alice, connection, workspace):
    workspace.policy("Initech", seats={})
    alice.get(SETTINGS)
    workspace.end_grant(GRACE)
    SERVICES[KEY].forget(connection.tenant_id)
    page = come_back(workspace, alice, press_continue_again(alice), "bill.lumbergh@initech.example")
    assert "belongs to another Google Workspace than the connected one" in page.text
    assert Connection.get().connected_as == f"Grace Hopper ({GRACE})"


def press_continue_again(person) -> str:
    person.get(ADD_ONS)
    person.press("Check now", within=CARD)
    return press_continue(person)


def test_the_doctor_says_whose_sign_in_it_is(alice, connection):
    alice.get(SETTINGS)
    text = alice.press("Test connection").text
    assert f"It signs in as {GRACE}, a super administrator." in text


def test_both_are_connected_side_by_side(alice, wei, connection, sandbox):
    connect_microsoft(sandbox, alice.user)
    assert AppCard(alice, wei, "#account-card-microsoft-365").text
    assert AppCard(alice, wei, f"#account-card-{KEY}").text


def test_the_helpers_connect_as_the_pages_do(alice, workspace):
    assert connect(workspace, alice.user).tenant_id == workspace.customer()["id"]
    url, flow = SERVICES[KEY].begin_sign_in("http://localhost/callback")
    assert signed_in(workspace, url)["state"] == flow["state"]


def test_the_operators_doctor_tries_the_registration(workspace, monkeypatch):
    def said() -> doctor.Finding:
        return next(finding for finding in doctor.examine() if finding.part == "Google Workspace")

    assert "Google takes the portal's client id and secret." in said().sentence
    workspace.application(secret="another")
    assert (said().good, "does not accept the portal’s own registration" in said().sentence) == (False, True)
    monkeypatch.setattr(settings(), "client_secret", SecretStr(""))
    assert (said().good, said().sentence) == (False, "Not set: PORTAL_GOOGLE_CLIENT_SECRET.")


def test_an_application_that_nobody_set_up_is_no_problem_beside_one_that_is(app, sandbox):
    found = next(finding for finding in doctor.examine() if finding.part == "Google Workspace")
    assert (found.good, "Not set up, so nobody can connect it." in found.sentence) == (True, True)
