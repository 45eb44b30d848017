"""A restore tried in a place of its own: what is in the copy, and whether this version and these keys can use it."""

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from portal import audit, create_app, database, presence, vault
from portal.backup import CannotBackUp, postgresql, restoring
from portal.config import settings
from portal.operating import keys
from portal.organisations.models import Organisation
from portal.people.models import Employee

MAY_NOT = "the portal's PostgreSQL user may not make one (ALTER ROLE … CREATEDB)."


def rehearse(source: Path) -> list[str]:
    """Sentences about the copy. Raises CannotBackUp, OtherVersion or CannotOpen for what could not be put back."""
    if not source.is_file():
        raise CannotBackUp(f"There is no file {source}.")
    # So that every table is known.
    create_app()
    with contextlib.ExitStack() as place:
        database.initialise(settings().database)
        if database.is_sqlite():
            restoring.check(source)
            url = place.enter_context(_file_of(source))
        else:
            postgresql.check(source)
            found = place.enter_context(_database_of(source))
            if found is None:
                return [f"{source} was read to its end, but not put into a database: {MAY_NOT}"]
            url = found
        database.initialise(url)
        try:
            with database.connection():
                return _look()
        finally:
            if not database.is_sqlite():
                database.database.close_all()


def _look() -> list[str]:
    presence.check_version(upgrading=True)
    done = database.upgrade()
    for row in Organisation.select().order_by(Organisation.id):
        checked = audit.check(row)
        if not checked.is_sound:
            raise CannotBackUp(f"The audit log of {row.key}: {checked.sentence}")
    return [
        f"It can be put back: {_counted(Organisation, 'organisation')}, {_counted(Employee, 'employee')}.",
        "The audit log of each organisation is sound.",
        f"The present keys open its secrets ({_opened()} tried).",
        f"`portal init` brings it to this version ({', '.join(done)})." if done else "It is of this version.",
    ]


def _counted(model: Any, word: str) -> str:
    count = model.select().count()
    return f"{count} {word}{'' if count == 1 else 's'}"


def _opened() -> int:
    """How many encrypted values were opened: the newest of each kind. Raises CannotOpen."""
    count = 0
    for model, field in keys.encrypted_fields():
        row: Any = model.select(field).where(field != "").order_by(model.id.desc()).first()  # type: ignore[attr-defined]
        if row is not None:
            vault.decrypt(getattr(row, field.name))
            count += 1
    return count


@contextlib.contextmanager
def _file_of(source: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "rehearsal.sqlite3"
        shutil.copyfile(source, copy)
        yield f"sqlite:///{copy}"


@contextlib.contextmanager
def _database_of(source: Path) -> Iterator[str | None]:
    """The address of a database with the copy in it, which is dropped afterwards; None where none may be made."""
    import psycopg

    name = f"portal_rehearsal_{uuid.uuid4().hex[:8]}"
    with postgresql.connect(settings().database) as server:
        try:
            server.execute(f'CREATE DATABASE "{name}"')
        except psycopg.errors.InsufficientPrivilege:
            yield None
            return
        try:
            url = _with_database(settings().database, name)
            postgresql.load(source, url)
            yield url
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _with_database(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))
