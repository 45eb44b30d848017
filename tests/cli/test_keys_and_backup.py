"""Keys that are changed while secrets are kept, and a database that is lost and put back."""

import sqlite3

import pytest
from cryptography.fernet import Fernet

from portal.auth.models import User
from portal.operating import keys
from tests.cli.test_commands import acme, portal, refused

__all__ = ["acme", "portal"]


@pytest.fixture
def database(tmp_path):
    return tmp_path / "instance" / "portal.sqlite3"


def encrypted(database, value=None):
    with sqlite3.connect(database) as open_database:
        if value is not None:
            open_database.execute("UPDATE portal_user SET encrypted_totp = ?", (value,))
        return open_database.execute("SELECT encrypted_totp FROM portal_user").fetchone()[0]


@pytest.fixture
def alice(portal, acme):
    answer = portal("user", "create", "alice@acme.example", "--organisation", "Acme", "--access", "admin",
                    "--password-stdin", stdin="a long enough password\n")  # fmt: skip
    assert answer.returncode == 0


def test_every_sealed_column_is_known(app):
    found = {(model.__name__, field.name) for model, field in keys.encrypted_fields()}
    assert (User.__name__, "encrypted_totp") in found
    assert {"Operation", "LoginMail", "ConnectAttempt", "OutsideSignIn"} <= {name for name, _ in found}


def test_after_a_rotation_the_old_key_can_go(portal, alice, database):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    encrypted(database, Fernet(old).encrypt(b"a seed").decode())
    answer = portal("keys", "rotate", PORTAL_ENCRYPTION_KEYS=f"{new},{old}")
    assert "portal_user.encrypted_totp: 1" in answer.stdout
    assert Fernet(new).decrypt(encrypted(database).encode()) == b"a seed"
    assert portal("keys", "rotate", PORTAL_ENCRYPTION_KEYS=new).returncode == 0


def test_what_no_key_opens_is_said_and_left_as_it_is(portal, alice, database):
    foreign = Fernet(Fernet.generate_key()).encrypt(b"a seed").decode()
    encrypted(database, foreign)
    assert refused(portal("keys", "rotate"), "no longer in PORTAL_ENCRYPTION_KEYS")
    assert encrypted(database) == foreign


def test_a_lost_database_is_put_back(portal, alice, database, tmp_path):
    copy = tmp_path / "copy"
    assert portal("backup", str(copy)).returncode == 0
    for path in database.parent.glob("portal.sqlite3*"):
        path.unlink()
    assert refused(portal("audit", "verify"), "portal init")
    for path in database.parent.glob("portal.sqlite3*"):
        path.unlink()
    assert portal("restore", str(copy)).returncode == 0
    assert portal("init").returncode == 0
    assert "The audit log of acme: It is sound" in portal("audit", "verify").stdout


def test_a_copy_never_writes_over_a_file(portal, alice, tmp_path):
    there = tmp_path / "there"
    there.write_text("mine")
    assert refused(portal("backup", str(there)), "is there already")
    assert there.read_text() == "mine"
