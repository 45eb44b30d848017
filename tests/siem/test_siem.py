import json
import os
import re
from datetime import timedelta
from itertools import pairwise

from portal import audit, database
from portal.audit import AuditEntry
from portal.mail import lane
from portal.security import limiter
from portal.siem import formats, jobs, sending
from portal.siem.models import Target
from tests.receiver import Reply
from tests.test_metrics import read

PAGE = "/settings/integrations"
LINES = int(os.environ.get("SIEM_LINES", "1200"))
FRAME = re.compile(
    rb"<(\d+)>1 (\S+) (\S+) portal - (\S+) \[portal@32473 ((?:[^\]\\]|\\.)*)\] \xef\xbb\xbf(.*)", re.DOTALL
)


def grow(organisation, count):
    with database.transaction():
        for number in range(count):
            audit.record("portal", "sign in", organisation, organisation=organisation, round=number)


def of_table():
    return [(row.number, row.hash) for row in AuditEntry.select().order_by(AuditEntry.number)]


def follows(lines):
    """Whether each line names the hash of the one before, as anybody outside can see."""
    pairs = pairwise(lines)
    return all((after["number"], after["previous_hash"]) == (line["number"] + 1, line["hash"]) for line, after in pairs)


def message(frame):
    return json.loads(FRAME.fullmatch(frame)[6])


def test_o31_every_line_is_pulled_by_cursor_as_json_lines_and_the_chain_follows(acme, payroll):
    grow(acme, LINES)
    lines, address = [], "/api/v1/audit?limit=500"
    while address:
        # A long log has more pages than a token may ask for in a minute.
        limiter.reset()
        answer = payroll.ask("GET", address, headers={"Accept": "application/x-ndjson"})
        assert answer.content_type == "application/x-ndjson"
        lines += map(json.loads, answer.text.splitlines())
        found = re.search(r"<http://localhost([^>]+)>", answer.headers.get("Link", ""))
        address = found and found[1]
    assert [(line["number"], line["hash"]) for line in lines] == of_table()[: len(lines)]
    assert len(lines) >= LINES
    assert lines[0]["previous_hash"] == ""
    assert follows(lines)
    rest = payroll.get("audit", behind=lines[-2]["number"]).json["items"]
    assert rest[0]["number"] == lines[-1]["number"]
    assert audit.has_line(f"{lines[-1]['number']}:{lines[-1]['hash']}")


def test_o31_lines_wait_while_the_target_is_down_and_then_all_arrive_in_order(
    app, acme, alice, collector, target, push
):
    made = target("syslog", f"tls://localhost:{collector.port}", whole=True)
    collector.stop()
    grow(acme, LINES)
    made = push(made)
    assert "cannot be reached" in made.problem
    assert made.not_before > database.now()
    assert f"Behind by {made.backlog:,} lines" in alice.get(f"{PAGE}/siem/{made.id}").text
    age = read(app)[("portal_audit_export_lag_seconds",)]
    assert 0 < age < 600
    Target.update(not_before=database.now(), failing_since=database.now() - timedelta(hours=1)).execute()
    collector.start()
    made = push(made)
    while made.backlog:
        made = push(made)
    lines = [message(frame) for frame in collector.frames]
    assert [(line["number"], line["hash"]) for line in lines] == of_table()
    assert follows(lines)
    assert (made.problem, made.state, made.behind_since) == ("", "Working", None)


def test_o31_a_crash_between_sending_and_the_mark_sends_lines_again_and_leaves_none_out(acme, collector, target, push):
    made = target("syslog", f"tls://localhost:{collector.port}", whole=True)
    rows = list(made.unsent().order_by(AuditEntry.number))
    sending.push(made, sending._lines(made, rows))
    push(made)
    numbers = [message(frame)["number"] for frame in collector.frames]
    assert numbers[: len(rows)] == numbers[len(rows) : 2 * len(rows)] == [row.number for row in rows]


def test_o31_a_frame_of_syslog_is_as_rfc_5424_has_it_and_hides_values_unless_they_are_wanted(
    acme, alice, cast, collector, target, push
):
    wei = cast.employee(acme, "Wei", "Zhang")
    made = target("syslog", f"tls://localhost:{collector.port}")
    with database.transaction():
        audit.record(alice.user, "edit employee", wei, changes={"mobile": ["1", "2"]})
    push(made)
    priority, moment, host, kind, data, text = FRAME.fullmatch(collector.frames[-1]).groups()
    assert (priority, host, kind) == (b"110", b"localhost", b"edit-employee")
    assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
    assert b'organisation="acme"' in data
    line = json.loads(text)
    assert (line["detail"], line["subject_name"], line["subject_id"]) == (["changes"], "", str(wei.id))
    Target.update(personal=True, mark=made.mark).execute()
    push(made)
    again = [message(frame) for frame in collector.frames if message(frame)["action"] == "edit employee"]
    assert (again[1]["subject_name"], again[1]["detail"]) == ("Wei Zhang", {"changes": {"mobile": ["1", "2"]}})


def test_o31_cef_escapes_what_would_end_a_field_early(acme, alice, collector, target, push):
    made = target("cef", f"tls://localhost:{collector.port}", personal=True)
    alice.user.name = 'A|l\\ice=1\nsrc=6.6.6.6 "]'
    with database.transaction():
        audit.record(alice.user, "edit: a|b\\c", acme, organisation=acme)
    push(made)
    text = FRAME.fullmatch(collector.frames[-1])[6].decode()
    head = re.split(r"(?<!\\)\|", text, maxsplit=7)
    assert head[:3] == ["CEF:0", "portal", "portal"]
    assert head[5] == r"Edit: a\|b\\c"
    fields = dict(re.findall(r"(\w+)=((?:[^=\\\n]|\\.)*)(?= \w+=|$)", head[7]))
    assert fields["suser"] == r'A|l\\ice\=1\nsrc\=6.6.6.6 "]'
    assert fields["outcome"] == "success"
    assert (formats._parameter('a"\\]'), formats.word("")) == ('a\\"\\\\\\]', "-")


def test_o31_json_lines_by_https_carry_the_token_as_splunk_wants_it(acme, listening, target, push):
    made = target("https", listening.url, token="secret-token", header="Splunk", whole=True)
    listening.replies = [Reply(503)]
    assert "answered 503" in push(made).problem
    Target.update(not_before=database.now()).execute()
    push(made)
    got = listening.got[-1]
    assert got.headers["Authorization"] == "Splunk secret-token"
    events = [json.loads(line) for line in got.body.splitlines()]
    assert [event["event"]["number"] for event in events] == [row[0] for row in of_table()][: len(events)]
    assert events[0]["sourcetype"] == "portal:audit"


def test_a_target_that_takes_nothing_for_a_month_is_paused_and_the_admins_hear_of_it(
    acme, collector, target, push, mailbox
):
    made = target("syslog", f"tls://localhost:{collector.port}")
    grow(acme, 1)
    collector.stop()
    Target.update(failing_since=database.now() - timedelta(days=31)).execute()
    mailbox.refuse("451 not now")
    assert push(made).state == "Paused"
    lane.join()
    assert mailbox.messages == []
    for _ in range(2):
        jobs.tell_paused.call_local()
        lane.join()
    assert [mail["Subject"] for mail in mailbox.messages] == ["SOC is paused"]
    collector.start()


def test_o32_a_target_is_added_tested_paused_and_removed_on_its_pages(alice, collector, push, tables):
    alice.get(PAGE)
    alice.press("Add syslog")
    assert alice.press("Add syslog", {"Name": "SOC", "Address": "10.0.0.1:6514"}).status == 422
    page = alice.press("Add syslog", {"Name": "SOC", "Address": f"localhost:{collector.port}"})
    assert "Added." in page.text
    assert "was sent to" in alice.press("Test").text
    assert message(collector.frames[0])["action"] == "test"
    alice.get(PAGE)
    alice.press("Pause SOC")
    made = Target.get()
    assert push(made).mark == made.mark
    alice.get(PAGE)
    alice.press("Resume SOC")
    assert push(made).mark > made.mark
    alice.get(f"{PAGE}/siem/{made.id}/remove")
    alice.press("Remove", within="main")
    lines = [entry.action for entry in AuditEntry.select().where(AuditEntry.subject_name == "SOC")]
    assert lines == ["add SIEM", "test SIEM", "pause SIEM", "resume SIEM", "use SIEM", "remove SIEM"]


def test_another_organisation_reaches_no_target(mallory, collector, target):
    made = target("syslog", f"tls://localhost:{collector.port}")
    mallory.get(PAGE)
    assert mallory.get(f"{PAGE}/siem/{made.id}").status == 404
    assert mallory.post(f"{PAGE}/siem/{made.id}/test").status == 404
    assert not collector.frames
