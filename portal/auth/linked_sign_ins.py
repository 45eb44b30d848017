"""Signing in with the account of the connected application instead of the password.

A user is found by tenant and person, as the application states them, and never by an address: addresses change hands.
Where an application states a domain and no tenant, the tenant is asked for the person before a link is made. A link
holds only while the organisation allows it and is connected to that very tenant.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from peewee import IntegrityError

from portal import audit, vault
from portal.auth import proof
from portal.auth.models import HalfSignIn, LinkedSignIn, OutsideSignIn, Session, User, hash_of, new_token
from portal.clock import lately
from portal.connections import belonging
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.connectors.values import Administrator
from portal.database import lock_row, transaction
from portal.languages import gettext as _
from portal.languages import listed
from portal.organisations.models import Organisation
from portal.problems import Problem


class SignInNotTaken(Problem):
    message = _(
        "You did not start this sign-in in this browser, you have used it already, or it took longer than 15 minutes."
    )
    status = 400
    next_step = _("Start again with the button.")


class NotLinked(Problem):
    message = _("No user of this portal may sign in with that account.")
    status = 403
    next_step = _("Sign in with email and password, then link it under “Your sign-in”.")


class OnlyElsewhere(Problem):
    message = _("Your organisation does not use passwords to sign in.")
    status = 403

    def __init__(self, names: str):
        super().__init__(
            "",
            _(
                "Sign in with %(applications)s. If that does not work, one of your Admins can still sign in.",
                applications=names,
            ),
        )


class CannotLink(Problem):
    """You cannot link that account to your sign-in."""

    status = 409


def able() -> list[Service]:
    """The applications that can say who a person is."""
    return [service for service in SERVICES.values() if service.capabilities.signs_people_in]


def connected(organisation: Organisation) -> list[Service]:
    """Those of them that the organisation is connected to."""
    return [service for service in able() if Connection.live_of(organisation, service.key)]


def allowed_to(organisation: Organisation) -> list[Service]:
    """Those of them that its users may sign in with."""
    return [service for service in connected(organisation) if service.key in organisation.ways_in]


def offered() -> list[Service]:
    """The applications that users of some organisation may sign in with."""
    allowed = {key for one in Organisation.select(Organisation.sign_in_with).distinct() for key in one.ways_in}
    return [service for service in able() if service.key in allowed and service.configured()]


def refuse_password(user: User) -> None:
    """Within a transaction: raises OnlyElsewhere for a user whose organisation wants them to use what they linked.

    One who has linked nothing yet may sign in, and then do nothing but link.
    """
    organisation = Organisation.get_by_id(user.organisation_id)
    if not organisation.outside_sign_in_required or User.get_by_id(user.id).break_glass:
        return
    linked = _counting(organisation, LinkedSignIn.select().where(LinkedSignIn.user == user))
    if linked:
        raise OnlyElsewhere(listed((SERVICES[row.service].name for row in linked), "or"))


def _counting(organisation: Organisation, rows: Iterable[LinkedSignIn]) -> list[LinkedSignIn]:
    """Those of the links that lead in, or would if the application were connected again.

    One to another tenant than the connected one is good for nothing any more, and neither is one to an application that
    the organisation does not allow.
    """
    tenants = {one.service: one.tenant_id for one in Connection.all_live_of(organisation)}
    return [
        row for row in rows
        if row.service in SERVICES and row.service in organisation.ways_in
        and tenants.get(row.service, row.tenant_id) == row.tenant_id
    ]  # fmt: skip


def end_sessions(organisation_id: int, service_key: str | None = None) -> None:
    """Within a transaction: end the sessions that outside accounts opened, and such sign-ins that are under way.

    service_key: only those of this application.
    """
    users = User.select(User.id).where(User.organisation == organisation_id)
    linked, under_way = (
        LinkedSignIn.select(LinkedSignIn.id),
        OutsideSignIn.delete().where(OutsideSignIn.user.in_(users)),
    )
    if service_key is not None:
        linked = linked.where(LinkedSignIn.service == service_key)
        under_way = under_way.where(OutsideSignIn.service == service_key)
    for model in (Session, HalfSignIn):
        model.delete().where(model.user.in_(users), model.linked.in_(linked)).execute()
    under_way.execute()


def begin(service: Service, redirect_uri: str, *, user: User | None) -> tuple[str, str]:
    """Start a sign-in; returns where to send the browser, and the word it must bring back with the answer.

    user: who links it; None to sign in. Raises a ConnectorError when the application cannot be reached.
    """
    url, flow = service.begin_sign_in(redirect_uri, to_connect=False)
    _, browser = set_out(service.key, flow, user=user, state=flow["state"])
    return url, browser


def set_out(purpose: str, contents: dict, *, user: User | None, state: str = "") -> tuple[str, str]:
    """Note that a browser leaves for an application's pages; returns the state and the word to bring back.

    purpose: what it is for, with which alone it is taken back: a service's key for a sign-in to the portal.
    """
    state, browser = state or new_token(), new_token()
    OutsideSignIn.create(
        user=user, service=purpose, state_hash=hash_of(state), browser_hash=hash_of(browser),
        encrypted_flow=vault.encrypt(json.dumps(contents)),
    )  # fmt: skip
    return state, browser


def finish(service: Service, answer: Mapping[str, str], *, browser: str) -> tuple[Administrator, int | None]:
    """Who signed in there, and the id of the user who wanted to link it, if one did. Each sign-in is good once.

    Raises SignInNotTaken, or a ConnectorError with the application's own reason.
    """
    contents, user_id = come_back(service.key, answer.get("state", ""), browser=browser)
    return service.finish_sign_in(contents, answer), user_id


def come_back(purpose: str, state: str, *, browser: str) -> tuple[dict, int | None]:
    """What was noted when this browser left, and the id of the user who left, if one did. Each is good once.

    Raises SignInNotTaken.
    """
    attempt = OutsideSignIn.get_or_none(
        OutsideSignIn.service == purpose,
        OutsideSignIn.state_hash == hash_of(state),
        lately(OutsideSignIn.created_at, OutsideSignIn.LIFE),
    )
    if attempt is None or not secrets.compare_digest(attempt.browser_hash, hash_of(browser)):
        raise SignInNotTaken()
    if not OutsideSignIn.delete().where(OutsideSignIn.id == attempt.id).execute():
        raise SignInNotTaken()
    return json.loads(vault.decrypt(attempt.encrypted_flow)), attempt.user_id


def link_of(service: Service, person: Administrator) -> LinkedSignIn:
    """The link to the user this person is, if that user may sign in so. Raises NotLinked, the same for every reason.

    Raises a ConnectorError where the tenant has to be asked, and cannot be.
    """
    mine = (LinkedSignIn.service == service.key) & (LinkedSignIn.person_id == person.person_id)
    if not person.domain:
        mine &= LinkedSignIn.tenant_id == person.tenant_id
    rows = LinkedSignIn.select(LinkedSignIn, User, Organisation).join(User).join(Organisation).where(mine)
    found = [row for row in rows if row.user.enabled and _leads_in(row, person)]
    if len(found) > 1:
        # They moved from one company to another, and the domain with them.
        found = [row for row in found if belonging.has_person(_connection(row), person)]
    if len(found) != 1:
        raise NotLinked()
    return found[0]


def _connection(linked: LinkedSignIn) -> Any:
    return Connection.live_of(linked.user.organisation, linked.service)


def _leads_in(linked: LinkedSignIn, person: Administrator) -> bool:
    allowed = proof.allowed(linked.user.organisation, linked.service, linked.tenant_id)
    return allowed and belonging.has_domain(_connection(linked), person)


def _placed(user: User, service: Service, person: Administrator) -> Administrator:
    """The person with the tenant that the user's organisation is connected to, if they are one of its people.

    Raises ConnectorError.
    """
    connection = Connection.live_of(user.organisation, service.key)
    if connection is None or not belonging.has_domain(connection, person):
        return person
    if not belonging.has_person(connection, person):
        return person
    return replace(person, tenant_id=connection.tenant_id)


def link(user: User, service: Service, person: Administrator) -> None:
    """Let this person sign in as the user from now on. Raises CannotLink, ProofOver, or a ConnectorError."""
    if person.domain:
        person = _placed(user, service, person)
    try:
        with transaction():
            proof.hold(user)
            if not proof.allowed(Organisation.get_by_id(user.organisation_id), service.key, person.tenant_id):
                raise CannotLink(
                    _(
                        "%(name)s does not belong to the %(application)s that your organisation is connected to, or "
                        "your organisation does not allow signing in with it.",
                        name=person.email or person.name,
                        application=service.name,
                    )
                )
            _remove(user, service)
            made = LinkedSignIn.create(
                user=user, service=service.key, tenant_id=person.tenant_id, person_id=person.person_id,
                shown_as=(person.email or person.name)[:320],
            )  # fmt: skip
            if user.must_sign_in_elsewhere and user.session is not None:
                # They have just signed in there.
                Session.update(linked=made).where(Session.id == user.session.id).execute()
            audit.record(user, "link sign-in", user, service=service.key, shown_as=person.email or person.name)
    except IntegrityError:
        raise CannotLink(_("%(name)s is linked to another portal user.", name=person.email or person.name)) from None


def unlink(user: User, service: Service, *, by: User | None = None) -> None:
    """Signing in with that account ends; the password still works. by: an Admin, if not the user. Raises ProofOver."""
    with transaction():
        lock_row(Organisation, user.organisation_id)
        proof.hold(by or user)
        _remove(user, service)
        audit.record(by or user, "unlink sign-in", user, service=service.key)


def _remove(user: User, service: Service) -> None:
    """Take the link away; sessions that it opened go with it, except this one, in which the password was given."""
    if user.session is not None:
        Session.update(linked=None).where(Session.id == user.session.id).execute()
    LinkedSignIn.delete().where(LinkedSignIn.user == user, LinkedSignIn.service == service.key).execute()


def linked_by(organisation: Organisation, users: Iterable[User]) -> dict[int, list[str]]:
    """The names of the applications that each of these users of the organisation has linked, by user."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = LinkedSignIn.select().where(LinkedSignIn.user.in_([user.id for user in users])).order_by(LinkedSignIn.id)
    for row in _counting(organisation, rows):
        found[row.user_id].append(SERVICES[row.service].name)
    return found


def users_by(connection: Connection) -> int:
    """How many users sign in with accounts of this connection's tenant."""
    rows = LinkedSignIn.select().join(User).where(User.organisation == connection.organisation_id, User.enabled)
    return sum(row.service == connection.service for row in _counting(connection.organisation, rows))


def links_of(user: User) -> list[tuple[Service, LinkedSignIn]]:
    """Every account that the user has linked, even one that no longer leads in."""
    rows = LinkedSignIn.select().where(LinkedSignIn.user == user).order_by(LinkedSignIn.id)
    return [(SERVICES[row.service], row) for row in rows if row.service in SERVICES]


def not_linked(organisation: Organisation) -> int:
    """How many users have to link an application yet where that is required."""
    tenants = {one.service: one.tenant_id for one in Connection.all_live_of(organisation)}
    mine = User.select().where(User.organisation == organisation, User.enabled, ~User.break_glass)
    leads_in = [
        (LinkedSignIn.service == key) & (LinkedSignIn.tenant_id == tenants.get(key, LinkedSignIn.tenant_id))
        for key in organisation.ways_in if key in SERVICES
    ]  # fmt: skip
    if not leads_in:
        return mine.count()
    return mine.where(User.id.not_in(LinkedSignIn.select(LinkedSignIn.user).where(reduce(or_, leads_in)))).count()


def ways_of(user: User) -> list[tuple[Service, LinkedSignIn | None]]:
    """Each application the user may sign in with, and the account that is linked, if one is."""
    rows = _counting(user.organisation, LinkedSignIn.select().where(LinkedSignIn.user == user))
    linked = {row.service: row for row in rows}
    return [(service, linked.get(service.key)) for service in allowed_to(user.organisation)]
