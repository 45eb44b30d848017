"""The commands of `portal`. Exit status: 0 done, 2 wrong use, 1 anything else with one sentence on standard error."""

import os
import secrets
from pathlib import Path
from typing import Any

import click

from portal.commands import organisation_of, speaks_plainly, with_database
from portal.commands.backups import backup, restore
from portal.commands.organisations import organisations
from portal.commands.users import users
from portal.config import settings
from portal.problems import Problem
from portal.sandbox.cli import sandbox

PORT = click.IntRange(1, 65535)


@click.group()
@click.version_option(package_name="account-portal", prog_name="Account Portal")
def main() -> None:
    """HR opens, watches and closes each employee's account from the employee's own page."""
    # What the portal writes is for its own user alone.
    os.umask(0o077)


@main.command()
@with_database
def init() -> None:
    """Create the tables, or bring them to this version. Safe to repeat."""
    from portal import database
    from portal.audit import begin_keys

    done = database.upgrade()
    if settings().encryption_keys:
        begin_keys()
    click.echo(f"The database is ready ({', '.join(done)})." if done else "The database was up to date.")


@main.group()
def employees() -> None:
    """The people an organisation employs."""


@employees.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "name", required=True)
@click.option("--column", "columns", multiple=True, metavar="HEADING=FIELD", help="Field, or ignore.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="For dates that could be two days.")
@click.option("--zeros", type=click.Choice(["restore", "keep"]), help="For numbers that seem to have lost zeros.")
@click.option("--status", "statuses", multiple=True, metavar="WORD=MEANING", help="active, leave, left or unsaid.")
@click.option("--spelling", "spellings", multiple=True, metavar="FIELD:WORD=MEANING", help="Or keep, or empty.")
@click.option("--leavers", metavar="skip|as-they-are|DATE", help="For people who left and have no end date.")
@click.option(
    "--known", type=click.Choice(["same", "renumber", "add", "skip"]), help="For people who may be in the list already."
)
@click.option(
    "--encoding", metavar="NAME", help="For a text file whose encoding cannot be told: cp1250, cp1254, cp932 …"
)
@click.option("--sheet", metavar="NAME", help="For a workbook whose first sheet is not the list.")
@with_database
def import_employees(file: Path, name: str, **said: Any) -> None:
    """Add and update employees from a CSV file or a workbook: all of it, or nothing.

    A file that leaves a question open is refused with the question. The options answer it.
    """
    from portal.imports import importing
    from portal.imports.options import answers_of

    try:
        plan = importing.import_file(file, organisation_of(name), answers=answers_of(**said))
    except importing.ImportRefused as refusal:
        click.echo("\n".join(refusal.notes), err=True, nl=bool(refusal.notes))
        raise
    left_out = f", skipped {plan.left_out}" if plan.left_out else ""
    click.echo(f"Added {len(plan.added)}, changed {len(plan.changed)}{left_out}.")
    for note in plan.notes:
        click.echo(note)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=PORT, default=8080, show_default=True)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes answer requests."
)
@click.option("--with-worker", is_flag=True, help="Also run the worker, as a child.")
@speaks_plainly
def serve(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Run the web server."""
    from portal.operating import server

    settings().require_secrets()
    server.serve(host=host, port=port, workers=workers, with_worker=with_worker)


@main.command()
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="How many operations to carry out side by side.",
)
@speaks_plainly
def worker(threads: int) -> None:
    """Carry out operations and send mails that are due."""
    from portal.operating import server

    settings().require_secrets()
    server.work(threads=threads)


@main.command()
@click.option("--reset", is_flag=True, help="Start again; what was done in the demo is lost.")
@click.option("--port", type=PORT, default=8080, show_default=True, help="Where to begin looking for a free port.")
@speaks_plainly
def demo(reset: bool, port: int) -> None:
    """Start everything with invented people and a sandbox, on this machine alone."""
    from portal.demo import runner

    runner.run(reset=reset, port=port)


@main.command()
@click.option("--new-keys", is_flag=True, help="Print fresh secrets for the environment, and do nothing else.")
@click.option(
    "--tenant", default="", help="A domain or id in which the portal is registered: tries the credentials there."
)
@speaks_plainly
def doctor(new_keys: bool, tenant: str) -> None:
    """Try database, mail, queue, keys and what connected applications need, and say what is wrong."""
    from portal.operating import doctor as examination
    from portal.vault import new_key

    if new_keys:
        click.echo(f"PORTAL_SECRET_KEY={secrets.token_urlsafe(32)}\nPORTAL_ENCRYPTION_KEYS={new_key()}")
        return
    findings = examination.examine(tenant)
    for finding in findings:
        click.echo(f"{'ok      ' if finding.good else 'PROBLEM '} {finding.part}: {finding.sentence}")
    if any(not finding.good for finding in findings):
        raise Problem("There are problems: see the lines marked PROBLEM.")


@main.command()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the web server listens.")
@click.option("--ready", is_flag=True, help="Ask whether it can do its work, not only whether it lives.")
@speaks_plainly
def health(url: str, ready: bool) -> None:
    """Ask a running web server how it is: for containers, which have no other means."""
    from portal.operating import probe

    click.echo(probe.ask(url, ready=ready))


@main.group()
def keys() -> None:
    """The keys that encrypt secrets."""


@keys.command("rotate")
@with_database
def rotate() -> None:
    """Encrypt every secret again with the first of PORTAL_ENCRYPTION_KEYS; the portal may be running."""
    from portal import create_app
    from portal.operating import keys as all_keys

    create_app()
    for name, count in all_keys.rotate().items():
        click.echo(f"{name}: {count}")
    click.echo("Everything is encrypted with the first key: you can remove the others.")


@main.group()
def audit() -> None:
    """The audit log of who did what."""


@audit.command("verify")
@click.option("--from", "earlier", multiple=True, metavar="NUMBER:HASH", help="An earlier end, from the log.")
@with_database
def verify(earlier: tuple[str, ...]) -> None:
    """Check that the lines of each organisation's audit log are those that were written."""
    from portal import audit as audit_log
    from portal.organisations.models import Organisation

    if any(not audit_log.LINE.fullmatch(line) for line in earlier):
        raise click.BadParameter("Give a line as NUMBER:HASH, as it is in the log.", param_hint="--from")
    problems = []
    for row in Organisation.select().order_by(Organisation.id):
        checked = audit_log.check(row)
        if checked.is_sound:
            click.echo(f"The audit log of {row.key}: {checked.sentence} The end now is {checked.last}")
        else:
            problems.append(f"The audit log of {row.key}: {checked.sentence}")
    problems += [
        f"No audit log has line {line} any more: lines were cut off or altered."
        for line in earlier
        if not audit_log.has_line(line)
    ]
    if problems:
        raise Problem(" ".join(problems))


for command in (organisations, users, backup, restore, sandbox):
    main.add_command(command)
