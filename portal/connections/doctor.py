"""The connection doctor: each permission against the feature it feeds, how long the credential lasts, a real trial."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import background
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.base import Connector, Service
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.values import Licence, Permission
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined, listed, ngettext
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
        return frozenset(connection.permissions), TryLater(
            _("%(service)s did not answer in time.", service=service.name)
        )


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
            return ngettext("ended %(num)s day ago", "ended %(num)s days ago", -self.days)
        if self.days == 0:
            return _("ends today")
        return ngettext("ends in %(num)s day", "ends in %(num)s days", self.days)

    def of(self, application: str) -> str:
        """Of one that has a day: "The certificate of an application ends in 12 days"."""
        names = {"kind": self.kind, "name": application}
        if not self.days:
            return _("The %(kind)s of %(name)s ends today", **names)
        if self.days < 0:
            return ngettext(
                "The %(kind)s of %(name)s ended %(num)s day ago", "The %(kind)s of %(name)s ended %(num)s days ago",
                -self.days, **names,
            )  # fmt: skip
        return ngettext(
            "The %(kind)s of %(name)s ends in %(num)s day", "The %(kind)s of %(name)s ends in %(num)s days",
            self.days, **names,
        )  # fmt: skip

    @property
    def sentence(self) -> str:
        """Of one that has a day: "The portal’s certificate ends in 12 days"."""
        if not self.days:
            return _("The portal’s %(kind)s ends today", kind=self.kind)
        if self.days < 0:
            return ngettext(
                "The portal’s %(kind)s ended %(num)s day ago", "The portal’s %(kind)s ended %(num)s days ago",
                -self.days, kind=self.kind,
            )  # fmt: skip
        return ngettext(
            "The portal’s %(kind)s ends in %(num)s day", "The portal’s %(kind)s ends in %(num)s days", self.days,
            kind=self.kind,
        )  # fmt: skip


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
        return Answer(question, False, lack.words)
    except ConnectorError as error:
        words = joined(error.message, next_step_of(error))
        return Answer(question, False, words, error.code, error.request_id)


class _Lacks(Exception):
    """The tenant answered, and it is not enough."""

    def __init__(self, words: str):
        super().__init__(words)
        self.words = words


def _sign_in(connector: Connector, service: Service) -> str:
    connector.granted()
    return joined(_("%(service)s accepts the portal’s own sign-in.", service=service.name), connector.signs_in_as())


def _permissions(connector: Connector, service: Service) -> str:
    missing = [need.permission for need in needs(service, connector.granted()) if not need.granted]
    if missing:
        features = features_of(missing)
        raise _Lacks(
            _("%(service)s does not allow the portal to %(features)s.", service=service.name, features=features)
        )
    return _("%(service)s allows everything that the portal does.", service=service.name)


def _tenant(connector: Connector, service: Service) -> str:
    tenant = connector.tenant()
    domains = [
        _("%(domain)s (its passwords are kept elsewhere)", domain=domain.name) if domain.federated else domain.name
        for domain in tenant.domains
    ]
    if not any(not domain.federated for domain in tenant.domains):
        raise _Lacks(_("%(tenant)s: no domain in which the portal can create accounts.", tenant=tenant.name))
    return _("%(tenant)s: %(domains)s.", tenant=tenant.name, domains=spoken(domains))


def _licences(connector: Connector, service: Service) -> str:
    if not service.capabilities.licences_may_be_seen(connector.granted()):
        raise _Lacks(_("The portal may not look at the licences, so it cannot say whether there are enough."))
    licences = connector.licences()
    told = joined(
        *(
            _("%(licence)s: %(seats)s", licence=licence.name, seats=_seats(licence))
            for licence in licences
            if licence.assignable
        ),
        by="; ",
    )
    if not any(licence.qualifies for licence in licences):
        raise _Lacks(
            _(
                "%(requirement)s is needed. %(licences)s.",
                requirement=service.words.requirement,
                licences=told or _("There is none at all"),
            )
        )
    return _("%(licences)s.", licences=told)


def _seats(licence: Licence) -> str:
    return (
        _("seats not told")
        if licence.total is None
        else _("%(free)s of %(total)s seats left", free=licence.free, total=licence.total)
    )


QUESTIONS: dict[str, Callable[[Connector, Service], str]] = {
    _("Sign-in"): _sign_in, _("Permissions"): _permissions, _("Organisation and domains"): _tenant,
    _("Licences"): _licences,
}  # fmt: skip


def spoken(names: list[str]) -> str:
    """The names as a person would list them: "A, B and C"."""
    return listed(names)


def features_of(needs: Iterable[Permission]) -> str:
    """What the permissions are for. A feature may have a comma or "and" in it, so semicolons keep them apart."""
    return joined(*dict.fromkeys(need.feature for need in needs), by="; ")


def next_step_of(error: Problem | ConnectorError) -> str:
    """What the person can do. The portal repeats no sign-in and no check, whatever the error says of other calls."""
    return _("Wait a minute, then try again.") if isinstance(error, TryLater) else error.next_step
