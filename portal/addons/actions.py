"""Connecting an organisation to its tenant, and looking after the connection. Leaving is in `disconnecting.py`.

Two things are proven before anything is connected: who is at the browser (a sign-in that names person and tenant), and
that the tenant agreed (a consent for exactly that tenant, which the sign-in may include). The tenant is only ever taken
from the sign-in. Where an administrator types a key that was made in the tenant, the key proves both.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from peewee import IntegrityError

from portal import audit, background, vault
from portal.addons import attempts, cut_off, disconnecting
from portal.addons.attempts import Stage
from portal.addons.problems import (
    AlreadyConnected,
    ConnectedElsewhere,
    NoQualifyingLicence,
    NotAdministrator,
    NotGrantedYet,
    NotSetUp,
    OtherTenant,
)
from portal.auth import proof
from portal.auth.models import Session, User
from portal.connections import offer
from portal.connections.doctor import next_step_of
from portal.connections.models import Connection
from portal.connections.settings import settings_of
from portal.connectors import for_connection
from portal.connectors.base import Connector, Service
from portal.connectors.capabilities import Way
from portal.connectors.errors import BadCredentials, ConnectorError, NotPermitted, TryLater
from portal.connectors.values import Administrator, Kept, Permission
from portal.database import now, transaction
from portal.hand_over import pausing
from portal.languages import gettext as _
from portal.operations import waiting

# Fresh consent takes seconds to show. After this time the person is told, and checks again with a button.
GRANT_PAUSES = (0.5, 1.0, 1.5)
MAY_COME_YET = (NotGrantedYet, NotPermitted, TryLater)


def begin(service: Service, *, session: Session, redirect_uri: str) -> str:
    """Start a sign-in for this session; returns the address to send the browser to.

    Raises NotSetUp, AlreadyConnected, or a ConnectorError when the application cannot be reached.
    """
    if not service.configured():
        raise NotSetUp(service)
    _refuse_second(service, session.user)
    _wait_until_ended(service, session.user)
    url, flow = service.begin_sign_in(redirect_uri, to_connect=True)
    attempts.begin(service.key, session, Stage.SIGN_IN, flow, state=flow["state"])
    return url


def _wait_until_ended(service: Service, user: User) -> None:
    """Raises StillEnding."""
    disconnecting.wait_until_ended(service, Connection.organisation == user.organisation_id)


def connect_by_key(service: Service, key: str, *, by: User) -> Connection:
    """Connect with a key that an administrator of the tenant made there.

    Raises NotSetUp, a Problem of `problems.py`, or a ConnectorError; then nothing is connected.
    """
    if not service.configured():
        raise NotSetUp(service)
    _refuse_second(service, by)
    try:
        person = service.take_key(key)
    except BadCredentials as error:
        words = _(
            "%(service)s does not accept this %(key)s, so nothing was connected.",
            service=service.name,
            key=service.words.key,
        )
        raise error.worded(
            words, next_step=_("Check that it is complete, or make a new one there and enter that.")
        ) from error
    return connect(service, person, by)


@dataclass(frozen=True)
class Granted:
    """A further consent was given. missing: permissions that the tenant does not show, or not yet."""

    missing: list[Permission]


def begin_grant(service: Service, connection: Connection, *, session: Session, redirect_uri: str) -> str:
    """Start a further consent for the connected tenant; returns the address to send the browser to. Raises NotSetUp."""
    if not service.configured():
        raise NotSetUp(service)
    if service.capabilities.way == Way.SIGN_IN:
        _wait_until_ended(service, session.user)
        url, flow = service.begin_sign_in(redirect_uri, to_connect=True)
        contents = {"connection": connection.id, "flow": flow}
        attempts.begin(service.key, session, Stage.MORE, contents, state=flow["state"])
        return url
    state = attempts.begin(service.key, session, Stage.MORE, {"connection": connection.id})
    return service.consent_url(connection.tenant_id, redirect_uri=redirect_uri, state=state)


def receive(
    service: Service, answer: Mapping[str, str], *, session: Session, redirect_uri: str
) -> str | Granted | None:
    """Take what the application sent back with the browser, after the sign-in or after the consent.

    Returns the address of the consent page to go on to, None once the organisation is connected, or what a further
    consent has brought. Raises a Problem of `problems.py` or a ConnectorError; then nothing is connected.
    """
    _wait_until_ended(service, session.user)
    step, contents = attempts.take(service.key, session, answer.get("state", ""))
    if step == Stage.MORE:
        return _take_grants(service, contents, answer, session.user)
    if step == Stage.SIGN_IN:
        person = service.finish_sign_in(contents, answer)
        if service.capabilities.way == Way.SIGN_IN:
            connect(service, person, session.user)
            return None
        state = attempts.begin(service.key, session, Stage.CONSENT, attempts.written(person))
        return service.consent_url(person.tenant_id, redirect_uri=redirect_uri, state=state)
    person = attempts.read(contents)
    service.check_consent(person.tenant_id, answer)
    try:
        connect(service, person, session.user)
    except MAY_COME_YET:
        attempts.begin(service.key, session, Stage.GRANTS, contents)
        raise
    return None


def _take_grants(service: Service, contents: dict[str, Any], answer: Mapping[str, str], by: User) -> Granted:
    """Look which permissions the tenant shows now; no tenant is attached to anything by this.

    Raises ExpiredAttempt when the organisation is connected to another one by now, or what `check_consent` raises.
    """
    connection = Connection.live_of(by.organisation, service.key)
    if connection is None or connection.id != contents["connection"]:
        raise attempts.ExpiredAttempt()
    if "flow" in contents:
        _take_credential(service, connection, service.finish_sign_in(contents["flow"], answer), by)
        connection = Connection.get_by_id(connection.id)
    else:
        service.check_consent(connection.tenant_id, answer)
    before, missing = connection.permissions, list(service.permissions)
    for pause in (0.0, *GRANT_PAUSES):
        time.sleep(pause)
        check_health(connection, service)
        connection = Connection.get_by_id(connection.id)
        missing = [item for item in service.permissions if not item.met_by(frozenset(connection.permissions))]
        if not missing:
            break
    with transaction():
        audit.record(
            by, "grant permissions", connection, before=before, after=connection.permissions,
            now_allowed=[
                item.feature for item in service.permissions
                if item.met_by(frozenset(connection.permissions)) and not item.met_by(frozenset(before))
            ],
        )  # fmt: skip
    return Granted(missing)


def _take_credential(service: Service, connection: Connection, person: Administrator, by: User) -> None:
    """The fresh credential of the same tenant takes the place of the connection's, and what waited for it goes on.

    Raises OtherTenant, NotAdministrator.
    """
    if person.tenant_id != connection.tenant_id:
        raise OtherTenant(service, connection.tenant_name)
    kept = Kept(person.credential)
    connector = service.connector(person.tenant_id, credential=person.credential, kept=kept)
    if not connector.is_tenant_administrator(person):
        raise NotAdministrator(service, person.email or person.name)
    before, identity = connection.connected_as, _identity(person)
    with transaction():
        proof.hold_actor(by)
        Connection.update(
            encrypted_credential=vault.encrypt(kept.now()), connected_as=identity, problem="",
            problem_next_step="", ending_until=disconnecting.ending_until(connection),
        ).where(Connection.id == connection.id, Connection.disconnected_at.is_null()).execute()  # fmt: skip
        waiting.go_on_with_credentials(connection)
        audit.record(by, "renew add-on sign-in", connection, before=before, after=identity)
    if connection.encrypted_credential:
        background.begin(lambda: disconnecting.give_up_credential(connection))


def check_again(service: Service, *, session: Session) -> None:
    """Continue this session's attempt whose consent is given but had not arrived. Raises as `receive` does."""
    attempt = attempts.waiting(service.key, session)
    if attempt is None:
        raise attempts.ExpiredAttempt()
    try:
        connect(service, attempts.read(attempts.contents_of(attempt)), session.user)
    except MAY_COME_YET:
        raise
    except Exception:
        attempts.use_up(attempt)
        raise
    attempts.use_up(attempt)


def check_health(connection: Connection, service: Service) -> None:
    """Ask the tenant whether the connection still works, and write the answer down."""
    found: dict[str, Any] = {"problem": "", "problem_next_step": ""}
    service.forget(connection.tenant_id)
    try:
        connector = for_connection(connection)
        granted = connector.granted()
        found["permissions"] = sorted(granted)
        # `health.of` says what is missing; without it the tenant would only refuse to say more.
        if not _missing(service, granted):
            found.update(offer.asked(connector, service, settings_of(connection).seats_bought))
    except ConnectorError as error:
        found.update(problem=error.message, problem_next_step=next_step_of(error))
    Connection.update(**found, checked_at=now()).where(Connection.id == connection.id).execute()


def connect(service: Service, person: Administrator, by: User) -> Connection:
    """Connect the organisation of `by` to the tenant that this person signed in to and gave consent for.

    All else that must hold of tenant and person is asked of the tenant. Raises as `receive` does.
    """
    _refuse_second(service, by)
    # Another organisation may have left this tenant moments ago.
    disconnecting.wait_until_ended(service, Connection.tenant_id == person.tenant_id)
    kept = Kept(person.credential)
    connector, granted = _with_permissions(service, person, kept)
    if not connector.is_tenant_administrator(person):
        raise NotAdministrator(service, person.email or person.name)
    if _live(service).where(Connection.tenant_id == person.tenant_id).exists():
        # A colleague may have been faster meanwhile: that is not another organisation.
        _refuse_second(service, by)
        raise ConnectedElsewhere(service)
    tenant, can = connector.tenant(), service.capabilities
    licences = connector.licences() if can.has_licences else []
    if not can.licences_may_be_seen(granted):
        # An administrator has decided that the portal may not look: the page says so, and it holds up nothing.
        licences = []
    elif can.has_licences and not any(licence.qualifies for licence in licences):
        raise NoQualifyingLicence(service, tenant.name, licences)
    offered = offer.of(tenant, licences, connector.units() if can.has_units else ())
    try:
        person = replace(person, credential=kept.now())
        return _write_down(service, person, by, permissions=sorted(granted), **offered)
    except IntegrityError:
        # Another user connected in the meantime: say which of the two it was.
        _refuse_second(service, by)
        raise ConnectedElsewhere(service) from None


def _write_down(service: Service, person: Administrator, by: User, **known: Any) -> Connection:
    with transaction():
        # Asking the tenant took seconds: the user who began may no longer be an Admin.
        proof.hold_actor(by)
        connection = Connection.create(
            organisation=by.organisation,
            service=service.key,
            tenant_id=person.tenant_id,
            connected_by=by,
            connected_as=_identity(person),
            encrypted_credential=vault.encrypt(person.credential) if person.credential else "",
            **known,
        )
        adopted, mails, looked_for = 0, pausing.Resumed(), 0
        # A first connection finds nothing that an earlier one has left behind.
        if _has_earlier(connection):
            adopted = disconnecting.adopt_accounts(connection)
            disconnecting.go_on(connection)
            mails = pausing.resume(connection)
            looked_for = cut_off.look_for_accounts(connection, by=by)
        audit.record(
            by, "connect add-on", connection,
            service=service.key, tenant_id=connection.tenant_id, tenant_name=connection.tenant_name,
            connected_as=connection.connected_as, accounts_found_again=adopted, accounts_looked_for=looked_for,
            mails_going_on=mails.going_on, mails_paused=mails.asked, mails_cancelled=mails.cancelled,
        )  # fmt: skip
    return connection


def _has_earlier(connection: Connection) -> bool:
    """Whether the organisation was connected to the application before, to whichever tenant."""
    same = (Connection.organisation == connection.organisation_id) & (Connection.service == connection.service)
    return Connection.select().where(same, Connection.id != connection.id).exists()


def _with_permissions(
    service: Service, person: Administrator, kept: Kept
) -> tuple[Connector, frozenset[str]]:  # fmt: skip
    """A connector that has every required permission, and what it has.

    Raises NotGrantedYet or NotPermitted when that does not come within a few seconds.
    """
    for pause in GRANT_PAUSES:
        try:
            return _connector_at(service, person, kept)
        except (NotGrantedYet, NotPermitted):
            # Right after a first consent the tenant may know only some permissions, or not know the portal at all.
            time.sleep(pause)
    return _connector_at(service, person, kept)


def _connector_at(
    service: Service, person: Administrator, kept: Kept
) -> tuple[Connector, frozenset[str]]:  # fmt: skip
    service.forget(person.tenant_id)
    connector = service.connector(person.tenant_id, credential=kept.now(), kept=kept)
    granted = connector.granted()
    missing = _missing(service, granted)
    if missing:
        raise NotGrantedYet(service, missing)
    return connector, granted


def _missing(service: Service, granted: frozenset[str]) -> list[Permission]:
    return [permission for permission in service.permissions if permission.required and not permission.met_by(granted)]


def _identity(person: Administrator) -> str:
    return (f"{person.name} ({person.email})" if person.email and person.name else person.email or person.name)[:320]


def _live(service: Service) -> Any:
    return Connection.select().where(Connection.service == service.key, Connection.disconnected_at.is_null())


def _refuse_second(service: Service, by: User) -> None:
    connection = Connection.live_of(by.organisation, service.key)
    if connection:
        raise AlreadyConnected(service, connection.tenant_name)
