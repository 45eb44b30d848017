"""What several threads write is committed together; each learns what became of its own."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

import pytest
from peewee import IntegrityError
from playhouse.pool import MaxConnectionsExceeded

from portal import committing
from portal.committing import write
from portal.database import connection, database, is_sqlite, transaction
from portal.organisations.models import Organisation
from portal.people.models import Employee
from tests.provisioning.test_killed import eventually

said: ContextVar[str] = ContextVar("said", default="")


@pytest.fixture
def side_by_side(tables):
    """side_by_side(works): does each in a thread of its own, all in one transaction on SQLite; what became of them."""

    def done(work):
        with connection():
            try:
                return write(work)
            except Exception as error:
                return error

    def all_wait(number):
        writer = committing._writer.get()
        return writer is None or writer._waiting.qsize() == number - 1

    def run(*works):
        with committing.together(), ThreadPoolExecutor(len(works)) as pool:
            with transaction():
                at_work = [pool.submit(copy_context().run, done, work) for work in works]
                # The first is at the writer, which waits for its turn to write.
                eventually(lambda: all_wait(len(works)))
            return [work.result() for work in at_work]

    return run


def organisation(name):
    return lambda: Organisation.create(name=name, country="GB").id


def names():
    return {organisation.name for organisation in Organisation.select()}


def test_what_one_writes_is_there_when_it_goes_on(side_by_side):
    first, second = side_by_side(organisation("Acme"), organisation("Globex"))
    assert names() == {"Acme", "Globex"}
    assert {first, second} == {one.id for one in Organisation.select()}


def test_what_fails_takes_back_its_own_alone(side_by_side):
    def fail():
        organisation("Initech")()
        raise LookupError("no room")

    _, failed, _ = side_by_side(organisation("Acme"), fail, organisation("Globex"))
    assert str(failed) == "no room"
    assert names() == {"Acme", "Globex"}


def test_what_the_database_refuses_takes_back_its_own_alone(side_by_side):
    def refused():
        organisation("Initech")()
        Employee.create(organisation=10**6, employee_number="1", first_name="A", last_name="B")
        database.execute_sql("SELECT 1")

    kept, failed = side_by_side(organisation("Acme"), refused)
    assert names() >= {"Acme"}
    assert isinstance(kept, int)
    assert isinstance(failed, IntegrityError)
    assert names() == {"Acme"}


def test_when_the_commit_fails_each_is_told_and_nothing_is_kept(side_by_side):
    if not is_sqlite():
        pytest.skip("PostgreSQL commits each on its own")

    def refused_at_the_end():
        database.execute_sql("PRAGMA defer_foreign_keys = ON")
        Employee.create(organisation=10**6, employee_number="1", first_name="A", last_name="B")

    told = side_by_side(organisation("Acme"), refused_at_the_end, organisation("Globex"))
    assert [type(one) for one in told] == [IntegrityError] * 3
    assert names() == set()


def test_what_is_to_follow_the_commit_follows_that_of_ones_own_work_alone(side_by_side):
    called = []

    def with_more(name, after):
        database.after_commit(after)
        return organisation(name)()

    def fail():
        database.after_commit(lambda: called.append("failed"))
        raise LookupError

    def trip():
        raise OSError("out of reach")

    _, tripped, _, kept = side_by_side(
        lambda: with_more("Acme", lambda: called.append("Acme")), lambda: with_more("Globex", trip), fail,
        organisation("Initech"),
    )  # fmt: skip
    assert called == ["Acme"]
    assert str(tripped) == "out of reach"
    assert isinstance(kept, int)
    assert names() == {"Acme", "Globex", "Initech"}


def test_a_write_within_a_transaction_is_a_part_of_it(tables):
    with committing.together():
        with transaction() as begun:
            write(organisation("Acme"))
            begun.rollback()
        assert names() == set()
        assert write(lambda: write(organisation("Globex")))
    assert names() == {"Globex"}


def test_the_work_knows_what_its_thread_knows(side_by_side):
    token = said.set("hello")
    try:
        assert side_by_side(said.get, said.get) == ["hello", "hello"]
    finally:
        said.reset(token)


def test_without_a_connection_each_is_told_instead_of_waiting_for_ever(tables, monkeypatch):
    if not is_sqlite():
        pytest.skip("PostgreSQL commits each by itself")
    monkeypatch.setattr(database.obj, "_max_connections", 1)
    monkeypatch.setattr(database.obj, "_connections", [])
    with committing.together(), pytest.raises(MaxConnectionsExceeded):
        write(organisation("Acme"))


def test_all_who_write_at_the_same_time_share_one_writer(tables):
    with committing.together():
        first = committing._writer.get()
        with ThreadPoolExecutor(1) as pool, committing.together():
            assert committing._writer.get() is first
            assert pool.submit(_writer_of_another).result() is first
        assert write(organisation("Acme"))
        if first is not None:
            first.is_broken = True
            assert _writer_of_another() is not first
    assert committing._of_all is None


def _writer_of_another():
    with committing.together():
        return committing._writer.get()
