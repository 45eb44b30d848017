"""What only whoever runs the portal may change of an organisation: that it is there, its plan, its trial period."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal import audit
from portal.database import transaction
from portal.organisations.models import Organisation
from portal.problems import Problem

BY = "command line"


def create_organisation(name: str, *, plan: str, time_zone: str, country: str) -> Organisation:
    """Add an organisation. Raises Problem when the name is taken, or the time zone or country is none."""
    name = name.strip()
    if not name or len(name) > 200:
        raise Problem("An organisation needs a name of 1 to 200 characters.")
    if Organisation.select().where(Organisation.name == name).exists():
        raise Problem(f"There is an organisation “{name}” already.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Problem(f"“{time_zone}” is not a time zone.", "Use a name such as Europe/London.") from error
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Problem(f"“{country}” is not a two-letter country code.")
    with transaction():
        organisation = Organisation.create(name=name, plan=plan, time_zone=time_zone, country=country.upper() or None)
        audit.record(BY, "create organisation", organisation, organisation=organisation, plan=plan)
    return organisation


def set_plan(organisation: Organisation, plan: str) -> None:
    """Change what the organisation pays for. Accounts and history stay; what the plan lacks is closed."""
    with transaction():
        before, organisation.plan = organisation.plan, plan
        organisation.save(only=[Organisation.plan])
        audit.record(BY, "set plan", organisation, organisation=organisation, before=before, after=plan)


def set_trial_period(organisation: Organisation, switch: bool) -> None:
    with transaction():
        before, organisation.trial_period = organisation.trial_period, switch
        organisation.save(only=[Organisation.trial_period])
        audit.record(BY, "set trial period", organisation, organisation=organisation, before=before, after=switch)
