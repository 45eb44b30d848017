"""Files that other systems offer: over HTTPS and over SFTP, past the guard."""

import logging
import threading

import paramiko
import pytest

from portal.feed_sources import sftp
from portal.feeds import jobs, models, running
from portal.feeds.models import Feed, FeedRun, How, RunState
from tests.feeds.conftest import OPTIONS, SECRETS, numbers, of, people, run, work
from tests.feeds.sftp_server import SftpServer
from tests.feeds.test_runs import approved
from tests.receiver import Receiver, Reply, allowed, authority  # noqa: F401

LIST = "Employee ID,First name,Last name,Start date\n{}"
ANA, WEI = "A1,Ana,Ruiz,2024-01-08\n", "A2,Wei,Zhang,2024-02-12\n"


def made_by(alice, kind, entered):
    """The feed that Alice makes on the page."""
    alice.get(f"/settings/integrations/feeds/new/{kind}")
    alice.press("Make feed", entered)
    return Feed.get()


@pytest.fixture
def server(authority, allowed):  # noqa: F811
    allowed("localhost")
    with Receiver(authority) as receiver:
        receiver.reply = Reply(200, {"ETag": '"one"'}, LIST.format(ANA).encode())
        yield receiver


def test_a_csv_file_is_read_over_https_with_a_sign_in_and_not_again_while_it_is_the_same(alice, server):
    made = made_by(alice, "csv-https", {"Address of the file": f"{server.url}/staff.csv", "Token": "secret-word"})
    assert approved(alice, run(made)).state == RunState.DONE
    assert (server.got[0].headers["Authorization"], server.names[-1]) == ("Bearer secret-word", "localhost")
    assert "If-None-Match" not in server.got[0].headers
    server.reply = Reply(304)
    assert run(made).state == RunState.SAME
    assert server.got[1].headers["If-None-Match"] == '"one"'
    server.replies = [Reply(503, {"Retry-After": "0"})]
    server.reply = Reply(200, {}, LIST.format(ANA + WEI).encode())
    Feed.update(previews=0).execute()
    assert run(made).state == RunState.DONE
    assert numbers() == ["A1", "A2"]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(401), "does not accept the sign-in (401)"),
        (Reply(302, {"Location": "https://other.example/"}), "to another address (302)"),
        (Reply(404), "There is no file at the address (404)"),
        (Reply(200, {}, b"<!doctype html><html><body>Please sign in</body></html>"), "This is a web page"),
        (Reply(200, {}, b""), "The file is empty"),
    ],
)
def test_what_is_no_file_stops_the_feed_and_says_so(alice, server, reply, why):
    made = made_by(alice, "csv-https", {"Address of the file": server.url})
    server.reply = reply
    stopped = run(made)
    assert (stopped.state, why in stopped.why) == (RunState.STOPPED, True), stopped.why


@pytest.mark.parametrize(
    "address", ["http://files.example.com/a.csv", "https://127.0.0.1/a.csv", "https://u:p@x.example"]
)
def test_an_address_that_the_guard_refuses_is_told_in_the_form(alice, address):
    alice.get("/settings/integrations/feeds/new/csv-https")
    page = alice.press("Make feed", {"Address of the file": address})
    assert page.status == 422
    assert "The address" in page.text
    assert page.value("Address of the file") == address
    assert Feed.select().count() == 0


def test_an_address_that_leads_inside_stops_the_feed_with_the_words_of_the_guard(alice, authority):  # noqa: F811
    with Receiver(authority) as inside:
        made = made_by(alice, "csv-https", {"Address of the file": inside.url})
        assert "no public address" in run(made).why
        assert inside.got == []


@pytest.fixture
def files(tmp_path, allowed):  # noqa: F811
    allowed("localhost")
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    folder = tmp_path / "out"
    folder.mkdir()
    with SftpServer(folder) as server:
        yield server


def write(files, name, text, *, at):
    import os

    (files.folder / name).write_text(text)
    os.utime(files.folder / name, (at, at))


def test_the_newest_file_is_read_over_sftp_once_an_admin_has_confirmed_the_server(alice, files):
    write(files, "staff-1.csv", LIST.format(ANA), at=1_000)
    write(files, "staff-2.csv", LIST.format(ANA + WEI), at=2_000)
    write(files, "other.txt", "no", at=3_000)
    made = made_by(alice, "csv-sftp", {"Server": f"localhost:{files.port}", "User name": "portal"})
    stopped = run(made)
    assert "which nobody has confirmed yet" in stopped.why
    page = alice.get(f"/settings/integrations/feeds/{made.id}")
    public = of(made).options["public_key"]
    assert public in page.text
    files.authorised.append(public.rpartition(" ")[0])
    alice.press("Confirm this key")
    found = run(made)
    assert (found.state, found.file_name) == (RunState.PREVIEW, "staff-2.csv"), found.why
    assert approved(alice, found).state == RunState.DONE
    assert numbers() == ["A1", "A2"]
    files.files.growing.add("staff-3.csv")
    write(files, "staff-3.csv", LIST.format(ANA), at=4_000)
    growing = run(made)
    assert (growing.state, "still growing" in growing.why) == (RunState.FAILED, True)
    files.host_key = paramiko.ECDSAKey.generate()
    assert "it may not be your server" in run(made).why
    assert sorted(path.name for path in files.folder.iterdir()) == [
        "other.txt",
        "staff-1.csv",
        "staff-2.csv",
        "staff-3.csv",
    ]


def test_a_server_that_does_not_know_the_key_of_the_portal_stops_the_feed(alice, files):
    made = made_by(alice, "csv-sftp", {"Server": f"localhost:{files.port}", "User name": "portal"})
    run(made)
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Confirm this key")
    assert "does not accept the user name with the portal’s key" in run(made).why


def test_a_file_can_be_tried_and_changes_nothing(alice, company, feed):
    import io

    made = feed()
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Try", {"File (CSV or XLSX)": io.BytesIO(LIST.format(ANA).encode())})
    work()
    page = alice.get(alice.page.url)
    assert "This is a trial: nothing is changed" in page.text
    assert "A1 Ana Ruiz" in page.text
    assert not page.has_button("Apply")
    assert (numbers(), FeedRun.get().state) == ([], RunState.TRIED)


@pytest.fixture
def silent(alice, files, monkeypatch):
    """A feed of Acme whose server has let the portal in and then says nothing more; it was asked, and may go on."""
    made = made_by(alice, "csv-sftp", {"Server": f"localhost:{files.port}", "User name": "portal"})
    run(made)
    alice.get(f"/settings/integrations/feeds/{made.id}")
    files.authorised.append(of(made).options["public_key"].rpartition(" ")[0])
    alice.press("Confirm this key")
    asked, goes_on = threading.Event(), threading.Event()
    files.files.list_folder = lambda self, path: (asked.set(), goes_on.wait(), [])[2]
    yield made, asked, goes_on
    goes_on.set()


def test_a_server_that_hangs_keeps_neither_the_worker_nor_another_organisation_waiting(
    app, company, feed, initech, silent
):
    made, asked, goes_on = silent
    company.workers = people(2)
    values = {
        "kind": "bamboohr",
        "options": OPTIONS["bamboohr"],
        "encrypted_secrets": models.sealed(SECRETS["bamboohr"]),
    }
    other = Feed.create(organisation=initech, name="HR", **values)
    hangs, second, theirs = (running.begin(of(one), How.HAND) for one in (made, feed(previews=1), other))
    jobs.take_runs.call_local()
    assert asked.wait(30)
    with app.app_context():
        jobs.carry_out_due()
    assert FeedRun.get_by_id(theirs.id).state == RunState.PREVIEW
    assert FeedRun.get_by_id(second.id).state == RunState.WAITING
    goes_on.set()
    jobs.LANE.join()
    assert "No file in the folder matches" in FeedRun.get_by_id(hangs.id).why
    assert FeedRun.get_by_id(second.id).state == RunState.PREVIEW


def test_a_server_that_says_nothing_is_left_after_a_while(silent, monkeypatch):
    monkeypatch.setattr(sftp, "WHOLE", 0.3)
    assert "broke off" in run(silent[0]).why


def test_a_zero_byte_in_what_is_entered_about_a_source_breaks_nothing(alice, files):
    entered = {"Server": f"localhost:{files.port}", "User name": "por\0tal", "Folder": "out\0"}
    made = made_by(alice, "csv-sftp", entered)
    assert (made.options["user"], made.options["folder"]) == ("portal", "out")


def test_what_an_admin_changes_about_a_feed_counts_although_its_file_is_the_same(alice, server):
    """A server that is asked about the file we have forgotten would say that nothing has changed."""
    made = made_by(alice, "csv-https", {"Address of the file": f"{server.url}/staff.csv"})
    assert approved(alice, run(made)).state == RunState.DONE
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Change the mapping")
    assert run(made).state != RunState.SAME
    assert "If-None-Match" not in server.got[1].headers
