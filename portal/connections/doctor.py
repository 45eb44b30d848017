"""The connection doctor: each permission against the feature it feeds, how long the credential lasts, a real trial."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import background
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.base import Connector, Licence, Permission, Service
from portal.connectors.errors import ConnectorError, TryLater
from portal.database import now
from portal.problems import Problem

WARN_WITHIN = timedelta(days=30)
PATIENCE = 5.0


@dataclass(frozen=True)
class Need:
    """A permission and whether the tenant has granted it: one of its names is enough."""

    permission: Permission
    granted: bool

    @property
    def state(self) -> str:
        """A word for the badge: allowed, missing, or off where the portal works without it."""
        return "allowed" if self.granted else "missing" if self.permission.required else "off"


def needs(service: Service, granted: frozenset[str]) -> list[Need]:
    """Every permission of the service, those that are missing first."""
    found = [Need(permission, permission.met_by(granted)) for permission in service.permissions]
    return sorted(found, key=lambda need: (need.granted, not need.permission.required))


def granted(connection: Connection, service: Service) -> tuple[frozenset[str], ConnectorError | None]:
    """What the portal's token states now; what was last read, and why, when the tenant does not answer in time."""
    try:
        return background.within(PATIENCE, lambda: for_connection(connection).granted()), None
    except ConnectorError as error:
        return frozenset(connection.permissions), error
    except background.StillUnderWay:
        return frozenset(connection.permissions), TryLater(f"{service.name} did not answer in time.")


@dataclass(frozen=True)
class Expiry:
    """How long the portal's own credential lasts. days: whole days that are left, negative when it has ended."""

    kind: str
    ends: datetime | None
    days: int | None
    problem: str = ""

    @property
    def urgent(self) -> bool:
        return self.days is not None and self.days < WARN_WITHIN.days

    @property
    def words(self) -> str:
        """ "ends in 12 days", "ended 3 days ago"."""
        if self.days is None:
            return self.problem
        if self.days < 0:
            return f"ended {_days(-self.days)} ago"
        return "ends today" if self.days == 0 else f"ends in {_days(self.days)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def expiry(service: Service) -> Expiry | None:
    """How long it lasts; None where each connection has a credential of its own."""
    found = service.credential
    if found is None:
        return None
    days = (found.expires_at - now()).days if found.expires_at else None
    return Expiry(found.kind, found.expires_at, days, found.problem)


@dataclass(frozen=True)
class Answer:
    """What the tenant said to one question of the trial. sentence: what it said, or why it said nothing."""

    question: str
    good: bool
    sentence: str
    code: str = ""
    request_id: str = ""


def examine(connection: Connection, service: Service) -> list[Answer]:
    """Really ask the tenant, with a fresh token, all that the portal lives on. A refusal is an answer too."""
    service.forget(connection.tenant_id)
    asked = {name: ask for name, ask in QUESTIONS.items() if ask is not _licences or service.capabilities.has_licences}
    return [_asked(question, ask, connection, service) for question, ask in asked.items()]


def _asked(
    question: str, ask: Callable[[Connector, Service], str], connection: Connection, service: Service
) -> Answer:  # fmt: skip
    try:
        return Answer(question, True, ask(for_connection(connection), service))
    except _Lacks as lack:
        return Answer(question, False, str(lack))
    except ConnectorError as error:
        words = f"{error.message} {next_step_of(error)}"
        return Answer(question, False, words, error.code, error.request_id)


class _Lacks(Exception):
    """The tenant answered, and it is not enough."""


def _sign_in(connector: Connector, service: Service) -> str:
    connector.granted()
    return f"{service.name} accepts the portal’s own sign-in. {connector.signs_in_as()}".strip()


def _permissions(connector: Connector, service: Service) -> str:
    missing = [need.permission for need in needs(service, connector.granted()) if not need.granted]
    if missing:
        features = spoken(list(dict.fromkeys(permission.feature for permission in missing)), "or")
        raise _Lacks(f"{service.name} does not allow the portal to {features}.")
    return f"{service.name} allows everything that the portal does."


def _tenant(connector: Connector, service: Service) -> str:
    tenant = connector.tenant()
    domains = [
        domain.name + (" (its passwords are kept elsewhere)" if domain.federated else "") for domain in tenant.domains
    ]
    if not any(not domain.federated for domain in tenant.domains):
        raise _Lacks(f"{tenant.name}: no domain in which the portal can create accounts.")
    return f"{tenant.name}: {spoken(domains)}."


def _licences(connector: Connector, service: Service) -> str:
    if not service.capabilities.licences_may_be_seen(connector.granted()):
        raise _Lacks("The portal may not look at the licences, so it cannot say whether there are enough.")
    licences = connector.licences()
    listed = "; ".join(f"{licence.name}: {_seats(licence)}" for licence in licences if licence.assignable)
    if not any(licence.qualifies for licence in licences):
        raise _Lacks(f"{service.words.requirement} is needed. {listed or 'There is none at all'}.")
    return f"{listed}."


def _seats(licence: Licence) -> str:
    return "seats not told" if licence.total is None else f"{licence.free} of {licence.total} seats left"


QUESTIONS: dict[str, Callable[[Connector, Service], str]] = {
    "Sign-in": _sign_in, "Permissions": _permissions, "Organisation and domains": _tenant, "Licences": _licences,
}  # fmt: skip


def spoken(names: list[str], last: str = "and") -> str:
    """The names as a person would list them: "A, B and C"."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def next_step_of(error: Problem | ConnectorError) -> str:
    """What the person can do. The portal repeats no sign-in and no check, whatever the error says of other calls."""
    return "Wait a minute, then try again." if isinstance(error, TryLater) else error.next_step
