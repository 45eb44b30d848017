"""Whether a connection works: what was last found wrong with it, and which permission it lacks."""

from dataclasses import dataclass
from datetime import timedelta

from portal import happenings
from portal.clock import over
from portal.connections.doctor import features_of, next_step_of
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.connectors.errors import BadCredentials, ConnectorError, NotPermitted, SignInFailed
from portal.connectors.values import Permission
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.languages import joined, pgettext

# The worker asks every few minutes what is granted; pages say when, and a write waits for the disk.
CHECKED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Health:
    """sentence, next_step: what is wrong and what to do; empty while nothing is.

    remark: what does not work though nothing in use needs it, as a sentence.
    """

    sentence: str = ""
    next_step: str = ""
    remark: str = ""

    @property
    def good(self) -> bool:
        return not self.sentence

    @property
    def word(self) -> str:
        return (
            _("Needs attention")
            if not self.good
            else _("Working in part")
            if self.remark
            else pgettext("door", "Working")
        )

    @property
    def colour(self) -> str:
        """Of the badge: green only while nothing is missing."""
        return "red" if not self.good else "yellow" if self.remark else "green"


def of(connection: Connection, service: Service, granted: frozenset[str] | None = None) -> Health:
    """How the connection is. granted: what the tenant grants now; what was last read when it was not asked."""
    if connection.problem:
        return Health(connection.problem, connection.problem_next_step)
    held = frozenset(connection.permissions) if granted is None else granted
    missing = [permission for permission in needed(connection, service) if not permission.met_by(held)]
    if missing:
        return Health(_refused(service, missing), NotPermitted.next_step)
    unused = [permission for permission in service.permissions if not permission.met_by(held)]
    return Health(remark=joined(_("Accounts work."), _refused(service, unused)) if unused else "")


def _refused(service: Service, missing: list[Permission]) -> str:
    return _(
        "%(service)s does not allow the portal to %(features)s.", service=service.name, features=features_of(missing)
    )


def needed(connection: Connection, service: Service) -> list[Permission]:
    """The permissions that count: that of a field once it is chosen to flow, and not those a tenant may leave out."""
    chosen = set(connection.synced_fields or ())
    of_fields = {place.permission: name in chosen for name, place in service.places.items() if place.permission}
    return [permission for permission in service.permissions if of_fields.get(permission, not permission.only_if_used)]


def ends_sessions(connection: Connection) -> bool:
    """Whether open sessions can be ended: the application can, and what that needs was granted."""
    can = SERVICES[connection.service].capabilities
    return can.has_sessions and (not can.sessions_need or bool(set(can.sessions_need) & set(connection.permissions)))


def note(connection: Connection, error: ConnectorError | None, granted: frozenset[str] | None = None) -> None:
    """Remember how a call went: refused for the portal's own sign-in, or well. Other refusals say nothing of that.

    granted: what the tenant grants now, when it is known.
    """
    found: dict[str, object] = {}
    if error is None:
        found.update({"problem": "", "problem_next_step": ""} if connection.problem else {})
    elif isinstance(error, BadCredentials | SignInFailed) or (isinstance(error, NotPermitted) and error.status is None):
        # A refusal without a status came from the sign-in service: the tenant does not know the portal.
        found.update(problem=error.message, problem_next_step=next_step_of(error))
    if granted is not None and sorted(granted) != connection.permissions:
        found["permissions"] = sorted(granted)
    if granted is not None and over(connection.checked_at, CHECKED_EVERY):
        found["checked_at"] = now()
    if not found:
        return
    with transaction():
        mine = Connection.update(**found).where(Connection.id == connection.id)
        if found.get("problem"):
            broke = mine.where(Connection.problem == "").execute()
            page = f"/settings/add-ons/{connection.service}"
            if broke:
                happenings.tell(
                    connection.organisation_id, "connection.broken", application=connection.service, page=page
                )
        mine.execute()
