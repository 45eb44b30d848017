"""`portal user …`"""

import sys
from typing import Any

import click

from portal.commands import in_application, organisation_of, with_database
from portal.problems import Problem

LEVELS = {"admin": "Admin", "manager": "Manager", "employee": "Employee"}


BY = "command line"


def user_of(email: str) -> Any:
    """Raises Problem when no user has this address."""
    from portal.auth.models import User

    user = User.get_or_none(User.email == email.strip().casefold())
    if user is None:
        raise Problem(f"No user has the address {email}.", "`portal user list` shows who does.")
    return user


@click.group("user")
def users() -> None:
    """People who sign in to the portal."""


@users.command("create")
@click.argument("email")
@click.option("--organisation", "name", required=True)
@click.option("--access", type=click.Choice(list(LEVELS)), required=True)
@click.option("--password-stdin", is_flag=True, required=True, help="The first line of standard input is the password.")
@with_database
def create_user(email: str, name: str, access: str, password_stdin: bool) -> None:
    """Add a user, who can then sign in."""
    from portal.auth import actions
    from portal.auth.models import AccessLevel

    password = sys.stdin.readline().rstrip("\r\n")
    actions.create_user(organisation_of(name), email, password, AccessLevel(LEVELS[access]))
    click.echo(f"{email} can sign in.")


@users.command("list")
@click.option("--organisation", "name", default="", help="Of this organisation alone: its key.")
@with_database
def list_users(name: str) -> None:
    """Each user's email, organisation's key, access level and state, one a line, separated by tabs."""
    from portal.auth.models import User
    from portal.organisations.models import Organisation

    rows = User.select(User, Organisation).join(Organisation).order_by(Organisation.key, User.email)
    for user in rows.where(User.organisation == organisation_of(name)) if name else rows:
        state = ("second factor" if user.has_second_factor else "password only") if user.enabled else "deactivated"
        click.echo(f"{user.email}\t{user.organisation.key}\t{user.access_level}\t{state}")


@users.command("disable")
@click.argument("email")
@with_database
def disable_user(email: str) -> None:
    """Sign a user out everywhere, and refuse their sign-in."""
    from portal.auth import users as actions

    actions.deactivate(user_of(email), by=BY)
    click.echo(f"{email} was signed out everywhere, and cannot sign in.")


@users.command("enable")
@click.argument("email")
@with_database
def enable_user(email: str) -> None:
    """Let a user who was disabled sign in again, with the password they had."""
    from portal.auth import users as actions

    actions.reactivate(user_of(email), by=BY)
    click.echo(f"{email} can sign in again.")


@users.command("reset-password")
@click.argument("email")
@click.option("--print", "printed", is_flag=True, help="Print the link instead of mailing it.")
@with_database
def reset_password(email: str, printed: bool) -> None:
    """Mail a link with which a user chooses a new password, within an hour. The current one works until then."""
    from portal.auth import links

    user = user_of(email)
    if not user.enabled:
        raise Problem(f"{email} is deactivated, so a new password would open nothing.", "`portal user enable` first.")
    link = links.new_reset(user, by=BY)
    if printed:
        click.echo(link)
        return
    with in_application():
        links.mail_reset(user, link)
    click.echo(f"A link to a new password is on its way to {email}. It works for one hour.")


@users.command("remove-second-factor")
@click.argument("email")
@with_database
def remove_second_factor(email: str) -> None:
    """For a user who has lost phone and recovery codes, when no other Admin can help."""
    from portal.auth import second_factor

    second_factor.turn_off(user_of(email), by=BY)
    click.echo(f"{email} signs in with the password alone, and was signed out everywhere.")
