"""The tables of this version: the first process of the tests that needs them makes them, all take a copy.

Making them takes a second, and more than a hundred tests have a database of their own.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli import commands

# Of all processes of one run: the first one names it to those it starts.
SHARED = Path(os.environ["TESTS_SHARED_FOLDER"])
MADE = SHARED / "schema" / "portal.sqlite3"
MAKE = """
from portal import database
from portal.config import settings
database.SQLITE_PRAGMAS["synchronous"] = "off"
database.initialise(settings().database)
with database.connection():
    database.upgrade()
"""


def copy_to(path: Path) -> None:
    """Put the tables there, as `portal init` would make them."""
    with _alone():
        if not MADE.exists():
            _make()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(MADE, path)
    path.chmod(0o600)


def copy_into(address: str) -> None:
    """The same for an empty database of PostgreSQL that nobody has open.

    Where one process carries out all tests the template is its own, and open: nothing is copied then.
    """
    from tests import postgresql

    template, made = os.environ["TESTS_TEMPLATE"], SHARED / "schema.postgresql"
    if os.environ["PORTAL_DATABASE_URL"] == template:
        return
    with _alone():
        if not made.exists():
            _make(PORTAL_DATABASE_URL=template)
            made.touch()
        postgresql.replace(address, template)


@contextmanager
def _alone() -> Iterator[None]:
    with (SHARED / "schema.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(**environment: str) -> None:
    done = commands.run(program=MAKE, environment={"PORTAL_INSTANCE_DIR": str(MADE.parent), **environment})
    assert done.returncode == 0, done.stderr
