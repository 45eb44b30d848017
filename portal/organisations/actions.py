"""What an Admin may change of their own organisation. Its plan and its trial period are not among it."""

from functools import lru_cache

from portal import audit
from portal.audit import Actor
from portal.database import transaction
from portal.organisations.models import Organisation
from portal.templating import LOCALE

EDITABLE = ("name", "time_zone", "country", "company_email_from")
# Codes of CLDR that are a union, a placeholder, or a test.
NO_COUNTRY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@lru_cache(maxsize=1)
def countries() -> list[tuple[str, str]]:
    """Two-letter codes and names of the world's countries, by name."""
    named = [(code, name) for code, name in LOCALE.territories.items() if len(code) == 2 and code.isalpha()]
    return sorted(((code, name) for code, name in named if code not in NO_COUNTRY), key=lambda pair: pair[1])


def change_settings(organisation: Organisation, *, by: Actor, **values: str | int | None) -> bool:
    """Give the organisation these values of EDITABLE; False when nothing differs."""
    changed = {
        name: value for name, value in values.items() if name in EDITABLE and getattr(organisation, name) != value
    }
    if not changed:
        return False
    before = {name: getattr(organisation, name) for name in changed}
    with transaction():
        Organisation.update(**changed).where(Organisation.id == organisation.id).execute()
        audit.record(
            by, "change general settings", organisation, organisation=organisation, before=before, after=changed
        )
    for name, value in changed.items():
        setattr(organisation, name, value)
    return True
