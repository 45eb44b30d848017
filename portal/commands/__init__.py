"""The commands of an operator, by subject.

Exit status: 0 done, 2 wrong use, 1 anything else with one sentence on standard error.
"""

import contextlib
import functools
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from peewee import PeeweeException

from portal.config import ConfigurationError, settings
from portal.logs import log_name
from portal.mail import NotSent
from portal.problems import Problem
from portal.vault import CannotOpen


def speaks_plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Anything that goes wrong becomes one sentence on standard error and exit status 1."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (Problem, ConfigurationError, CannotOpen, NotSent) as error:
            sentence = " ".join(filter(None, [str(error), getattr(error, "next_step", "")]))
        except PeeweeException as error:
            sentence = f"The database did not do this: {error}. Has `portal init` been run?"
        except OSError as error:
            sentence = f"{error.filename or 'This'} cannot be used: {error.strerror or error}."
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if settings().log_level == "DEBUG":
                raise
            words = " ".join(str(error).split()) or type(error).__name__
            sentence = f"{words.rstrip('.')}. PORTAL_LOG_LEVEL=DEBUG shows where."
        click.echo(sentence, err=True)
        sys.exit(1)

    return run


def with_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command runs with the portal's database open, if its tables are of this version."""

    @speaks_plainly
    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        from portal import database, presence

        database.initialise(settings().database)
        with database.connection(), presence.held("command"):
            presence.check_version(upgrading=command.__name__ == "init")
            return command(*arguments, **options)

    return run


def organisation_of(word: str) -> Any:
    """The organisation that is meant by a key, or a name. Raises Problem."""
    from portal.organisations import setup

    return setup.organisation_of(word)


@contextlib.contextmanager
def in_application() -> Iterator[None]:
    """What needs templates. The command says in one sentence what went wrong, so the log says nothing beside it."""
    from portal import create_app

    app = create_app()
    logging.getLogger(log_name).setLevel(logging.CRITICAL)
    with app.app_context():
        yield
