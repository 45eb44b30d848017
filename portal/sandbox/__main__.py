import sys

# The sandbox keeps what it knows in SQLite, and peewee loads PostgreSQL's driver wherever that is installed: a fifth of
# the start. To Python a module that is None is not installed.
sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]

from portal.sandbox.cli import sandbox  # noqa: E402

sandbox()
