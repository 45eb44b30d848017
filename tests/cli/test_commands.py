"""The command line as a script would use it: real processes, exit statuses, one sentence on standard error."""

import os
import sqlite3
import subprocess

import pytest
from cryptography.fernet import Fernet

from tests import schema
from tests.cli import commands

HEAD = "employee_number,first_name,last_name"


@pytest.fixture
def portal(tmp_path):
    """portal("init") runs `portal init` on a database of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment |= {
        "PORTAL_INSTANCE_DIR": str(tmp_path / "instance"),
        "PORTAL_SECRET_KEY": "for this test",
        "PORTAL_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }

    def run(*arguments: str, stdin: str = "", **changes: str) -> subprocess.CompletedProcess:
        return commands.run(*arguments, stdin=stdin, environment={**environment, **changes})

    return run


@pytest.fixture
def acme(portal, tmp_path):
    schema.copy_to(tmp_path / "instance" / "portal.sqlite3")
    assert portal("init").returncode == 0
    assert portal("organisation", "create", "Acme", "--time-zone", "Europe/London", "--country", "GB").returncode == 0
    return "Acme"


def refused(answer, words):
    """Exit status 1, and one line that says why."""
    assert answer.returncode == 1, answer
    assert answer.stderr.count("\n") == 1
    assert words in answer.stderr
    return True


def test_init_can_be_repeated(portal):
    assert "0001_first_schema" in portal("init").stdout
    assert "up to date" in portal("init").stdout


def test_a_user_gets_the_password_from_standard_input(portal, acme):
    create = ("user", "create", "alice@acme.example", "--organisation", acme, "--access", "admin", "--password-stdin")
    assert portal(*create, stdin="a long enough password\n").returncode == 0
    assert refused(portal(*create, stdin="a long enough password\n"), "already signs in")
    assert refused(portal(*create, stdin="short\n"), "at least")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("organisation", "create", "Acme"), "already"),
        (("organisation", "create", "New", "--time-zone", "Mars/Olympus"), "not a time zone"),
        (("organisation", "set-plan", "Nobody", "Platinum"), "no organisation"),
        (("organisation", "create", "Two\nlines"), "on one line"),
        (("organisation", "create", "New", "--country", "ZZ"), "not the code of a country"),
        (("employees", "import", "/dev/zero", "--organisation", "acme"), "is not a file"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(portal, acme, arguments, words):
    assert refused(portal(*arguments), words)


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",), ("organisation", "set-plan", "Acme", "Gold"), ("user", "create"), ("serve", "--workers", "0"),
        ("serve", "--port", "99999"), ("worker", "--threads", "0"),
    ],
)  # fmt: skip
def test_wrong_use_is_exit_status_two(portal, arguments):
    assert portal(*arguments).returncode == 2


def test_importing_is_all_or_nothing(portal, acme, tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{HEAD}\n1,Zoë,Ångström\n2,Wei,Zhang\n", encoding="utf-8")
    bad.write_text(f"{HEAD},favourite_colour\n3,A,B,blue\n", encoding="utf-8")
    assert "Added 2" in portal("employees", "import", str(good), "--organisation", acme).stdout
    answer = portal("employees", "import", str(bad), "--organisation", acme)
    assert answer.returncode == 1
    assert "favourite_colour" in answer.stderr
    assert "Added 0" in portal("employees", "import", str(good), "--organisation", acme).stdout


def renamed(tmp_path, before, after):
    """As an Admin does it under General Settings."""
    with sqlite3.connect(tmp_path / "instance" / "portal.sqlite3") as database:
        database.execute("UPDATE organisation SET name = ? WHERE first_name = ?", (after, before))
    database.close()


def test_a_name_that_somebody_else_took_is_refused_and_the_key_goes_on_to_work(portal, acme, tmp_path):
    assert "Its key is acme-care" in portal("organisation", "create", "Acme Care").stdout
    portal("organisation", "create", "Initech")
    staff = tmp_path / "staff.csv"
    staff.write_text(f"{HEAD}\n1,Wei,Zhang\n", encoding="utf-8")
    nightly = ("employees", "import", str(staff), "--organisation")
    assert portal(*nightly, "Acme Care").returncode == 0
    renamed(tmp_path, "Acme Care", "Acme Group")
    for word in ("Acme Care", "Acme Group"):
        assert refused(portal(*nightly, word), "use the key: acme-care (now “Acme Group”)")
    renamed(tmp_path, "Initech", "Acme Care")
    answer = portal(*nightly, "Acme Care")
    assert refused(answer, "acme-care (now “Acme Group”), initech (now “Acme Care”)")
    assert "Added 0" in portal(*nightly, "acme-care").stdout


def test_a_key_is_not_taken_by_a_name(portal, acme, tmp_path):
    portal("organisation", "create", "Initech")
    renamed(tmp_path, "Initech", "acme")
    assert "Standard" in portal("organisation", "set-plan", "acme", "Standard").stdout
    with sqlite3.connect(tmp_path / "instance" / "portal.sqlite3") as database:
        plans = database.execute("SELECT key, plan FROM organisation ORDER BY key").fetchall()
    database.close()
    assert plans == [("acme", "Standard"), ("initech", "Platinum")]


def test_a_trial_period_may_have_a_last_day_and_shows_again_to_those_who_hid_its_notice(portal, acme, tmp_path):
    create = ("user", "create", "alice@acme.example", "--organisation", acme, "--access", "admin", "--password-stdin")
    assert portal(*create, stdin="correct horse battery staple").returncode == 0
    with sqlite3.connect(tmp_path / "instance" / "portal.sqlite3") as database:
        assert database.execute("UPDATE portal_user SET trial_notice_hidden = 1").rowcount == 1
        database.commit()
        portal("organisation", "set-trial", "acme", "on", "--until", "2031-01-31")
        assert database.execute("SELECT trial_period, trial_ends FROM organisation").fetchall() == [(1, "2031-01-31")]
        assert not database.execute("SELECT * FROM portal_user WHERE trial_notice_hidden").fetchall()
        assert portal("organisation", "set-trial", "acme", "on", "--until", "31 January").returncode == 2
        portal("organisation", "set-trial", "acme", "off")
        assert database.execute("SELECT trial_period, trial_ends FROM organisation").fetchall() == [(0, None)]
    database.close()


def test_missing_settings_are_named(portal):
    answer = portal("serve", PORTAL_SECRET_KEY="", PORTAL_ENCRYPTION_KEYS="")
    assert refused(answer, "PORTAL_SECRET_KEY and PORTAL_ENCRYPTION_KEYS")
    portal("init")
    answer = portal("organisation", "create", "Acme", PORTAL_ENCRYPTION_KEYS="")
    assert refused(answer, "PORTAL_ENCRYPTION_KEYS must be set")


def test_before_init_a_command_says_what_to_do(portal):
    assert refused(portal("organisation", "create", "Acme"), "portal init")


def test_doctor_prints_fresh_keys_and_names_problems(portal, acme):
    assert "PORTAL_ENCRYPTION_KEYS=" in portal("doctor", "--new-keys").stdout
    answer = portal("doctor")
    assert answer.returncode == 1
    assert "PROBLEM  mail" in answer.stdout
    assert "ok       database" in answer.stdout


def test_the_trail_is_verified_and_an_altered_line_is_found(portal, acme, tmp_path):
    assert "sound" in portal("audit", "verify").stdout
    with sqlite3.connect(tmp_path / "instance" / "portal.sqlite3") as database:
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            database.execute("UPDATE audit_entry SET by_name = 'somebody else'")
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            database.execute("DELETE FROM audit_entry")
        # The owner of the database can take the guard away, and the audit log shows it all the same.
        database.execute("DROP TRIGGER audit_entry_stays")
        database.execute("UPDATE audit_entry SET by_name = 'somebody else'")
    database.close()
    assert refused(portal("audit", "verify"), "From line 1 on it is not sound")


def test_what_the_portal_keeps_is_for_its_own_user_alone(portal, tmp_path):
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o755)
    assert portal("init").returncode == 0
    assert {oct(path.stat().st_mode & 0o777) for path in instance.iterdir()} == {"0o600"}
    (instance / "portal.sqlite3").chmod(0o644)
    assert portal("audit", "verify").returncode == 0
    assert {oct(path.stat().st_mode & 0o777) for path in instance.iterdir()} == {"0o600"}
    assert oct(instance.stat().st_mode & 0o777) == "0o700"
