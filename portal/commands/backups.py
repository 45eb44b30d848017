"""`portal backup …` and `portal restore`."""

from pathlib import Path

import click

from portal.commands import speaks_plainly
from portal.config import settings


class Backups(click.Group):
    """`portal backup FILE` is `portal backup make FILE`, as it has always been."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["make", *args])


@click.group(cls=Backups)
def backup() -> None:
    """Copies of the whole database, and trying whether they can be put back."""


@backup.command("make")
@click.argument("place", type=click.Path(path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(min=1), help="Keep this many copies in that folder, and remove older ones.")
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
    click.echo(f"The database is in {file}. Without PORTAL_ENCRYPTION_KEYS its secrets stay encrypted.")
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


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the database that is there.")
@speaks_plainly
def restore(file: Path, force: bool) -> None:
    """Put the copy in FILE in the place of the database; the portal must be stopped."""
    from portal import database
    from portal.backup import restoring

    database.initialise(settings().database)
    said = restoring.restore(file, force=force)
    click.echo(
        "The copy is in place. Run `portal init`, then start the portal: it looks up what was under way, and continues."
    )
    click.echo(
        "All users are signed out, and invitations and mailed links have ended: send again those that are needed."
    )
    click.echo(
        "Users, tokens, receivers, feeds and mailboxes that had ended or were paused just before the restore stay so. "
        "Where no database was replaced, nobody can know: deactivate again the users who left since, and have recovery "
        "codes made again by those who used one."
    )
    for sentence in said:
        click.echo(sentence)
