"""Linking the sign-in of a user whom a directory made, where it says the id of their account there."""

import re

from peewee import IntegrityError

from portal import audit
from portal.auth import linked_sign_ins
from portal.auth.models import LinkedSignIn, User
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.connectors.values import Protection
from portal.database import transaction
from portal.logs import log

ID = re.compile(r"[\w-]{8,64}", re.ASCII)


def link(user: User, external_id: object) -> None:
    """Let the user sign in with the account that has this id, if it is of the connected tenant and has their address.

    An address alone links nobody, and neither does an id of somebody else.
    """
    named = str(external_id or "")
    if not ID.fullmatch(named) or not user.organisation.ways_in:
        return
    for service in linked_sign_ins.allowed_to(user.organisation):
        if not service.capabilities.account_id.fullmatch(named):
            continue
        connection = Connection.live_of(user.organisation, service.key)
        if connection is None or LinkedSignIn.select().where(
            LinkedSignIn.user == user, LinkedSignIn.service == service.key
        ).exists():  # fmt: skip
            continue
        try:
            remote = for_connection(connection).find(named)
        except ConnectorError as error:
            log.info("sign-in not linked", user=user.id, service=service.key, reason=type(error).__name__)
            continue
        if remote.username.casefold() == user.email and Protection.GUEST not in remote.protections:
            _link(user, connection, remote.id, remote.username)


def _link(user: User, connection: Connection, person_id: str, shown_as: str) -> None:
    try:
        with transaction():
            LinkedSignIn.create(
                user=user, service=connection.service, tenant_id=connection.tenant_id, person_id=person_id,
                shown_as=shown_as,
            )  # fmt: skip
            audit.record("SCIM client", "link sign-in", user, service=connection.service, shown_as=shown_as)
    except IntegrityError:
        log.info("sign-in linked elsewhere", user=user.id, service=connection.service)
