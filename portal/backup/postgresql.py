"""PostgreSQL's own programs, and what goes before and after them.

https://www.postgresql.org/docs/current/app-pgdump.html and https://www.postgresql.org/docs/current/app-pgrestore.html
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from portal.backup import CannotBackUp
from portal.config import settings

NO_COPY = "is damaged, or not a copy that `portal backup` made of a PostgreSQL database. Nothing was changed."
# Of a database that is the portal's own: its tables, and the functions of their triggers. Extensions stay.
WHAT_IS_THERE = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT quote_ident(tablename) AS name FROM pg_tables
        WHERE schemaname = current_schema() AND tableowner = current_user
    LOOP EXECUTE 'DROP TABLE IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
    FOR found IN SELECT p.oid::regprocedure::text AS name FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.proowner = current_user::regrole
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP EXECUTE 'DROP FUNCTION IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
END $$;
"""


def dump(target: Path) -> None:
    # The queue only wakes: what waits in it is not worth keeping.
    run("pg_dump", "--format=custom", "--exclude-table-data=huey_*", f"--file={target}", *_to(settings().database))


def is_filled() -> bool:
    """Whether a portal's tables are there already."""
    with connect(settings().database) as opened:
        return opened.execute("SELECT to_regclass('organisation')").fetchone()[0] is not None


def check(source: Path) -> None:
    """Read the copy to its end. Raises CannotBackUp."""
    listed = subprocess.run([_program("pg_restore"), "--list", str(source)], capture_output=True, text=True)
    if listed.returncode or " organisation " not in listed.stdout:
        raise CannotBackUp(f"{source} {NO_COPY}")
    read = subprocess.run([_program("pg_restore"), f"--file={os.devnull}", str(source)], capture_output=True, text=True)
    if read.returncode:
        raise CannotBackUp(f"{source} {NO_COPY}")


def load(source: Path, url: str) -> None:
    """Put the copy in the place of what is there, in one transaction: all of it, or nothing. Raises CannotBackUp."""
    settings().instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings().instance_dir) as folder:
        before, script = Path(folder) / "before.sql", Path(folder) / "restore.sql"
        before.write_text(WHAT_IS_THERE)
        run("pg_restore", "--no-owner", "--no-acl", "--no-comments", f"--file={script}", str(source))
        run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={before}",
            f"--file={script}", *_to(url), PGOPTIONS="-c lock_timeout=10s -c client_min_messages=error")  # fmt: skip


def run(program: str, *arguments: str, **environment: str) -> None:
    """Raises CannotBackUp with what the program has to say."""
    known = {**os.environ, "PGPASSWORD": _password(), **environment}
    ended = subprocess.run([_program(program), *arguments], capture_output=True, text=True, env=known)
    if ended.returncode:
        lines = [line for line in ended.stderr.strip().splitlines() if line.strip()] or ["failed"]
        said = next((line for line in lines if "error:" in line.lower()), lines[-1])
        raise CannotBackUp(f"{program} says: {said.strip()}. Nothing was changed.")


def connect(url: str) -> Any:
    import psycopg

    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def _to(url: str) -> list[str]:
    """Where the database is, without the password: every user of this machine can read the arguments of a program."""
    from psycopg import conninfo

    parts: dict[str, Any] = {
        name: value for name, value in conninfo.conninfo_to_dict(url).items() if name != "password"
    }
    return [f"--dbname={conninfo.make_conninfo(**parts)}"]


def _password() -> str:
    from psycopg import conninfo

    given = conninfo.conninfo_to_dict(settings().database).get("password")
    return str(given) if given is not None else os.environ.get("PGPASSWORD", "")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CannotBackUp(f"{name} is not on this machine.", "Install PostgreSQL's client programs.")
    return found
