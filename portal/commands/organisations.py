"""`portal organisation …`"""

from datetime import datetime

import click

from portal.commands import organisation_of, with_database
from portal.organisations.plans import PLANS
from portal.problems import Problem


@click.group("organisation")
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
    click.echo(f"Added {name}, on {plan}. Its key is {made.key}: use it in commands. It stays when the name changes.")


@organisations.command("set-plan")
@click.argument("name")
@click.argument("plan", type=click.Choice(list(PLANS), case_sensitive=False))
@with_database
def set_plan(name: str, plan: str) -> None:
    """Change what an organisation pays for."""
    from portal.organisations import setup

    setup.set_plan(organisation_of(name), plan)
    click.echo(f"{name} is on {plan}.")


@organisations.command("set-trial")
@click.argument("name")
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, such as 2027-01-31; the notice names it."
)
@with_database
def set_trial(name: str, switch: str, until: datetime | None) -> None:
    """Show or hide the notice that the feature is in a trial period. It shows again to those who hid it."""
    from portal.auth import users
    from portal.organisations import setup

    organisation = organisation_of(name)
    setup.set_trial_period(organisation, switch == "on", until.date() if until else None)
    users.show_trial_notice(organisation)
    click.echo(f"The trial period of {name} is {switch}.")


@organisations.command("approve")
@click.argument("name")
@click.argument("number", type=int, required=False)
@with_database
def approve(name: str, number: int | None) -> None:
    """Approve a change of a setting where no second Admin can; without NUMBER, list what waits."""
    from portal.controls import actions

    waiting = {asked.id: asked for asked in actions.waiting_for(organisation_of(name))}
    if number is None:
        click.echo("\n".join(map(actions.sentence, waiting.values())) or "Nothing waits for approval.")
    elif number not in waiting:
        raise Problem(f"No change {number} of {name} waits for approval.", "Run it without a number to list them.")
    else:
        actions.approve_as_operator(waiting[number], by="command line")
        click.echo(f"Approved. {actions.sentence(waiting[number])}")


@organisations.command("list")
@with_database
def list_organisations() -> None:
    """Each organisation's key, plan, users, employees and name, one a line, separated by tabs."""
    from portal.erasure import leaving
    from portal.organisations.models import Organisation

    for row in Organisation.select().order_by(Organisation.key):
        held = leaving.held_by(row)
        click.echo(f"{row.key}\t{row.plan}\t{held['users']}\t{held['employees']}\t{row.name}")


@organisations.command("delete")
@click.argument("key")
@click.option("--confirm", default="", help="The key once more: deletes permanently.")
@with_database
def delete_organisation(key: str, confirm: str) -> None:
    """Delete an organisation with all its rows, its audit log too; without --confirm, only say what would go."""
    from portal.erasure import leaving

    organisation = organisation_of(key)
    leaving.check(organisation)
    held = ", ".join(f"{count} {what}" for what, count in leaving.held_by(organisation).items())
    if confirm != organisation.key:
        raise Problem(
            f"{organisation.name} has {held}, and its audit log. Nothing was deleted.",
            f"To delete all of it permanently, add --confirm {organisation.key}.",
        )
    leaving.delete(organisation)
    click.echo(f"{organisation.name} is deleted, with {held}, and its audit log. Backups still hold it.")
