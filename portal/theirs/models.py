from peewee import CharField, ForeignKeyField

from portal.connections.models import Connection
from portal.database import BaseModel
from portal.people.models import Employee


class Declined(BaseModel):
    """A user said that this account is not this employee's, so the portal does not propose it again."""

    connection = ForeignKeyField(Connection, on_delete="CASCADE")
    remote_id = CharField(max_length=320)
    employee = ForeignKeyField(Employee, on_delete="CASCADE")

    class Meta:
        indexes = ((("connection", "remote_id", "employee"), True),)
