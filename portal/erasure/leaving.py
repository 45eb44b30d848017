"""An organisation that no longer uses the portal: everything of its own is deleted."""

from typing import Any

from portal.accounts.models import Account
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import transaction
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.problems import Problem


class StillConnected(Problem):
    message = _("The organisation is still connected to a tenant, whose accounts would then be without the portal.")
    next_step = _("Have an Admin of the organisation choose Disconnect in Settings > Add-ons, then try again.")


def held_by(organisation: Organisation) -> dict[str, int]:
    """How many of what would go with it."""
    models: dict[str, Any] = {"users": User, "employees": Employee, "accounts": Account}
    return {what: model.select().where(model.organisation == organisation).count() for what, model in models.items()}


def check(organisation: Organisation) -> None:
    """Raises StillConnected."""
    live = Connection.select().where(Connection.organisation == organisation, Connection.disconnected_at.is_null())
    if live.exists():
        raise StillConnected()


def delete(organisation: Organisation) -> None:
    """Delete it with every row that belongs to it. Nothing is done at any tenant. Raises StillConnected."""
    with transaction():
        check(organisation)
        Organisation.delete().where(Organisation.id == organisation.id).execute()
