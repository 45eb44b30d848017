"""What an attacker could try in order to get at another company's tenant, or to slip their own under ours."""

from datetime import timedelta
from urllib.parse import urlencode

from portal.connections.models import ConnectAttempt, Connection
from portal.database import now
from tests.addons.conftest import (
    ADD_ONS,
    CARD,
    GRACE,
    HANK,
    OMAR,
    URI,
    Elsewhere,
    alert_of,
    connected,
    consent_page,
    started,
    state_of,
)


def consent_answer(state: str, tenant_id: str) -> str:
    return f"{CARD}/callback?" + urlencode({"admin_consent": "True", "tenant": tenant_id, "state": state})


def test_a_forged_consent_redirect_cannot_name_another_tenant(mallory, elsewhere, sandbox):
    """Acme agreed long ago. Mallory signs in to her own tenant, and claims the consent was Acme's."""
    sandbox.grant_consent("Acme")
    state = state_of(consent_page(mallory, elsewhere, HANK))
    page = mallory.get(consent_answer(state, sandbox.tenants[0]["id"]))
    assert "a different Microsoft 365 organisation than the one you signed in to" in alert_of(page)
    assert Connection.select().count() == 0


def test_a_consent_for_another_tenant_than_the_sign_in_is_refused(alice, elsewhere, sandbox):
    """Signed in to Globex; in another tab, a user of Acme accepts with the same state."""
    asked = consent_page(alice, elsewhere, HANK)
    globex, acme = sandbox.tenants[1]["id"], sandbox.tenants[0]["id"]
    other = Elsewhere()
    acme_page = asked.replace(globex, acme)
    other.session.post(acme_page, data={"pick": GRACE})
    page = alice.get(other.accept(acme_page))
    other.session.close()
    assert "a different Microsoft 365 organisation than the one you signed in to" in alert_of(page)
    assert Connection.select().count() == 0


def test_a_sign_in_without_the_consent_connects_nothing(mallory, elsewhere, sandbox):
    back = elsewhere.sign_in(started(mallory), HANK)
    state = state_of(back)
    page = mallory.get(consent_answer(state, sandbox.tenants[1]["id"]))
    assert "was not connected" in alert_of(page)
    assert Connection.select().count() == 0


def test_somebody_without_an_administrator_role_cannot_attach_a_consented_tenant(mallory, elsewhere, sandbox):
    sandbox.grant_consent("Acme")
    state = state_of(consent_page(mallory, elsewhere, OMAR))
    page = mallory.get(consent_answer(state, sandbox.tenants[0]["id"]))
    assert f"{OMAR} is not an administrator in Microsoft 365" in alert_of(page)
    assert "sign in as an administrator" in alert_of(page)
    assert Connection.select().count() == 0


def test_an_administrator_who_may_not_consent_can_connect_once_another_agreed(alice, elsewhere, sandbox):
    sandbox.grant_consent("Acme")
    state = state_of(consent_page(alice, elsewhere, URI))
    assert "Health Working" in alice.get(consent_answer(state, sandbox.tenants[0]["id"])).text


def test_the_sign_in_of_another_session_is_not_used(alice, mallory, elsewhere):
    """Mallory has Alice's browser finish Mallory's sign-in: Mallory's tenant would become Alice's."""
    back = elsewhere.sign_in(started(mallory), HANK)
    page = alice.get(back)
    assert "You did not start this sign-in in this browser" in alert_of(page)
    assert Connection.select().count() == 0


def test_the_consent_of_another_session_is_not_used(alice, mallory, elsewhere):
    back = elsewhere.accept(consent_page(mallory, elsewhere, GRACE))
    assert "You did not start this sign-in in this browser" in alert_of(alice.get(back))
    assert "Health Working" in mallory.get(back).text


def test_a_second_session_of_the_same_admin_is_another_session(cast, acme, alice, elsewhere):
    back = elsewhere.sign_in(started(alice), GRACE)
    alice.client = alice.app.test_client()
    alice.sign_in()
    assert "You did not start this sign-in in this browser" in alert_of(alice.get(back))


def test_a_callback_is_good_once(alice, elsewhere, sandbox):
    back = elsewhere.sign_in(started(alice), GRACE)
    alice.get(back)
    sandbox.clear_requests()
    page = alice.get(back)
    assert "You have used this sign-in already" in alert_of(page)
    assert sandbox.requests("POST", "/token") == []


def test_a_consent_is_good_once(alice, elsewhere):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    alice.get(back)
    assert "You have used this sign-in already" in alert_of(alice.get(back))
    assert Connection.select().count() == 1


def test_a_code_that_was_redeemed_is_refused_in_a_new_attempt(alice, elsewhere):
    code = elsewhere.sign_in(started(alice), GRACE).partition("code=")[2].partition("&")[0]
    alice.get(f"{CARD}/callback?code={code}&state={state_of(started(alice))}")
    assert "was not connected" in alert_of(alice.page)


def test_an_attempt_ends_after_a_quarter_of_an_hour(alice, elsewhere):
    back = elsewhere.sign_in(started(alice), GRACE)
    ConnectAttempt.update(created_at=now() - timedelta(minutes=16)).execute()
    assert "more than 15 minutes ago" in alert_of(alice.get(back))


def test_a_callback_out_of_nowhere_is_refused(alice, sandbox):
    for query in ("", "?code=1", "?state=", "?code=1&state=%00", "?state=" + "x" * 5000, "?state=a&state=b"):
        page = alice.get(f"{CARD}/callback{query}")
        assert (page.url, page.status) == (ADD_ONS, 200)
        assert "You did not start this sign-in in this browser" in alert_of(page)


def test_words_in_the_address_are_not_repeated(alice, sandbox):
    state = state_of(started(alice))
    bad = urlencode({"error": "<b>call 555</b>", "error_description": "<script>call 555</script>", "state": state})
    page = alice.get(f"{CARD}/callback?{bad}")
    assert "call 555" not in page.html
    assert "was not connected" in alert_of(page)


def test_a_failure_is_shown_once(alice):
    alice.get(f"{CARD}/callback?state=unknown")
    assert alert_of(alice.get(ADD_ONS)) == ""


def test_a_tenant_belongs_to_one_organisation(alice, mallory, elsewhere):
    connected(alice, elsewhere)
    page = connected(mallory, elsewhere)
    assert "already connected to another organisation" in alert_of(page)
    assert "Acme" not in alert_of(page)
    assert "Not connected" in page.text


def test_only_admins_of_organisations_with_the_plan_get_in(bob, carol, stan):
    for person in (bob, carol):
        assert person.get(ADD_ONS).status == 403
        assert person.get(f"{CARD}/callback?state=x").status == 403
        assert person.post(f"{CARD}/connect").status in (400, 403)
    page = stan.get(ADD_ONS)
    assert (page.status, page.has_button("Upgrade")) == (200, True)
    assert stan.get(f"{CARD}/callback?state=x").status == 403


def test_a_connect_without_a_form_token_is_refused(alice):
    response = alice.client.post(f"{CARD}/connect")
    assert response.status_code == 400
    assert ConnectAttempt.select().count() == 0
