"""`portal …`. Exit status: 0 done, 2 wrong use, 1 anything else with one sentence on standard error."""

import functools
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from peewee import PeeweeException

from portal.config import ConfigurationError, settings
from portal.organisations.plans import PLANS
from portal.problems import Problem
from portal.sandbox.cli import sandbox
from portal.vault import CannotOpen

LEVELS = {"admin": "Admin", "manager": "Manager", "employee": "Employee"}


@click.group()
def main() -> None:
    """HR opens, watches and closes each employee's account from the employee's own page."""
    # What the portal writes is for its own user alone.
    os.umask(0o077)


def speaks_plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Anything that goes wrong becomes one sentence on standard error and exit status 1."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (Problem, ConfigurationError, CannotOpen) as error:
            sentence = " ".join(filter(None, [str(error), getattr(error, "next_step", "")]))
        except PeeweeException as error:
            sentence = f"The database did not do this: {error}. Has `portal init` been run?"
        except OSError as error:
            sentence = f"{error.filename or 'This'} cannot be used: {error.strerror or error}."
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


def _organisation(name: str) -> Any:
    from portal.organisations import setup

    return setup.organisation_of(name)


@main.command()
@with_database
def init() -> None:
    """Create the tables, or bring them to this version. Safe to repeat."""
    from portal import database

    done = database.upgrade()
    click.echo(f"The database is ready ({', '.join(done)})." if done else "The database was up to date.")


@main.group("organisation")
def organisations() -> None:
    """Organisations that use the portal."""


@organisations.command("create")
@click.argument("name")
@click.option("--plan", type=click.Choice(list(PLANS), case_sensitive=False), default="Platinum", show_default=True)
@click.option("--time-zone", default="UTC", show_default=True, help="Such as Europe/London.")
@click.option("--country", default="", help="Two-letter code, such as GB.")
@with_database
def create_organisation(name: str, plan: str, time_zone: str, country: str) -> None:
    """Add an organisation."""
    from portal.organisations import setup

    made = setup.create_organisation(name, plan=plan, time_zone=time_zone, country=country)
    click.echo(f"{name} is there, on {plan}. Its key is {made.key}: commands know it by this word, whatever its name.")


@organisations.command("set-plan")
@click.argument("name")
@click.argument("plan", type=click.Choice(list(PLANS), case_sensitive=False))
@with_database
def set_plan(name: str, plan: str) -> None:
    """Change what an organisation pays for."""
    from portal.organisations import setup

    setup.set_plan(_organisation(name), plan)
    click.echo(f"{name} is on {plan}.")


@organisations.command("set-trial")
@click.argument("name")
@click.argument("switch", type=click.Choice(["on", "off"]))
@with_database
def set_trial(name: str, switch: str) -> None:
    """Show or hide the notice that the feature is in a trial period."""
    from portal.organisations import setup

    setup.set_trial_period(_organisation(name), switch == "on")
    click.echo(f"The trial period of {name} is {switch}.")


@organisations.command("approve")
@click.argument("name")
@click.argument("number", type=int, required=False)
@with_database
def approve(name: str, number: int | None) -> None:
    """Approve a change of a setting where no second Admin can; without NUMBER, list what waits."""
    from portal.controls import actions

    waiting = {asked.id: asked for asked in actions.waiting_for(_organisation(name))}
    if number is None:
        click.echo("\n".join(map(actions.sentence, waiting.values())) or "Nothing waits for approval.")
    elif number not in waiting:
        raise Problem(f"No change {number} of {name} waits for approval.", "Leave the number out to list them.")
    else:
        actions.approve_as_operator(waiting[number], by="command line")
        click.echo(f"Approved. {actions.sentence(waiting[number])}")


@main.group("user")
def users() -> None:
    """People who sign in to the portal."""


@users.command("create")
@click.argument("email")
@click.option("--organisation", "name", required=True)
@click.option("--access", type=click.Choice(list(LEVELS)), required=True)
@click.option("--password-stdin", is_flag=True, required=True, help="The first line of standard input is the password.")
@with_database
def create_user(email: str, name: str, access: str, password_stdin: bool) -> None:
    """Let somebody sign in."""
    from portal.auth import actions
    from portal.auth.models import AccessLevel

    password = sys.stdin.readline().rstrip("\r\n")
    actions.create_user(_organisation(name), email, password, AccessLevel(LEVELS[access]))
    click.echo(f"{email} can sign in.")


@users.command("remove-second-factor")
@click.argument("email")
@with_database
def remove_second_factor(email: str) -> None:
    """For somebody who lost phone and recovery codes, when no other Admin can help."""
    from portal.auth import second_factor
    from portal.auth.models import User

    user = User.get_or_none(User.email == email.strip().casefold())
    if user is None:
        raise Problem(f"Nobody signs in as {email}.")
    second_factor.turn_off(user, by="command line")
    click.echo(f"{email} signs in with the password alone, and was signed out everywhere.")


@main.group()
def employees() -> None:
    """The people an organisation employs."""


@employees.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "name", required=True)
@with_database
def import_employees(file: Path, name: str) -> None:
    """Add and update employees from a CSV file: all of it, or nothing."""
    from portal.people import importing

    plan = importing.import_file(file, _organisation(name))
    click.echo(f"Added {len(plan.added)}, changed {len(plan.changed)}.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes that answer requests.")
@click.option("--with-worker", is_flag=True, help="Also run the worker, as a child.")
@speaks_plainly
def serve(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Run the web server."""
    from portal import server

    settings().require_secrets()
    server.serve(host=host, port=port, workers=workers, with_worker=with_worker)


@main.command()
@click.option("--threads", default=4, show_default=True, help="Operations that are carried out side by side.")
@speaks_plainly
def worker(threads: int) -> None:
    """Carry out operations and send mails that are due."""
    from portal import server

    settings().require_secrets()
    server.work(threads=threads)


@main.command()
@click.option("--reset", is_flag=True, help="Begin anew; what was done in the demo is lost.")
@click.option("--port", default=8080, show_default=True, help="Where to begin looking for a free port.")
@speaks_plainly
def demo(reset: bool, port: int) -> None:
    """Start everything with invented people and a sandbox, on this machine alone."""
    from portal.demo import runner

    runner.run(reset=reset, port=port)


@main.command()
@click.option("--new-keys", is_flag=True, help="Print fresh secrets for the environment, and do nothing else.")
@speaks_plainly
def doctor(new_keys: bool) -> None:
    """Try database, mail, queue, keys and Microsoft credentials, and say what is wrong."""
    from portal import doctor as examination
    from portal.vault import new_key

    if new_keys:
        click.echo(f"PORTAL_SECRET_KEY={secrets.token_urlsafe(32)}\nPORTAL_ENCRYPTION_KEYS={new_key()}")
        return
    findings = examination.examine()
    for finding in findings:
        click.echo(f"{'ok      ' if finding.good else 'PROBLEM '} {finding.part}: {finding.sentence}")
    if any(not finding.good for finding in findings):
        raise Problem("Not everything is well: see the lines marked PROBLEM.")


@main.group()
def keys() -> None:
    """The keys that seal secrets."""


@keys.command("rotate")
@with_database
def rotate() -> None:
    """Seal every secret anew with the first of PORTAL_ENCRYPTION_KEYS; the portal may be running."""
    from portal import create_app
    from portal import keys as all_keys

    create_app()
    for name, count in all_keys.rotate().items():
        click.echo(f"{name}: {count}")
    click.echo("Everything is sealed with the first key: the others can go.")


class Backups(click.Group):
    """`portal backup FILE` is `portal backup make FILE`, as it has always been."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["make", *args])


@main.group(cls=Backups)
def backup() -> None:
    """Copies of the whole database, and trying whether they can be put back."""


@backup.command("make")
@click.argument("place", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Remove older copies in that folder, all but so many.")
@speaks_plainly
def make_backup(place: Path | None, keep: int | None) -> None:
    """Copy the whole database; the portal may be running. Keep the keys with it.

    PLACE is a file that is not there yet, or a folder, in which the copy is named by its date; without it the
    folder is `backups` in the instance folder.
    """
    from portal import database
    from portal.backup import making

    if keep and place is not None and not place.is_dir():
        raise click.UsageError("--keep needs a folder.")
    database.initialise(settings().database)
    file = making.place_for(place)
    making.back_up(file)
    click.echo(f"The database is in {file}. Without PORTAL_ENCRYPTION_KEYS its secrets stay closed.")
    for gone in making.remove_all_but(keep, file.parent) if keep else ():
        click.echo(f"Removed {gone}.")


@backup.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@speaks_plainly
def verify_backup(file: Path) -> None:
    """Rehearse a restore of FILE in a place of its own; the portal may be running."""
    from portal.backup import rehearsal

    for sentence in rehearsal.rehearse(file):
        click.echo(sentence)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Put it in the place of a database that is there.")
@speaks_plainly
def restore(file: Path, force: bool) -> None:
    """Put the copy in FILE in the place of the database; the portal must be stopped."""
    from portal import database
    from portal.backup import restoring

    database.initialise(settings().database)
    restoring.restore(file, force=force)
    click.echo(
        "The copy is in place. Run `portal init`, then start the portal: what was under way is looked up and goes on."
    )
    click.echo(
        "Everybody is signed out, and invitations and mailed links have ended: send again those that are needed."
    )
    click.echo(
        "What happened after the copy was made is not in it: deactivate again the users who left since, and have "
        "recovery codes made again by those who used one."
    )


@main.group()
def audit() -> None:
    """The trail of who did what."""


@audit.command("verify")
@with_database
def verify() -> None:
    """Check that no line of any organisation's trail was altered, removed or inserted."""
    from portal.audit import first_broken
    from portal.organisations.models import Organisation

    for row in Organisation.select().order_by(Organisation.id):
        broken = first_broken(row)
        if broken is not None:
            raise Problem(f"The trail of {row.name} is not sound from line {broken} on.")
        click.echo(f"The trail of {row.name} is sound.")


main.add_command(sandbox)

if __name__ == "__main__":
    main()
