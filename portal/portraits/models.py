"""The picture that an account had before the portal set another one."""

from peewee import BlobField, ForeignKeyField

from portal.accounts.models import Account
from portal.database import BaseModel, UtcDateTimeField, now
from portal.operations.models import Operation
from portal.organisations.models import Organisation


class PictureBefore(BaseModel):
    """jpeg: None where there was no picture. It lives as long as the operation that set another one."""

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    account = ForeignKeyField(Account, on_delete="CASCADE")
    operation = ForeignKeyField(Operation, unique=True, on_delete="CASCADE")
    jpeg = BlobField(null=True)
    kept_at = UtcDateTimeField(default=now)

    class Meta:
        table_name = "picture_before"
