"""What only the operator may change of an organisation: that it is there, its plan, its trial period."""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal import audit
from portal.database import transaction
from portal.organisations.countries import countries
from portal.organisations.models import Organisation
from portal.problems import Problem

BY = "command line"


def create_organisation(name: str, *, plan: str, time_zone: str, country: str) -> Organisation:
    """Add an organisation. Raises Problem when the name is taken, or the time zone or country is none."""
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise Problem("An organisation needs a name of 1 to 200 characters, on one line.")
    if taken := Organisation.get_or_none(Organisation.first_name == name):
        raise Problem(f"There is an organisation “{name}” already: {taken.key}.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Problem(f"“{time_zone}” is not a time zone.", "Use a name such as Europe/London.") from error
    if country and country.upper() not in countries():
        raise Problem(f"“{country}” is not the code of a country.", "Use two letters, such as GB.")
    with transaction():
        organisation = Organisation.create(name=name, plan=plan, time_zone=time_zone, country=country.upper() or None)
        audit.record(BY, "create organisation", organisation, organisation=organisation, plan=plan)
    return organisation


def organisation_of(word: str) -> Organisation:
    """The organisation that the command line means by a key, or by the name it was made with.

    What an Admin named it since never decides: a name that was given up or taken by another organisation is refused,
    with the keys to choose from. Raises Problem.
    """
    by_key = Organisation.get_or_none(Organisation.key == word)
    first = list(Organisation.select().where(Organisation.first_name == word))
    if by_key is not None and first in ([], [by_key]):
        return by_key
    named = list(Organisation.select().where(Organisation.name == word))
    if len(first) == 1 and named == first and by_key is None:
        return first[0]
    found = {one.id: one for one in (*filter(None, [by_key]), *first, *named)}
    if not found:
        raise Problem(f"There is no organisation “{word}”.", "`portal organisation create` makes one.")
    keys = ", ".join(f"{one.key} (now “{one.name}”)" for one in found.values())
    raise Problem(f"“{word}” does not say which organisation is meant.", f"Names may change; use the key: {keys}.")


def set_plan(organisation: Organisation, plan: str) -> None:
    """Change what the organisation pays for. Accounts and history stay; what the plan lacks is closed."""
    with transaction():
        before, organisation.plan = organisation.plan, plan
        organisation.save(only=[Organisation.plan])
        audit.record(BY, "set plan", organisation, organisation=organisation, before=before, after=plan)


def set_trial_period(organisation: Organisation, switch: bool, ends: date | None = None) -> None:
    """Show the notice of a trial period to everybody again, or to nobody. ends: the last day, where it is known."""
    with transaction():
        before, organisation.trial_period = organisation.trial_period, switch
        organisation.trial_ends = ends if switch else None
        organisation.save(only=[Organisation.trial_period, Organisation.trial_ends])
        detail = {"before": before, "after": switch, "until": str(ends) if switch and ends else ""}
        audit.record(BY, "set trial period", organisation, organisation=organisation, **detail)
