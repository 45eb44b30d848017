"""Copies with dates and how many are kept, a rehearsal, and a restore: never beneath a running portal."""

import re
from datetime import UTC, datetime

import pytest

from tests.cli.installation import Installation
from tests.cli.test_commands import refused
from tests.provisioning.test_killed import eventually

ENDED = ("session", "half_sign_in", "outside_sign_in", "connect_attempt", "password_reset", "invitation")
OPEN = """
INSERT INTO session (user_id, token_hash, created_at, last_seen_at, address, device)
    SELECT id, 'stolen', '2026-01-01', '2026-01-01', '', '' FROM portal_user;
INSERT INTO half_sign_in (user_id, token_hash, created_at) SELECT id, 'half', '2026-01-01' FROM portal_user;
INSERT INTO password_reset (user_id, token_hash, created_at) SELECT id, 'reset', '2026-01-01' FROM portal_user;
INSERT INTO outside_sign_in (user_id, service, state_hash, browser_hash, encrypted_flow, created_at)
    SELECT id, 'microsoft-365', 'state', 'browser', '', '2026-01-01' FROM portal_user
"""

CANDIDATE = """
INSERT INTO candidate
    (organisation_id, first_name, last_name, search_text, created_at,
    phone, country, source, consent_text, asked_consent)
    SELECT id, '{0}', 'Miller', '{0}', '2026-01-01', '', '', '', '', '' FROM organisation;
INSERT INTO note (organisation_id, candidate_id, text, by_name, at)
    SELECT organisation_id, id, 'About {0}', '', '2026-01-01' FROM candidate WHERE first_name = '{0}'
"""

TOKEN = """
INSERT INTO api_token
    (organisation_id, name, key, secret_hash, old_secret_hash, scopes, networks, days, made_by_id, made_by_name,
    made_at, expires_at, revoked_by_name, last_used_from)
    SELECT organisation_id, '{0}', '{0}', 'at first', '', '[]', '[]', 365, id, '', '2026-01-01', '2027-01-01', '', ''
    FROM portal_user WHERE email = 'alice@acme.example'
"""
CONNECTION = """
INSERT INTO connection
    (organisation_id, service, tenant_id, tenant_name, domains, licences, permissions, connected_as, connected_at,
    problem, problem_next_step, checked_at, changes_link, held_changes)
    SELECT id, 'microsoft-365', 't', 'Acme Ltd', '[]', '[]', '[]', '', '2026-01-01', '', '', '2026-01-01', '', 0
    FROM organisation
"""
TOKENS = "SELECT key, secret_hash, revoked_by_name FROM api_token WHERE revoked_at IS NOT NULL ORDER BY key"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """With Acme, and Alice who signs in."""
    made = Installation(tmp_path_factory.mktemp("first"))
    made.init()
    made.must("organisation", "create", "Acme")
    made.must("user", "create", "alice@acme.example", "--organisation", "Acme", "--access", "admin",
              "--password-stdin", stdin="a long enough password\n")  # fmt: skip
    return made


@pytest.fixture
def installation(first, tmp_path):
    made = first.copy(tmp_path)
    yield made
    made.stop()


def organisations(installation):
    return [name for (name,) in installation.sql("SELECT name FROM organisation ORDER BY name")]


def test_a_copy_is_named_by_its_date_and_only_its_owner_reads_it(installation):
    said = installation.must("backup")
    [copy] = (installation.instance / "backups").iterdir()
    assert str(copy) in said
    assert re.fullmatch(f"portal-{datetime.now(UTC):%Y%m%d}T[0-9]{{6}}Z", copy.stem)
    assert oct(copy.stat().st_mode & 0o777) == "0o600"
    assert oct(copy.parent.stat().st_mode & 0o777) == "0o700"


def test_as_many_are_kept_as_are_wanted_and_nothing_else_is_touched(installation, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    for name in ("portal-20250101T000000Z.sqlite3", "portal-20250102T000000Z.dump", "mine.sqlite3"):
        (folder / name).write_text("old")
    said = installation.must("backup", str(folder), "--keep", "2")
    left = sorted(path.name for path in folder.iterdir())
    assert left[:2] == ["mine.sqlite3", "portal-20250102T000000Z.dump"]
    assert len(left) == 3
    assert "Removed" in said
    assert installation.run("backup", str(tmp_path / "one"), "--keep", "2").returncode == 2


def test_a_rehearsal_says_what_is_in_a_copy_and_changes_nothing(installation, tmp_path):
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    content = copy.read_bytes()
    said = installation.must("backup", "verify", str(copy))
    assert "1 organisation, 0 employees" in said
    assert "It is of this version" in said
    assert copy.read_bytes() == content
    assert organisations(installation) == ["Acme"]


@pytest.mark.parametrize(
    "spoil", [lambda content: b"", lambda content: b"words", lambda content: content[: len(content) // 2]]
)
def test_a_rehearsal_and_a_restore_refuse_what_is_damaged(installation, tmp_path, spoil):
    copy, wrong = tmp_path / "copy", tmp_path / "wrong"
    installation.must("backup", str(copy))
    wrong.write_bytes(spoil(copy.read_bytes()))
    assert refused(installation.run("backup", "verify", str(wrong)), "not")
    assert refused(installation.run("restore", str(wrong), "--force"), "not")
    assert organisations(installation) == ["Acme"]


def test_a_restore_over_a_filled_database_asks_for_force(installation, tmp_path):
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    installation.must("organisation", "create", "Globex")
    assert refused(installation.run("restore", str(copy)), "There is a portal's database already")
    assert organisations(installation) == ["Acme", "Globex"]
    installation.must("restore", str(copy), "--force")
    assert organisations(installation) == ["Acme"]
    assert "up to date" in installation.must("init")


def test_a_restore_takes_the_place_of_a_newer_versions_tables_too(installation, tmp_path):
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    installation.sql(
        "CREATE TABLE of_next_year (id integer PRIMARY KEY, organisation_id integer REFERENCES organisation (id))"
    )
    installation.sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_of_next_year', '2026-01-01')")
    installation.must("restore", str(copy), "--force")
    assert "up to date" in installation.must("init")
    assert "sound" in installation.must("audit", "verify")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_is_replaced_beneath_a_portal_that_runs(installation, tmp_path, command):
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    if command == "serve":
        installation.serve()
    else:
        installation.start(command)
        eventually(lambda: any("consumer started" in line["event"] for line in installation.lines()))
    for more in ([], ["--force"]):
        assert refused(installation.run("restore", str(copy), *more), "The portal is running on this database")
    installation.stop()
    installation.must("restore", str(copy), "--force")


def test_no_sign_in_and_no_link_comes_back_with_a_copy(installation, tmp_path):
    for statement in OPEN.split(";"):
        installation.sql(statement)
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    said = installation.must("restore", str(copy), "--force")
    for table in ENDED:
        assert installation.sql(f"SELECT COUNT(*) FROM {table}") == [(0,)]  # noqa: S608
    assert re.search("signed out.*links have ended.*recovery codes", said, re.DOTALL)


def test_r60_candidates_who_were_erased_since_the_copy_do_not_come_back(installation, tmp_path):
    for statement in (CANDIDATE.format("Zora") + ";" + CANDIDATE.format("Ann")).split(";"):
        installation.sql(statement)
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    installation.sql("UPDATE candidate SET first_name = '', erased_at = '2026-02-01' WHERE first_name = 'Zora'")
    installation.must("restore", str(copy), "--force")
    rows = installation.sql("SELECT first_name, search_text, erase_on FROM candidate ORDER BY id")
    assert [(first, found, str(day)) for first, found, day in rows] == [("", "", "1970-01-01"), ("Ann", "Ann", "None")]
    assert installation.sql("SELECT text FROM note") == [("About Ann",)]


def test_what_had_ended_since_the_copy_stays_so(installation, tmp_path):
    installation.must("user", "create", "bob@acme.example", "--organisation", "Acme", "--access", "admin",
                      "--password-stdin", stdin="a long enough password\n")  # fmt: skip
    for name in ("gone", "kept", "turned"):
        installation.sql(TOKEN.format(name))
    installation.sql(
        "INSERT INTO linked_sign_in (user_id, service, tenant_id, person_id, shown_as, created_at)"
        " SELECT id, 'microsoft-365', 't', email, '', '2026-01-01' FROM portal_user"
    )
    installation.sql("INSERT INTO recovery_code (user_id, code_hash) SELECT id, 'code' FROM portal_user")
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    of_bob = "email = 'bob@acme.example'"
    its_bobs = f"user_id = (SELECT id FROM portal_user WHERE {of_bob})"  # noqa: S608
    installation.sql(f"UPDATE portal_user SET access_level = 'Manager', password_hash = 'new' WHERE {of_bob}")  # noqa: S608
    installation.sql("UPDATE portal_user SET enabled = FALSE WHERE email = 'alice@acme.example'")
    installation.sql(f"DELETE FROM linked_sign_in WHERE {its_bobs}")  # noqa: S608
    installation.sql(f"UPDATE recovery_code SET used_at = '2026-02-01' WHERE {its_bobs}")  # noqa: S608
    installation.sql("UPDATE api_token SET revoked_at = '2026-02-01', revoked_by_name = 'Bob' WHERE key = 'gone'")
    installation.sql("UPDATE api_token SET secret_hash = 'rotated' WHERE key = 'turned'")
    installation.must("restore", str(copy), "--force")
    assert installation.sql(TOKENS) == [("gone", "at first", "Bob")]
    assert installation.sql("SELECT secret_hash FROM api_token WHERE key = 'turned'") == [("rotated",)]
    users = installation.sql("SELECT enabled, access_level, password_hash = 'new' FROM portal_user ORDER BY email")
    assert [(bool(on), level, bool(new)) for on, level, new in users] == [
        (False, "Admin", False), (True, "Manager", True),
    ]  # fmt: skip
    assert installation.sql("SELECT person_id FROM linked_sign_in") == [("alice@acme.example",)]
    assert installation.sql("SELECT COUNT(*) FROM recovery_code WHERE used_at IS NULL") == [(1,)]
    installation.must("init")


def test_tokens_wait_for_an_admin_where_no_database_is_left_to_ask(installation, tmp_path):
    installation.sql(TOKEN.format("kept"))
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    other = Installation(tmp_path / "other")
    (tmp_path / "other" / "instance").mkdir(parents=True)
    other.environment["PORTAL_ENCRYPTION_KEYS"] = installation.environment["PORTAL_ENCRYPTION_KEYS"]
    said = other.must("restore", str(copy))
    assert "none of the 1 works" in said
    assert other.sql(TOKENS) == [("kept", "at first", "portal restore")]
    assert re.match("20[0-9-]{8} ", str(other.sql("SELECT revoked_at FROM api_token")[0][0]))


def test_a_connection_that_was_ended_since_is_named(installation, tmp_path):
    installation.sql(CONNECTION)
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    assert "Disconnected since" not in installation.must("restore", str(copy), "--force")
    installation.sql("UPDATE connection SET disconnected_at = '2026-02-01'")
    assert "Acme Ltd (microsoft-365)" in installation.must("restore", str(copy), "--force")


GROUP = """
INSERT INTO group_level
    (organisation_id, service, tenant_id, position, "group", group_name, access_level, part, part_value, problem)
    SELECT id, 'microsoft-365', 't', 1, '{0}', '{0}', 'Admin', '', '', '' FROM organisation
"""
WISH = """
INSERT INTO pending_change (organisation_id, control, before, after, state, by_id, by_name, asked_at, takes_effect_at,
    decided_by_name) SELECT organisation_id, '{0}', 'true', 'false', 'waiting for approval', id, 'Alice', '2026-01-01',
    '2026-01-02', '' FROM portal_user
"""


def test_what_protects_an_organisation_is_no_weaker_after_a_restore(installation, tmp_path):
    for name in ("removed", "lowered"):
        installation.sql(GROUP.format(name))
    for name in ("admins_need_second_factor", "outside_sign_in_required"):
        installation.sql(WISH.format(name))
    installation.sql("UPDATE organisation SET sign_in_with = 'google-workspace'")
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    installation.sql("UPDATE organisation SET sign_in_with = '', admins_need_second_factor = TRUE, approval_above = 5")
    installation.sql("DELETE FROM group_level WHERE group_name = 'removed'")
    installation.sql("UPDATE group_level SET access_level = 'Employee'")
    installation.sql("UPDATE pending_change SET state = 'withdrawn' WHERE control = 'admins_need_second_factor'")
    installation.must("restore", str(copy), "--force")
    protects = "SELECT sign_in_with, admins_need_second_factor, approval_above FROM organisation"
    assert [(ways, bool(strong), most) for ways, strong, most in installation.sql(protects)] == [("", True, 5)]
    assert installation.sql("SELECT group_name, access_level FROM group_level") == [("lowered", "Employee")]
    waiting = "SELECT control FROM pending_change WHERE state = 'waiting for approval'"
    assert installation.sql(waiting) == [("outside_sign_in_required",)]
    installation.must("init")
