"""`portal …`, and `python -m portal …`: what comes before the commands are loaded."""

import sys
from contextlib import suppress

from portal import garbage


def main() -> None:
    """Load the commands, and carry out the one that is asked for."""
    garbage.look_seldom()
    _leave_out_unused_driver()
    from portal.cli import main as commands

    commands()


def _leave_out_unused_driver() -> None:
    """On SQLite, keep peewee from loading PostgreSQL's driver, as it does wherever that is installed.

    It would hold 9 MB and take a fifteenth of the start. To Python a module that is None is not installed:
    https://docs.python.org/3/reference/import.html#the-module-cache
    """
    from portal.config import ConfigurationError, settings

    # Which setting is wrong is for the command to say.
    with suppress(ConfigurationError):
        if settings().database.startswith("sqlite"):
            sys.modules.setdefault("psycopg", None)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
