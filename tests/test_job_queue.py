"""The queue: messages of others do not run, and a damaged file stops nothing."""

import pickle
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal import subjects, worker
from portal.auth import jobs as auth_jobs
from portal.connections.models import Connection
from portal.job_queue import QueueFile, open_queue
from portal.operations import jobs
from portal.operations.models import FIELD_SYNC, Operation, State
from portal.sync import jobs as sync
from portal.timelines import jobs as timelines
from tests.cast import Person
from tests.provisioning.conftest import connection, wei, with_account  # noqa: F401

GARBAGE = b"this is no database" * 1000


class Attack:
    """What a pickle would run when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def queue():
    worker.queue.flush()
    yield worker.queue
    worker.queue.flush()


@pytest.fixture
def file_queue(tmp_path):
    """A queue on a file of its own, with one task."""
    opened = open_queue(f"sqlite:///{tmp_path}/portal.sqlite3")

    @opened.task()
    def wake(number):
        return number

    yield opened, wake
    opened.storage.close()


def test_a_pickle_in_the_queue_is_never_opened(queue, tmp_path):
    queue.storage.enqueue(pickle.dumps(Attack(tmp_path / "ran")))
    jobs.carry_out(7)
    assert queue.dequeue().args == (7,)
    assert not (tmp_path / "ran").exists()


def test_what_falls_due_is_found_once_also_where_rooms_have_tasks_of_one_name(queue):
    subjects.register_jobs()
    first = datetime.fromisoformat("2026-03-02T09:00")
    week = [(task.__module__, task.name) for task in queue.due_between(first, first + timedelta(weeks=1))]
    assert len(set(week)) == len(week)
    assert sum(name == "sweep" for _, name in week) > 1
    minute = [(task.__module__, task.name) for task in queue.due_between(first, first)]
    assert 0 < len(minute) < len(week)


def test_a_message_that_was_altered_is_dropped_and_the_next_one_runs(queue):
    jobs.carry_out(7)
    forged = queue.storage.dequeue().replace(b"[7]", b"[8]")
    assert b"[8]" in forged
    queue.storage.enqueue(forged)
    jobs.carry_out(9)
    assert queue.dequeue().args == (9,)
    assert queue.dequeue() is None


def test_a_task_for_later_keeps_its_time_and_its_retries(queue):
    auth_jobs.send_password_reset.schedule((5,), delay=60, retries=3, retry_delay=60)
    waiting = queue.dequeue()
    assert (waiting.args, waiting.retries, waiting.retry_delay) == ((5,), 3, 60)
    assert not queue.ready_to_run(waiting)


def test_a_process_that_ends_leaves_no_connection_of_the_queue_open(queue):
    program = "from portal.worker import queue; queue.storage.read_timeout = 0; queue.storage.dequeue()"
    command = [sys.executable, "-W", "always::ResourceWarning", "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "ResourceWarning" not in done.stderr


def test_garbage_in_the_file_is_put_aside_and_the_queue_goes_on(file_queue, tmp_path):
    queue, wake = file_queue
    wake(1)
    queue.storage.close()
    (tmp_path / "portal.sqlite3-queue").write_bytes(GARBAGE)
    wake(2)
    assert queue.dequeue().args == (2,)
    [kept] = tmp_path.glob("*.damaged-*")
    assert kept.read_bytes() == GARBAGE


def test_a_page_that_is_damaged_while_running_is_noticed(file_queue, tmp_path):
    queue, wake = file_queue
    for number in range(500):
        wake(number)
    queue.storage.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / "portal.sqlite3-queue"
    content = file.read_bytes()
    queue.storage.close()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert queue.pending_count() == 0
    wake(2)
    assert queue.dequeue().args == (2,)


def test_what_another_process_put_aside_is_not_written_to(file_queue, tmp_path):
    _queue, wake = file_queue
    wake(1)
    (tmp_path / "portal.sqlite3-queue").rename(tmp_path / "elsewhere")
    wake(2)
    other = open_queue(f"sqlite:///{tmp_path}/portal.sqlite3")
    assert len(other.storage.enqueued_items()) == 1
    other.storage.close()


def test_a_sound_file_is_never_put_aside(file_queue, tmp_path):
    queue, wake = file_queue
    wake(1)
    queue.storage._put_aside()
    assert queue.dequeue().args == (1,)
    assert not list(tmp_path.glob("*.damaged-*"))


@pytest.fixture
def on_a_file(queue):
    if not isinstance(queue.storage, QueueFile):
        pytest.skip("PostgreSQL keeps the queue in its own tables")
    return Path(queue.storage.filename)


def test_forgot_your_password_answers_with_a_damaged_queue(app, alice, on_a_file):
    worker.queue.storage.close()
    on_a_file.write_bytes(GARBAGE)
    person = Person(app)
    person.get("/forgot-password")
    page = person.press("Send the link", {"Email": alice.user.email})
    assert (page.status, worker.queue.pending_count()) == (200, 1)


def test_a_queue_that_takes_nothing_costs_a_wake_up_but_never_a_mail(app, alice, on_a_file):
    with sqlite3.connect(on_a_file) as opened:
        opened.execute("CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    opened.close()
    try:
        jobs.carry_out(7)
        person = Person(app)
        person.get("/forgot-password")
        page = person.press("Send the link", {"Email": alice.user.email})
        assert page.status == 503
        assert "Try again in a minute" in page.text
    finally:
        worker.queue.storage.sql("DROP TRIGGER full")


def test_an_application_that_does_not_answer_keeps_nobody_from_being_blocked(queue, alice, wei, connection):  # noqa: F811
    """Each try there takes a thread of the worker half a minute; so it comes behind what has its moment."""
    kept = {"organisation": wei.organisation, "connection": connection, "state": State.DONE, "requested": {}}
    changed = Operation.create(**kept, employee=wei, verb="update", by_name=FIELD_SYNC)
    tried = Operation.create(**kept, employee=wei, verb="leave", by_name="Timeline")
    pressed = Operation.create(**kept, employee=wei, verb="create", by=alice.user)
    for operation in (changed, tried, pressed):
        jobs.wake(operation)
    timelines.take_turn(connection.id)
    order = [queue.dequeue().args[0] for _ in range(4)]
    assert order == [pressed.id, connection.id, tried.id, changed.id]


def test_changed_records_of_one_organisation_wait_behind_no_long_queue_of_another(
    queue,
    cast,
    acme,
    mallory,
    connection,  # noqa: F811
):
    theirs = Connection.create(
        organisation=mallory.user.organisation, service="microsoft-365", tenant_id="t", tenant_name="I",
        connected_by=mallory.user,
    )  # fmt: skip
    many = [with_account(cast, acme, connection, f"many{number}") for number in range(3)]
    sync.send_changed_records.call_local()
    other = with_account(cast, theirs.organisation, theirs, "other")
    sync.send_changed_records.call_local()
    sent = [Operation.get_by_id(queue.dequeue().args[0]).account for _ in range(4)]
    assert sent == [many[0], other, many[1], many[2]]


@pytest.mark.parametrize("many", [True, False])
def test_what_a_dead_worker_left_is_found(queue, wei, cast, connection, monkeypatch, many):  # noqa: F811
    monkeypatch.setattr(jobs, "MANY_WAIT", 0 if many else 1)
    kept = {"organisation": wei.organisation, "connection": connection, "state": State.WAITING, "requested": {}}
    Operation.create(**kept, employee=cast.employee(wei.organisation), verb="update", by_name=FIELD_SYNC)
    left = Operation.create(**kept, employee=wei, verb="leave", by_name="Timeline")
    jobs.sweep.call_local()
    assert queue.dequeue().args == (left.id,)
    assert (queue.dequeue() is None) is many


def test_a_tenant_whose_changes_are_being_read_is_not_read_by_another_thread(app, alice, connection, sandbox):  # noqa: F811
    sandbox.fault(path="/v1.0/users/delta", kind="slow", seconds=1.0)
    asked = len(sandbox.requests("GET", "/v1.0/users/delta"))
    threads = [threading.Thread(target=sync.sync_changes.call_local, args=(connection.id,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.requests("GET", "/v1.0/users/delta")) == asked + 1
