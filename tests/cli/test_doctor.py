"""`portal doctor` before anybody has connected a tenant: are the credentials right?"""

import pytest

from portal import config
from portal.connectors.microsoft365 import login
from portal.connectors.microsoft365.settings import settings
from portal.operating import doctor


def said(tenant=""):
    [found] = [finding for finding in doctor.examine(tenant) if finding.part == "Microsoft 365"]
    return found


@pytest.fixture(autouse=True)
def asked_afresh(app, tables, sandbox):
    login.forget("organizations")
    yield
    login.forget("organizations")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "hr.example.com"), ("PUBLIC_URL", "ftp://hr.example.com"),
        ("MAIL_FROM", "a@b.example, c@d.example"),
        ("MAIL_FROM", "nobody"), ("TRUSTED_PROXIES", "-1"), ("MOST_LINES", "0"), ("MAIL_URL", "ftp://mail.example.com"),
        ("MAIL_URL", "smtp://mail.example.com:99999"), ("DATABASE_URL", "mysql://db/portal"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_named_once_and_nothing_else_is_said_of_it(monkeypatch, name, value):
    monkeypatch.setenv(f"PORTAL_{name}", value)
    config.forget()
    try:
        found = doctor.examine()
    finally:
        monkeypatch.undo()
        config.forget()
    [bad] = [finding for finding in found if not finding.good]
    assert (bad.part, bad.sentence.startswith(f"PORTAL_{name}: ")) == ("settings", True)


def test_right_credentials_have_nothing_said_against_them(sandbox):
    found = said()
    assert found.good
    assert "AADSTS9001023" in found.sentence


def test_in_a_tenant_that_knows_the_portal_they_are_proved(sandbox):
    sandbox.grant_consent("Acme", [])
    tenant = next(item["default_domain"] for item in sandbox.tenants if item["name"] == "Acme")
    found = said(tenant)
    assert (found.good, f"accepts the portal's credentials in {tenant}" in found.sentence) == (True, True)


def test_a_wrong_secret_a_wrong_id_and_an_unknown_tenant_are_told_apart(sandbox, monkeypatch):
    sandbox.grant_consent("Acme", [])
    with monkeypatch.context() as patch:
        patch.setattr(settings(), "client_secret", type(settings().client_secret)("wrong"))
        assert "AADSTS7000215" in said().sentence
    login.forget("organizations")
    with monkeypatch.context() as patch:
        patch.setattr(settings(), "client_id", "00000000-0000-4000-8000-000000000000")
        assert "does not know the client id of the portal at all (AADSTS700016)" in said().sentence
    found = said("nowhere.example")
    assert (found.good, "AADSTS90002" in found.sentence) == (False, True)


def test_an_expired_secret_is_a_problem(sandbox):
    sandbox.fault(path="/organizations/oauth2/v2.0/token", kind="expired secret")
    found = said()
    assert (found.good, "AADSTS7000222" in found.sentence) == (False, True)


def test_a_login_service_that_does_not_answer_is_a_problem(sandbox):
    sandbox.fault(path="/organizations/oauth2/v2.0/token", kind="status", status=503)
    assert not said().good


def test_an_address_of_graph_where_nothing_answers_is_a_problem(sandbox, monkeypatch):
    monkeypatch.setenv("PORTAL_M365_GRAPH_URL", "http://127.0.0.1:1")
    config.forget()
    try:
        found = said()
    finally:
        monkeypatch.undo()
        config.forget()
    assert (found.good, "http://127.0.0.1:1 does not answer" in found.sentence) == (False, True)
