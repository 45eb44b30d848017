"""The tables of this version on SQLite: the first process of the tests that needs them makes them, all take a copy.

Making them takes a second, and more than a hundred tests have a database of their own.
"""

import fcntl
import os
import shutil
from pathlib import Path

from tests.cli import commands

# Of all processes of one run: the first one names it to those it starts.
SHARED = Path(os.environ.get("TESTS_SHARED_FOLDER", ""))
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
    with (SHARED / "schema.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not MADE.exists():
            done = commands.run(program=MAKE, environment={"PORTAL_INSTANCE_DIR": str(MADE.parent)})
            assert done.returncode == 0, done.stderr
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(MADE, path)
    path.chmod(0o600)
