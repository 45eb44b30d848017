"""The list of groups that make users: adding one, its place in the list, and taking it off."""

from typing import Any

from peewee import IntegrityError

from portal import audit
from portal.auth import proof, users
from portal.auth.models import AccessLevel, Kind, User, UserSource
from portal.connections.models import Connection
from portal.connectors.groups import Group
from portal.database import transaction
from portal.languages import gettext as _
from portal.problems import Problem
from portal.user_sources.models import GroupLevel, key_of, levels_of

MOST = 50


class AlreadyThere(Problem):
    message = _("This group is in the list already.")
    next_step = _("Remove it first, to give its members another level.")


class TooMany(Problem):
    message = _("There are 50 groups in the list already, and there can be no more.")


def add(connection: Connection, group: Group, *, access_level: AccessLevel, part: dict[str, str], by: User) -> None:
    """Put a group at the end of the list. part: the columns of User. Raises AlreadyThere, TooMany."""
    try:
        with transaction():
            proof.hold_actor(by)
            known = levels_of(connection)
            if len(known) >= MOST:
                raise TooMany()
            made = GroupLevel.create(
                organisation=connection.organisation_id, service=connection.service, tenant_id=connection.tenant_id,
                position=known[-1].position + 1 if known else 1, group=group.id, group_name=group.name[:256],
                access_level=access_level, made_by=by.id, **part,
            )  # fmt: skip
            audit.record(by, "give a group access", made, group=group.name, **_told(made))
    except IntegrityError:
        raise AlreadyThere() from None


def _told(level: GroupLevel) -> dict[str, Any]:
    return {"access_level": str(level.access_level)} | ({level.part: level.part_value} if level.part else {})


def move_up(level: GroupLevel, connection: Connection, *, by: User) -> None:
    """Let the group decide before the one above it."""
    with transaction():
        proof.hold_actor(by)
        known = levels_of(connection)
        place = next((index for index, one in enumerate(known) if one.id == level.id), 0)
        if place == 0:
            return
        known[place - 1], known[place] = known[place], known[place - 1]
        for index, one in enumerate(known, start=1):
            GroupLevel.update(position=index).where(GroupLevel.id == one.id).execute()
        audit.record(by, "let a group decide earlier", level, group=level.group_name, place=place)


def remove(level: GroupLevel, connection: Connection, *, keep: bool, by: User) -> None:
    """Take the group off the list. keep: those who come by it stay users of their level, and Admins look after them."""
    with transaction():
        proof.hold_actor(by)
        kept = users_by(level, connection) if keep else []
        for source in kept:
            users.decide_here(source.user, by=by)
        audit.record(by, "take access from a group", level, group=level.group_name, users_kept=len(kept))
        level.delete_instance()


def users_by(level: GroupLevel, connection: Connection) -> list[UserSource]:
    """The users who come by this group now."""
    mine = (UserSource.kind == Kind.GROUP) & (UserSource.key == key_of(connection))
    mine &= (UserSource.organisation == level.organisation_id) & (UserSource.group == level.group)
    return list(UserSource.select(UserSource, User).join(User).where(mine, UserSource.ended_at.is_null()))


def of_any(connection: Connection) -> Any:
    """A select of what the groups of this tenant have given to users of the organisation."""
    mine = (UserSource.organisation == connection.organisation_id) & (UserSource.kind == Kind.GROUP)
    return UserSource.select(UserSource, User).join(User).where(mine, UserSource.key == key_of(connection))
