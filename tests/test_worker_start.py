"""The worker's first jobs come at the same moment, beside threads that use the database already."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import portal
from portal import worker
from tests.cli import commands


def test_jobs_that_come_together_share_one_app(app, monkeypatch):
    made, all_here = [], threading.Barrier(4)
    monkeypatch.setattr(portal, "create_app", lambda: made.append(app) or app)

    def first_job(_):
        all_here.wait(10)
        return worker._app()

    worker._made.cache_clear()
    try:
        with ThreadPoolExecutor(4) as threads:
            assert set(threads.map(first_job, range(4))) == {app}
    finally:
        worker._made.cache_clear()
    assert made == [app]


AGAIN = """
import portal
from portal import database
portal.create_app()
before = database.database.obj
before.connect()
portal.create_app()
assert database.database.obj is before
assert not before.is_closed()
"""


def test_an_application_that_is_made_later_leaves_the_connections_of_other_threads(tmp_path):
    own = {name: value for name, value in os.environ.items() if name != "PORTAL_DATABASE_URL"}
    answer = commands.run(program=AGAIN, environment=own | {"PORTAL_INSTANCE_DIR": str(tmp_path)})
    assert answer.returncode == 0, answer.stderr
