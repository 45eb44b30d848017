"""Text that PostgreSQL refuses, or that a pattern takes long for, wherever it comes in."""

import pytest

from portal import audit, logs
from portal.audit import AuditEntry
from portal.auth.models import User
from portal.csv_lines import csv_line, unguarded
from portal.leaving import replies
from portal.notifications import stopping
from tests.cast import Person


@pytest.mark.parametrize("address", ["/login", "/forgot-password"])
def test_a_nul_in_an_address_that_is_typed_finds_nobody_and_breaks_nothing(app, tables, address):
    nobody = Person(app)
    nobody.get(address)
    fields = {"email": "alice\0@acme.example", "password": "a long enough password"}
    assert nobody.post(address, fields).status in (200, 422)


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "a;  =1", "\n\n\t =1", "\t-", "x\r\n@y", "'\t'=", "a|b", " \n x"])
def test_a_cell_of_an_export_is_no_formula_and_comes_back_as_it_was(text):
    written = csv_line([text])
    assert unguarded(text) == text or text.startswith(("'", "\t'"))
    cell = written.rstrip("\r\n").removeprefix('"').removesuffix('"').replace('""', '"')
    assert unguarded(cell) == text
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_a_nul_that_comes_as_far_as_the_audit_log_leaves_its_chain_whole(acme, tables):
    with tables.atomic():
        audit.record("nobody\0", "add note", acme, organisation=acme, words={"a\0": ["b\0", "\\u0000"]})
    assert audit.check(acme).is_sound
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().detail == {
        "words": {"a\ufffd": ["b\ufffd", "\\u0000"]}
    }


def test_long_runs_of_one_sign_take_no_time():
    assert csv_line(["\n" * 200_000 + "x"]).count("\n") > 200_000
    assert unguarded("\t" * 200_000 + "x'")
    assert not replies.same(reply("<" * 200_000), reply("x"))


def reply(text):
    return replies.Reply(replies.ReplyStatus.ON, replies.Audience.NOBODY, text, text)


def test_the_log_does_not_hold_what_stops_emails_without_a_sign_in(app, alice):
    link = stopping.link_for(User.get_by_id(alice.user.id), stopping.DIGEST).removeprefix("http://localhost")
    with app.test_request_context(link):
        assert logs.path_asked() == "/stop-mails/…"
