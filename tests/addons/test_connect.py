from datetime import date, timedelta
from threading import Timer

from portal.audit import AuditEntry
from portal.auth.models import AccessLevel
from portal.connections.models import ConnectAttempt, Connection
from portal.database import now
from tests.addons.conftest import ADD_ONS, CARD, GRACE, alert_of, connected, consent_page, started, state_of
from tests.cast import Person


def test_the_page_says_what_is_needed_before_it_offers_the_sign_in(alice):
    page = alice.get(ADD_ONS)
    assert page.title == "Add-ons"
    assert "Microsoft 365 Not connected" in page.text
    assert "Microsoft 365 Business Plan or above" in page.text
    assert "trial period" in page.text
    assert page.has_button("Sign in with Microsoft")


def test_without_a_trial_period_nothing_is_said_of_one(alice, acme):
    assert "trial period" in alice.get(ADD_ONS).text
    acme.trial_period = False
    acme.save()
    assert "trial period" not in alice.get(ADD_ONS).text


def test_a_person_hides_the_notice_of_the_trial_period_for_good(app, cast, alice, acme):
    wei = cast.employee(acme, "Wei", "Zhang")
    acme.trial_ends = date(2031, 1, 31)
    acme.save()
    for page in (ADD_ONS, f"/people/employees/{wei.id}/account-provisioning"):
        assert "It ends on 31 Jan 2031." in alice.get(page).text
    assert alice.press("Hide the notice of the trial period").text.count("The notice is hidden.") == 1
    again = Person(app, alice.user, htmx=False)
    again.sign_in()
    assert "trial period" not in again.get(ADD_ONS).text
    assert "In a trial period until 31 Jan 2031" in again.get("/settings/general").text


def test_without_javascript_hiding_leads_back_to_the_page_and_is_for_that_person_only(cast, acme, alice):
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    alice.htmx = False
    alice.get(ADD_ONS)
    page = alice.press("Hide the notice of the trial period")
    assert (page.url, "trial period" in page.text) == (ADD_ONS, False)
    assert "trial period" in ada.get(ADD_ONS).text


def test_sign_in_and_accept_lead_back_to_a_connected_card(alice, elsewhere):
    page = connected(alice, elsewhere)
    assert (page.url, page.status) == (ADD_ONS, 200)
    for words in (
        "Microsoft 365 is connected: Acme.",
        "Connected to Acme",
        "acme.example, acme.onmicrosoft.com",
        f"Connected by Alice, signed in as Grace Hopper ({GRACE})",
        "Health Working",
    ):
        assert words in page.text
    assert "Actions" in page.soup.select_one("#add-on-card-microsoft-365 summary").text
    link = next(tag for tag in page.soup.select("a") if "Microsoft 365 Admin Centre" in tag.text)
    assert link["href"].startswith("http")


def test_a_connection_keeps_what_later_pages_need(alice, acme, elsewhere, sandbox):
    connected(alice, elsewhere)
    connection = Connection.live_of(acme, "microsoft-365")
    assert connection.tenant_id == sandbox.tenants[0]["id"]
    assert connection.domains == ["acme.example", "acme.onmicrosoft.com"]
    assert "User.ReadWrite.All" in connection.permissions
    assert connection.licences[0].keys() == {"id", "name", "free", "qualifies", "used"}
    assert connection.connected_by == alice.user


def test_connecting_is_written_into_the_trail(alice, acme, elsewhere):
    connected(alice, elsewhere)
    entry = AuditEntry.get(AuditEntry.action == "connect add-on")
    assert (entry.organisation, entry.by_name) == (acme, "Alice")
    assert entry.detail["tenant_name"] == "Acme"


def test_a_tenant_that_agreed_before_is_asked_again(alice, elsewhere, sandbox):
    sandbox.grant_consent("Acme")
    assert consent_page(alice, elsewhere).startswith(sandbox.login_url)


def test_nothing_that_opens_a_sign_in_is_left_readable(alice, elsewhere):
    url = started(alice)
    waiting = ConnectAttempt.get()
    assert state_of(url) not in (waiting.state, waiting.encrypted_flow)
    assert "code_verifier" not in waiting.encrypted_flow
    alice.get(elsewhere.accept(_consent_after(alice, elsewhere, url)))
    assert [(attempt.step, attempt.encrypted_flow) for attempt in ConnectAttempt.select()] == [
        ("used", ""),
        ("used", ""),
    ]


def _consent_after(alice, elsewhere, url):
    alice.get(elsewhere.sign_in(url, GRACE))
    return alice.page.url


def test_the_sign_in_names_the_public_address_whatever_the_request_says(alice):
    alice.get(ADD_ONS)
    page = alice.post(f"{CARD}/connect", headers={"X-Forwarded-Host": "evil.example"})
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Fsettings%2Fadd-ons%2Fmicrosoft-365%2Fcallback" in page.url


def test_permissions_that_arrive_late_are_checked_for_again_without_starting_again(
    alice, elsewhere, sandbox, no_waiting
):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    sandbox.revoke_consent("Acme")
    page = alice.get(back)
    assert "not known in your company’s Microsoft 365" in alert_of(page)
    assert "Microsoft 365 Waiting" in page.text
    alice.press("Check again")
    assert Connection.select().count() == 0
    sandbox.grant_consent("Acme")
    alice.press("Check again")
    assert "Health Working" in alice.page.text


def test_permissions_that_arrive_within_a_moment_are_waited_for(alice, elsewhere, sandbox):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    sandbox.revoke_consent("Acme")
    Timer(0.3, sandbox.grant_consent).start()
    assert "Health Working" in alice.get(back).text


def test_a_missing_permission_is_named_with_what_it_is_for(alice, elsewhere, sandbox, no_waiting):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    sandbox.grant_consent("Acme", ["User.ReadWrite.All", "Organization.Read.All", "Group.Read.All"])
    page = alice.get(back)
    assert "Domain.Read.All" in alert_of(page)
    assert "offer your domains for usernames" in alert_of(page)
    assert Connection.select().count() == 0


def test_waiting_ends_after_a_quarter_of_an_hour(alice, elsewhere, sandbox, no_waiting):
    back = elsewhere.accept(consent_page(alice, elsewhere))
    sandbox.revoke_consent("Acme")
    alice.get(back)
    ConnectAttempt.update(created_at=now() - timedelta(minutes=16)).execute()
    sandbox.grant_consent("Acme")
    alice.press("Check again")
    assert "more than 15 minutes ago" in alert_of(alice.page)
    assert Connection.select().count() == 0


def test_a_second_tab_finds_the_organisation_connected(alice, elsewhere):
    first = started(alice)
    connected(alice, elsewhere)
    alice.get(elsewhere.accept(_consent_after(alice, elsewhere, first)))
    assert "already connected to Microsoft 365: Acme" in alert_of(alice.page)
    assert Connection.select().count() == 1


def test_names_are_shown_as_they_are(alice, elsewhere, sandbox):
    sandbox.patch_user(GRACE, displayName="Grâce <b>Höpper</b>")
    page = connected(alice, elsewhere)
    assert "Grâce <b>Höpper</b>" in page.text


def test_the_policy_lets_the_form_lead_to_the_sign_in_and_nowhere_else(alice, sandbox):
    policy = alice.get(ADD_ONS).headers["Content-Security-Policy"]
    assert f"form-action 'self' {sandbox.login_url};" in policy


def test_connecting_has_the_tenant_read_for_matching(alice, elsewhere):
    page = connected(alice, elsewhere)
    assert "see Provisioning > Existing accounts" in page.text
    assert "Reading accounts" in alice.get("/provisioning/matching").text
