"""Which groups of a connected application make their members users of the portal, and of which level."""

from peewee import CharField, ForeignKeyField, IntegerField

from portal.auth.models import STRONG, Part, User
from portal.connections.models import Connection
from portal.database import BaseModel, UtcDateTimeField
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation
from portal.people import lists


class GroupLevel(BaseModel):
    """A group whose members are users of this level. Of several groups, the one with the lowest position decides.

    tenant_id: the group's own, so that another tenant's group never counts. part, part_value: as the columns of User.
    read_at: when its members were last read. problem: why they could not be, as a sentence.
    """

    organisation_id: int
    made_by_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    service = CharField(max_length=40)
    tenant_id = CharField(max_length=64)
    position = IntegerField(default=0)
    group = CharField(max_length=64)
    group_name = CharField(max_length=256)
    access_level = CharField(max_length=20)
    part = CharField(max_length=20, default="")
    part_value = CharField(max_length=200, default="")
    made_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    read_at = UtcDateTimeField(null=True)
    problem = SentenceField(default="")

    class Meta:
        indexes = ((("organisation", "service", "tenant_id", "group"), True),)

    @property
    def name(self) -> str:
        """For the audit log."""
        return str(self.group_name)


def key_of(connection: Connection) -> str:
    """The key under which UserSource knows the groups of this connection's tenant."""
    return f"{connection.service} {connection.tenant_id}"


def levels_of(connection: Connection) -> list[GroupLevel]:
    """The groups of the connection's tenant that make users, the one that decides first."""
    mine = (GroupLevel.organisation == connection.organisation_id) & (GroupLevel.service == connection.service)
    mine &= GroupLevel.tenant_id == connection.tenant_id
    return list(GroupLevel.select().where(mine).order_by(GroupLevel.position, GroupLevel.id))


def gives_much(connection: Connection, group: str) -> GroupLevel | None:
    """The entry of a group whose members see or change more than people of their own.

    The portal puts nobody into such a group: an IT user who sets up rules for groups could make anybody an Admin.
    """
    return next((one for one in levels_of(connection) if one.group == group and one.access_level in STRONG), None)


def _follow_department(organisation: Organisation, field: str, old: str, new: str) -> None:
    """The department that a group's members look after stays the same when it gets another name."""
    if field == Part.DEPARTMENT:
        held = (GroupLevel.organisation == organisation) & (GroupLevel.part == Part.DEPARTMENT)
        GroupLevel.update(part_value=new).where(held, GroupLevel.part_value == old).execute()


lists.FOLLOWS.append(_follow_department)
