import os
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal import config
from portal.accounts import licences
from portal.addons import settings_views
from portal.audit import AuditEntry
from portal.connections.models import Connection
from portal.connections.settings import NO_LICENCE, LicenceRule, rules_of, settings_of
from portal.connectors import SERVICES
from portal.database import now
from portal.sandbox.state.catalogue import BUSINESS_PREMIUM, BUSINESS_STANDARD
from tests.addons.conftest import ADD_ONS, CARD, GRACE, as_connected, connected
from tests.cast import connection_of

TAB_ROW = "nav[aria-label='Microsoft 365 settings']"
LICENCES, USERNAMES = f"{CARD}/licences", f"{CARD}/usernames"
PREMIUM, STANDARD = (SERVICES["microsoft-365"].licence_name(plan) for plan in (BUSINESS_PREMIUM, BUSINESS_STANDARD))


@pytest.fixture
def connection(alice, sandbox, no_waiting) -> Connection:
    return as_connected(alice, sandbox)


@pytest.fixture
def set_up(monkeypatch):
    """set_up(NAME=value): other settings of the portal."""

    def change(**values):
        for name, value in values.items():
            monkeypatch.setitem(os.environ, f"PORTAL_{name}", str(value))
        config.forget()

    yield change
    monkeypatch.undo()
    config.forget()


def needs_of(page) -> dict[str, str]:
    """Feature -> the word beside it."""
    lines = page.soup.select("#settings-overview .need-list:not(.alert .need-list) > li")
    return {
        line.select("span")[1].get_text(" ", strip=True).split("  ")[0]: line.span.get_text(strip=True)
        for line in lines
    }


def test_the_actions_menu_of_the_add_on_leads_to_its_settings(alice, connection):
    alice.get(ADD_ONS)
    page = alice.press("Settings", within="#add-on-card-microsoft-365 details")
    assert (page.url, page.title) == (CARD, "Microsoft 365")
    assert f"by Alice, signed in as Grace Hopper ({GRACE})" in page.text


def test_what_is_not_connected_has_no_settings_yet(alice, sandbox):
    assert alice.get(CARD).url == ADD_ONS


def test_the_doctor_sees_a_permission_that_was_withdrawn_at_the_next_fresh_token(alice, connection, sandbox):
    page = alice.get(CARD)
    assert set(needs_of(page).values()) == {"Allowed"}
    assert "What does not work" not in page.text
    assert not page.has_button("Grant the missing permissions")
    left = [name for name in connection.permissions if name != "User-PasswordProfile.ReadWrite.All"]
    sandbox.grant_consent("Acme", left)
    page = alice.press("Test connection")
    assert "tested the connection: 1 check needs attention" in page.text
    assert "Microsoft 365 does not allow the portal to resend login information." in page.text
    states = [word for feature, word in needs_of(page).items() if feature.startswith("Resend login information")]
    assert states == ["Off"]


def test_a_missing_permission_is_granted_by_consent_to_the_same_tenant(alice, connection, sandbox, elsewhere):
    sandbox.grant_consent("Acme", [name for name in connection.permissions if "Password" not in name])
    alice.get(CARD)
    alice.press("Test connection")
    place = alice.press("Grant the missing permissions").url
    assert f"/{connection.tenant_id}/v2.0/adminconsent?" in place
    elsewhere._send(place, pick=GRACE)
    page = alice.get(elsewhere.accept(place))
    assert "Microsoft 365 allows everything that the portal does." in page.text
    assert page.url == CARD
    assert connection_of(connection.organisation).id == connection.id
    assert "User-PasswordProfile.ReadWrite.All" in Connection.get_by_id(connection.id).permissions
    assert AuditEntry.select().where(AuditEntry.action == "grant permissions").count() == 1
    [line] = [row for row in alice.get("/settings/audit-log").soup.select("tr") if "Grant permissions" in row.text]
    assert line.select_one("td .text-secondary").text == "the portal may now: resend login information"
    assert "User-PasswordProfile.ReadWrite.All" in alice.get("/settings/audit-log/audit-log.csv").text


def test_a_consent_that_is_declined_leaves_everything_as_it_was(alice, connection, sandbox, elsewhere):
    sandbox.grant_consent("Acme", [name for name in connection.permissions if "Password" not in name])
    alice.get(CARD)
    alice.press("Test connection")
    place = alice.press("Grant the missing permissions").url
    elsewhere._send(place, pick=GRACE)
    page = alice.get(elsewhere.cancel(place))
    assert page.status == 200
    assert connection_of(connection.organisation).id == connection.id


def test_the_answer_to_a_grant_is_no_use_to_another_organisation(alice, mallory, connection, sandbox, elsewhere):
    sandbox.grant_consent("Acme", [name for name in connection.permissions if "Password" not in name])
    alice.get(CARD)
    alice.press("Test connection")
    place = alice.press("Grant the missing permissions").url
    elsewhere._send(place, pick=GRACE)
    mallory.get(elsewhere.accept(place))
    assert "You did not start this sign-in in this browser" in mallory.page.text
    assert connection_of(mallory.user.organisation) is None


def test_health_is_not_green_above_what_does_not_work(alice, connection, sandbox):
    assert "Health Working Everything works. Last checked" in alice.get(CARD).text
    sandbox.grant_consent("Acme", [name for name in connection.permissions if "LifeCycle" not in name])
    alice.get(CARD)
    page = alice.press("Test connection")
    assert "Health Working in part Accounts work." in page.text
    assert "does not allow the portal to send the end date" in page.text
    shown = page.soup.select_one("#settings-overview .need-list:not(.alert .need-list, details .need-list)")
    assert shown.get_text(" ", strip=True).startswith("Off Send the end date")
    assert page.soup.select_one("#settings-overview details .need-list") is not None
    assert alice.get(ADD_ONS).soup.select_one(".card-header .badge").get_text() == "Working in part"


TABS = {
    "Overview": CARD, "Licences": LICENCES, "Groups": f"{CARD}/groups", "Usernames": USERNAMES,
    "Field sync": f"{CARD}/field-sync", "Email": f"{CARD}/email",
}  # fmt: skip


def test_each_tab_of_the_settings_is_a_page_of_its_own(alice, connection):
    alice.get(CARD)
    for name, address in TABS.items():
        page = alice.press(name, within=TAB_ROW)
        assert (page.url, page.title) == (address, "Microsoft 365")
        assert page.soup.select_one(f"{TAB_ROW} [aria-current=page]").get_text() == name
        assert list(TABS) == [link.get_text() for link in page.soup.select(f"{TAB_ROW} a")]


@pytest.mark.parametrize(("old", "tab"), [("/settings/field-sync", "Field sync"), ("/settings/mail", "Email")])
def test_the_addresses_of_before_lead_to_the_tabs(alice, connection, old, tab):
    assert alice.get(old).url == TABS[tab]


@pytest.mark.parametrize("part", ["licences", "usernames", "field-sync", "email"])
def test_a_tab_of_what_is_not_connected_says_so(alice, part, sandbox):
    page = alice.get(f"{CARD}/{part}")
    assert page.status == 409
    assert "not connected" in page.text


def test_the_trial_asks_the_tenant_and_shows_each_answer(alice, connection, sandbox):
    alice.get(CARD)
    sandbox.clear_requests()
    page = alice.press("Test connection")
    assert {"/v1.0/organization", "/v1.0/domains", "/v1.0/subscribedSkus"} <= {line.path for line in sandbox.requests()}
    assert "The portal tested the connection: all is well" in page.text
    assert "Acme: acme.example and acme.onmicrosoft.com." in page.text
    assert f"{PREMIUM}: 8 of 10 seats left" in page.text


def test_a_trial_that_fails_says_why_at_each_question(alice, connection, sandbox):
    sandbox.expire_secret()
    alice.get(CARD)
    alice.htmx = False
    page = alice.press("Test connection")
    assert page.title == "Microsoft 365"
    assert "tested the connection: 4 checks need attention" in page.text
    assert "client secret has expired" in page.text
    assert "Needs attention" in page.text


def test_a_tenant_that_hangs_does_not_keep_the_page_waiting(alice, connection, sandbox, monkeypatch):
    monkeypatch.setattr(settings_views, "PATIENCE", 0.3)
    alice.get(CARD)
    sandbox.fault(method="GET", path="/v1.0/organization", kind="slow", seconds=1.0)
    page = alice.press("Test connection")
    assert "Microsoft 365 did not answer in time" in page.text
    deadline = time.monotonic() + 20
    while Connection.get_by_id(connection.id).checked_at == connection.checked_at:
        assert time.monotonic() < deadline, "the trial never ended"


def pem(days: int) -> bytes:
    """A certificate that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    begins = now() - timedelta(days=400)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(begins).not_valid_after(now() + timedelta(days=days, hours=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("days", "words", "warned"),
    [(200, "Ends in 200 days", False), (12, "Ends in 12 days", True), (1, "Ends in 1 day", True)],
)
def test_the_certificate_counts_down_and_warns_in_its_last_month(
    alice, connection, set_up, tmp_path, days, words, warned
):
    (tmp_path / "portal.pem").write_bytes(pem(days))
    set_up(M365_CERTIFICATE_FILE=tmp_path / "portal.pem")
    page = alice.get(CARD)
    assert words in page.text
    assert ("Ask your IT team to renew it" in page.text) == warned
    assert ("Ask your IT team to renew it" in alice.get(ADD_ONS).text) == warned


def test_a_secret_counts_down_to_the_day_that_the_settings_state(alice, connection, set_up):
    assert "Expiry date unknown" in alice.get(CARD).text
    set_up(M365_CLIENT_SECRET_EXPIRES=(now() - timedelta(days=2)).date())
    assert "The portal’s client secret ended" in alice.get(CARD).text


def test_licence_rules_are_added_ordered_and_removed(alice, acme, cast, connection):
    cast.employee(acme, "Ann", "Bee", department="Field Sales")
    alice.get(LICENCES)
    alice.press("Add rule", {"Department or country": "department:Field Sales", "Licence": BUSINESS_PREMIUM})
    page = alice.press("Add rule", {"Department or country": "country:IE", "Licence": "none"})
    assert f"Department Field Sales gets {PREMIUM}" in page.text
    assert [rule.value for rule in rules_of(connection)] == ["Field Sales", "IE"]
    alice.press("Move up Country Ireland")
    assert [rule.value for rule in rules_of(connection)] == ["IE", "Field Sales"]
    alice.press("Remove Country Ireland")
    assert [rule.value for rule in rules_of(connection)] == ["Field Sales"]


def test_the_default_licence_and_what_deactivate_does_are_chosen_without_javascript_too(alice, acme, cast, connection):
    alice.htmx = False
    alice.get(LICENCES)
    page = alice.press(
        "Save",
        {"Default licence": BUSINESS_STANDARD, "Take licences away when an account is deactivated": True},
    )
    assert page.url == LICENCES
    assert "Saved." in page.alerts()
    assert page.value("Default licence") == BUSINESS_STANDARD
    chosen = settings_of(connection)
    assert (chosen.default_licence, chosen.licences_go_on_deactivate) == (BUSINESS_STANDARD, True)
    alice.press("Save", {"Default licence": "none"})
    assert settings_of(connection).default_licence == NO_LICENCE
    alice.htmx = True
    log = alice.get("/settings/audit-log").text
    assert "default licence Microsoft 365 Business Standard" in log
    assert BUSINESS_STANDARD not in log


def test_choices_outlive_disconnecting(alice, connection, elsewhere):
    alice.get(LICENCES)
    alice.press("Save", {"Default licence": BUSINESS_PREMIUM})
    alice.get(ADD_ONS)
    alice.press("Disconnect", within="#add-on-card-microsoft-365 details")
    alice.press("Disconnect", within="form[action$='/disconnect']")
    connected(alice, elsewhere)
    assert alice.get(LICENCES).value("Default licence") == BUSINESS_PREMIUM


def test_a_licence_that_the_tenant_no_longer_offers_is_said_and_not_proposed(alice, acme, cast, connection):
    alice.get(LICENCES)
    alice.press("Save", {"Default licence": BUSINESS_PREMIUM})
    Connection.update(licences=[plan for plan in connection.licences if plan["id"] != BUSINESS_PREMIUM]).execute()
    assert f"{PREMIUM} (no longer offered)" in alice.get(LICENCES).text
    default = licences.default_for(cast.employee(acme), Connection.get_by_id(connection.id))
    assert default.licence_id is None
    assert "no longer offered" in default.reason


def test_the_pattern_of_usernames_is_previewed_on_real_employees_and_saved(alice, acme, cast, connection):
    cast.employee(acme, "Mary Ann", "O’Brien", preferred_name="Molly")
    alice.get(USERNAMES)
    query = {
        "naming": "flast", "separator": ".", "collision": "initial", "use_preferred_name": "y", "letters": "plain",
        "cyrillic": "any",
    }  # fmt: skip
    page = alice.get(USERNAMES, fragment=True, query_string=query)
    cells = [cell.get_text() for cell in page.soup.select("tbody tr")[0].select("th, td")]
    assert cells == ["Molly O’Brien", "mobrien", "maobrien"]
    alice.get(USERNAMES)
    page = alice.press("Save", {"Pattern": "last.first", "Separator": "_"})
    assert "obrien_molly" in page.text
    chosen = settings_of(connection)
    assert (chosen.naming, chosen.separator) == ("last.first", "_")


def test_an_organisation_chooses_how_letters_with_marks_and_cyrillic_names_are_written(alice, acme, cast, connection):
    for first, last in (("Jörg", "Müller"), ("Жељко", "Ђоковић")):
        cast.employee(acme, first, last)
    alice.get(USERNAMES)
    page = alice.press("Save", {"Letters with marks": "german", "Names in Cyrillic letters": "sr"})
    assert "joerg.mueller" in page.text
    assert "zeljko.dokovic" in page.text


@pytest.mark.parametrize("values", [{"naming": "x"}, {"naming": "first.last", "separator": "%"}, {}])
def test_a_pattern_that_does_not_exist_is_refused(alice, connection, values):
    alice.get(CARD)
    assert alice.post(f"{CARD}/usernames", values).status == 422
    assert settings_of(connection).naming == "first.last"


def test_another_organisations_rule_is_not_there(alice, mallory, connection, initech, sandbox):
    rule = LicenceRule.create(organisation=initech, service="microsoft-365", field="country", value="IE")
    alice.get(CARD)
    assert alice.post(f"{CARD}/licence-rules/{rule.id}/remove").status == 404
    assert LicenceRule.select().count() == 1


@pytest.mark.parametrize("name", ["stan", "bob", "carol"])
def test_the_page_is_for_admins_of_a_plan_that_has_it(request, name, sandbox):
    person = request.getfixturevalue(name)
    for address in TABS.values():
        page = person.get(address)
        assert page.status == 403 or "Upgrade" in page.text
