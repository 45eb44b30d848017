"""What an Admin may change of their own organisation. Its plan and its trial period are not among it."""

from portal import audit
from portal.audit import Actor
from portal.database import transaction
from portal.organisations.models import Organisation

EDITABLE = ("name", "time_zone", "country", "company_email_from", "language")


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
