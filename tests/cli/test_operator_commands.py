"""What an operator does without the pages: who is here and may sign in, a new password, an organisation that leaves."""

import pytest

from portal.erasure import leaving
from tests.cli.installation import Installation
from tests.cli.test_commands import refused
from tests.provisioning.conftest import connection

__all__ = ["connection"]

PASSWORD = "a long enough password\n"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """With Acme, where Alice and Adam are Admins."""
    made = Installation(tmp_path_factory.mktemp("first"))
    made.init()
    made.must("organisation", "create", "Acme Care")
    for name in ("alice", "adam"):
        made.must("user", "create", f"{name}@acme.example", "--organisation", "acme-care", "--access", "admin",
                  "--password-stdin", stdin=PASSWORD)  # fmt: skip
    return made


@pytest.fixture
def installation(first, tmp_path):
    return first.copy(tmp_path)


def test_organisations_and_users_are_listed(installation):
    assert installation.must("organisation", "list") == "acme-care\tPlatinum\t2\t0\tAcme Care\n"
    alice, adam = (
        "alice@acme.example\tacme-care\tAdmin\tpassword only",
        "adam@acme.example\tacme-care\tAdmin\tpassword only",
    )
    assert installation.must("user", "list").splitlines() == [adam, alice]
    assert installation.must("user", "list", "--organisation", "acme-care").splitlines() == [adam, alice]
    assert refused(installation.run("user", "list", "--organisation", "globex"), "no organisation")


def test_a_disabled_user_is_signed_out_and_comes_back_when_enabled(installation):
    installation.sql(
        "INSERT INTO session (user_id, token_hash, created_at, last_seen_at, address, device) "
        "SELECT id, email, '2026-01-01', '2026-01-01', '', '' FROM portal_user"
    )
    installation.must("user", "disable", "Adam@acme.example")
    assert installation.sql("SELECT token_hash FROM session") == [("alice@acme.example",)]
    assert "adam@acme.example\tacme-care\tAdmin\tdeactivated" in installation.must("user", "list")
    assert refused(installation.run("user", "disable", "alice@acme.example"), "the only Admin")
    assert refused(installation.run("user", "reset-password", "adam@acme.example"), "deactivated")
    installation.must("user", "enable", "adam@acme.example")
    assert "deactivated" not in installation.must("user", "list")
    assert refused(installation.run("user", "disable", "nobody@acme.example"), "No user has the address")


def test_a_link_to_a_new_password_is_printed_or_mailed(installation, mail_server):
    link = installation.must("user", "reset-password", "alice@acme.example", "--print")
    assert link.startswith("http://127.0.0.1:8080/set-password?token=")
    assert refused(installation.run("user", "reset-password", "alice@acme.example"), "PORTAL_MAIL_URL")
    mail_server.clear()
    said = installation.must("user", "reset-password", "alice@acme.example",
                             PORTAL_MAIL_URL=f"smtp://127.0.0.1:{mail_server.port}")  # fmt: skip
    assert "on its way to alice@acme.example" in said
    assert "token=" not in said
    assert installation.sql("SELECT COUNT(*) FROM password_reset") == [(3,)]


def test_an_organisation_is_deleted_only_when_it_is_confirmed(installation):
    installation.must("organisation", "create", "Globex")
    assert refused(installation.run("organisation", "delete", "acme-care"), "2 users")
    assert refused(
        installation.run("organisation", "delete", "acme-care", "--confirm", "globex"), "Nothing was deleted"
    )
    installation.must("organisation", "delete", "acme-care", "--confirm", "acme-care")
    assert installation.must("organisation", "list") == "globex\tPlatinum\t0\t0\tGlobex\n"
    assert installation.sql("SELECT COUNT(*) FROM portal_user") == [(0,)]
    assert "The audit log of globex: It is sound" in installation.must("audit", "verify")


def test_an_organisation_that_is_connected_is_not_deleted(alice, connection):
    with pytest.raises(leaving.StillConnected):
        leaving.delete(alice.user.organisation)
