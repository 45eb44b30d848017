"""Letting the portal into mailboxes: an administrator allows it once, then each user connects their own.

Whose mailbox it is, the application says; nothing that came back with an address is believed. A mailbox of another
organisation, or one that another user has connected, is never taken.
"""

from collections.abc import Callable, Mapping
from typing import Any

from peewee import IntegrityError

from portal import audit, vault
from portal.auth import linked_sign_ins, proof
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.connectors.personal import Admitted, Owner, PersonalMail
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.mailboxes.models import Allowance, Mailbox, MailboxState
from portal.mailboxes.problems import AnotherOfYours, AnothersMailbox, NoApplication, NoPart, NotAllowedYet
from portal.organisations.models import Organisation
from portal.recruitment import sight

# What a sign-in under way is for: never that of signing in to the portal itself.
ALLOWING, CONNECTING = "allow mailboxes", "connect mailbox"
# Called with each mailbox that its owner has connected, in the same transaction.
WHEN_CONNECTED: list[Callable[[Mailbox], object]] = []


def place_of(organisation: Organisation) -> tuple[Connection, Service, PersonalMail]:
    """The connected application whose mailboxes the portal can use. Raises NoApplication."""
    for connection in Connection.all_live_of(organisation):
        service = SERVICES[connection.service]
        if service.personal_mail is not None:
            return connection, service, service.personal_mail
    raise NoApplication()


def allowance_of(connection: Connection) -> Allowance | None:
    return Allowance.get_or_none(Allowance.connection == connection.id)


def begin_allowing(user: User, redirect_uri: str) -> tuple[str, str]:
    """Where an administrator of the application allows it, and the word that the browser must bring back.

    Raises NoApplication.
    """
    connection, _service, mail = place_of(user.organisation)
    state, browser = linked_sign_ins.set_out(ALLOWING, {"connection": connection.id}, user=user)
    return mail.allow_url(connection.tenant_id, redirect_uri=redirect_uri, state=state), browser


def finish_allowing(user: User, answer: Mapping[str, str], *, browser: str) -> None:
    """The administrator is back. Raises SignInNotTaken, NoApplication, or what the application said."""
    contents = _back(ALLOWING, user, answer, browser)
    connection, _service, mail = place_of(user.organisation)
    if connection.id != contents["connection"]:
        raise linked_sign_ins.SignInNotTaken()
    mail.check_allowed(connection.tenant_id, answer)
    with transaction():
        proof.hold_actor(user)
        values: dict[str, Any] = {"by": user, "by_name": user.display_name, "at": now()}
        if not Allowance.update(values).where(Allowance.connection == connection.id).execute():
            Allowance.create(organisation=user.organisation, connection=connection, **values)
        audit.record(user, "allow mailboxes", connection, service=connection.service)


def begin(user: User, redirect_uri: str) -> tuple[str, str, Service]:
    """Where the user signs in to their mailbox, the word that the browser must bring back, and the application.

    Raises NoPart, NoApplication, NotAllowedYet, or a ConnectorError.
    """
    connection, service, mail = _may_connect(user)
    url, flow = mail.begin(connection.tenant_id, redirect_uri=redirect_uri, hint=user.email)
    contents = {"connection": connection.id, "flow": flow}
    _state, browser = linked_sign_ins.set_out(CONNECTING, contents, user=user, state=flow["state"])
    return url, browser, service


def _may_connect(user: User) -> tuple[Connection, Service, PersonalMail]:
    if not sight.takes_part(user):
        raise NoPart()
    found = place_of(user.organisation)
    if allowance_of(found[0]) is None:
        raise NotAllowedYet()
    return found


def finish(user: User, answer: Mapping[str, str], *, browser: str) -> Mailbox:
    """The user is back from the application: their mailbox is connected once everything is certain.

    Raises a Problem of `problems.py`, SignInNotTaken, or a ConnectorError; then nothing is connected.
    """
    contents = _back(CONNECTING, user, answer, browser)
    connection, _service, mail = _may_connect(user)
    if connection.id != contents["connection"]:
        raise linked_sign_ins.SignInNotTaken()
    admitted = mail.finish(connection.tenant_id, contents["flow"], answer)
    cache = [admitted.cache]
    person_id = admitted.person.person_id
    owner = mail.mailbox(connection.tenant_id, person_id, admitted.cache, keep=cache.append).whoami()
    try:
        with transaction():
            proof.hold(user)
            return _write_down(user, connection, admitted, owner, cache[-1])
    except IntegrityError:
        raise AnothersMailbox() from None


def _back(purpose: str, user: User, answer: Mapping[str, str], browser: str) -> dict[str, Any]:
    """What the attempt held. Raises SignInNotTaken for another user's, another browser's, and one that was used."""
    contents, whose = linked_sign_ins.come_back(purpose, answer.get("state", ""), browser=browser)
    if whose != user.id:
        raise linked_sign_ins.SignInNotTaken()
    return contents


def _write_down(user: User, connection: Connection, admitted: Admitted, owner: Owner, cache: str) -> Mailbox:
    before = Mailbox.get_or_none(Mailbox.user == user.id)
    same = before is not None and (before.tenant_id, before.person_id) == (connection.tenant_id, owner.person_id)
    if before is not None and not before.is_off and not same:
        raise AnotherOfYours(
            _(
                "You have connected %(address)s, so %(other)s was not connected.",
                address=before.address,
                other=owner.address,
            )
        )
    values: dict[str, Any] = {
        "organisation": user.organisation, "connection": connection, "tenant_id": connection.tenant_id,
        "person_id": owner.person_id, "name": owner.name[:256], "address": owner.address[:320],
        "addresses": list(owner.addresses), "scopes": sorted(admitted.scopes), "encrypted_cache": vault.encrypt(cache),
        "state": MailboxState.LIVE, "since": now(), "problem": "", "next_step": "", "code": "", "used_at": now(),
        "told_at": None, "admins_told_at": None,
    }  # fmt: skip
    if before is None or before.is_off or not same:
        # What came while the mailbox was not connected is not read; what came while it waited for its owner is.
        values |= {"read_to": now(), "read_at": None}
    if before is None:
        mailbox = Mailbox.create(user=user, **values)
    else:
        Mailbox.update(values).where(Mailbox.id == before.id).execute()
        mailbox = Mailbox.get_by_id(before.id)
    audit.record(user, "connect mailbox", user, address=owner.address)
    for listener in WHEN_CONNECTED:
        listener(mailbox)
    return mailbox
