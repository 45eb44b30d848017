"""Users by groups: at a sign-in the portal asks for the groups of that person, and each half hour for all members.

A reading that does not reach every group changes nobody. One that would end the access of many asks an Admin first.
"""

from collections.abc import Iterable
from dataclasses import replace

from peewee import IntegrityError

from portal.accounts.models import Account
from portal.auth.models import AccessLevel, Kind, LinkedSignIn, User, UserSource
from portal.connections import belonging, offer
from portal.connections.models import Connection
from portal.connectors import for_connection
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError
from portal.connectors.values import Administrator
from portal.database import now, transaction
from portal.languages import joined
from portal.logs import log
from portal.organisations.models import Organisation
from portal.user_sources import following, levels
from portal.user_sources.following import Given
from portal.user_sources.models import GroupLevel, key_of, levels_of

# A reading ends the access of this many users who came by groups, or of a third, and asks an Admin about more.
ENDS_AT_ONCE = 3


def come_in(service: Service, person: Administrator) -> None:
    """Before a sign-in with a connected application: make a user of a person who is in one of the groups, or let what
    their groups say hold for the user whom they are.

    Raises CannotCome or UserRefused for somebody new, and a ConnectorError when the application cannot say.
    """
    connection = _connection(service, person)
    known = levels_of(connection) if connection is not None and service.capabilities.has_groups else []
    if connection is None or not known or service.key not in connection.organisation.ways_in:
        return
    person = replace(person, tenant_id=connection.tenant_id)
    source = levels.of_any(connection).where(UserSource.subject == person.person_id).first()
    if source is None and _linked(service, person):
        # An Admin looks after this user here.
        return
    try:
        held = set(for_connection(connection).in_groups(person.person_id))
    except ConnectorError as error:
        if source is None:
            raise
        log.warning("groups not read at sign-in", connection=connection.id, reason=error.message)
        return
    level = _deciding(known, held)
    if source is None and level is not None:
        _join(connection, service, person, level)
    elif source is not None:
        _settle(connection, source, level)
        _link_again(service, person, source)


def _connection(service: Service, person: Administrator) -> Connection | None:
    """The live connection to the tenant of the person; where the sign-in named a domain alone, to one with groups in
    the list whose person they are. Raises ConnectorError.
    """
    live = Connection.select(Connection, Organisation).join(Organisation).where(
        Connection.service == service.key, Connection.disconnected_at.is_null()
    )  # fmt: skip
    if not person.domain:
        found: Connection | None = live.where(Connection.tenant_id == person.tenant_id).first()
        return found
    chosen = GroupLevel.select(GroupLevel.organisation).where(GroupLevel.service == service.key)
    for one in live.where(Organisation.id.in_(chosen), Organisation.sign_in_with.contains(service.key)):
        if belonging.names_domain(one, person) and (
            _linked(service, replace(person, tenant_id=one.tenant_id)) or belonging.has_person(one, person)
        ):
            return one
    return None


def _linked(service: Service, person: Administrator) -> bool:
    mine = (LinkedSignIn.service == service.key) & (LinkedSignIn.tenant_id == person.tenant_id)
    return bool(LinkedSignIn.select().where(mine, LinkedSignIn.person_id == person.person_id).exists())


def _deciding(known: Iterable[GroupLevel], groups: set[str]) -> GroupLevel | None:
    return next((level for level in known if level.group in groups), None)


def _given(connection: Connection, level: GroupLevel, subject: str) -> Given:
    part = {"part": level.part, "part_value": level.part_value} if level.part else {}
    return Given(
        Kind.GROUP, key_of(connection), subject, level.group_name, AccessLevel(level.access_level), part,
        (level.made_by_id,) if level.made_by_id else (), level.group,
    )  # fmt: skip


def _join(connection: Connection, service: Service, person: Administrator, level: GroupLevel) -> None:
    """Make the user, who signs in with this account from then on."""
    remote = for_connection(connection).find(person.person_id)
    held = Account.get_or_none(
        Account.connection == connection, Account.remote_id == person.person_id, Account.detached_at.is_null()
    )
    given = _given(connection, level, person.person_id)
    following.make(
        connection.organisation, given, email=remote.username, name=remote.display_name,
        employee=held.employee if held is not None else None, also=lambda user: _link(service, person, user.id),
    )  # fmt: skip


def _link(service: Service, person: Administrator, user_id: int) -> None:
    LinkedSignIn.create(
        user=user_id, service=service.key, tenant_id=person.tenant_id, person_id=person.person_id,
        shown_as=(person.email or person.name)[:320],
    )  # fmt: skip


def _link_again(service: Service, person: Administrator, source: UserSource) -> None:
    """A user whom a group lets in signs in with this account, even after they took the link away."""
    if User.get_by_id(source.user_id).enabled and not _linked(service, person):
        try:
            with transaction():
                _link(service, person, source.user_id)
        except IntegrityError:
            # They have linked another account of theirs.
            return


def _settle(connection: Connection, source: UserSource, level: GroupLevel | None) -> None:
    if level is None:
        following.end(source)
    else:
        following.follow(source, _given(connection, level, source.subject))


def read(connection: Connection, *, approved: bool = False) -> int:
    """Read the members of all groups in the list and let what they say hold; returns how many wait for an Admin.

    approved: an Admin wants it, however many lose their access.
    """
    known, sources = levels_of(connection), list(levels.of_any(connection))
    if not (known or sources):
        return 0
    _read_domains(connection)
    members = {level.id: _members(connection, level) for level in known}
    if any(found is None for found in members.values()):
        return sum(source.held for source in sources)
    leaving = []
    for source in sources:
        level = next((one for one in known if source.subject in (members[one.id] or ())), None)
        if level is not None:
            _settle(connection, source, level)
        elif source.user.enabled:
            leaving.append(source)
    there = sum(source.user.enabled for source in sources)
    if len(leaving) > max(ENDS_AT_ONCE, there // 3) and not approved:
        for source in leaving:
            following.hold(source)
        return len(leaving)
    for source in leaving:
        following.end(source)
    return 0


def _read_domains(connection: Connection) -> None:
    """By them the portal knows whose people come; those it has read before count where they cannot be read."""
    try:
        offer.read_domains(connection)
    except ConnectorError as error:
        log.warning("domains not read", connection=connection.id, reason=error.message)


def _members(connection: Connection, level: GroupLevel) -> set[str] | None:
    """Who is in the group; None when the application does not say, and why is kept."""
    try:
        connector = for_connection(connection)
        group, found = connector.group(level.group), set(connector.members_of(level.group))
    except ConnectorError as error:
        problem = joined(error.message, error.next_step)
        GroupLevel.update(problem=problem).where(GroupLevel.id == level.id).execute()
        log.warning("group of users not read", connection=connection.id, group=level.group, reason=error.message)
        return None
    level.group_name = group.name[:256]
    seen = {"problem": "", "read_at": now(), "group_name": level.group_name}
    GroupLevel.update(seen).where(GroupLevel.id == level.id).execute()
    return found
