"""A user of the portal as another system described them last."""

import secrets

from peewee import CharField, ForeignKeyField, IntegerField, JSONField

from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.models import Organisation

# The key under which UserSource knows them: whichever token comes, it is the organisation's directory.
KEY = "scim"


def _new_id() -> str:
    return secrets.token_hex(16)


class ScimUser(BaseModel):
    """resource: as in SCIM, without id and meta. user_name: in small letters."""

    user_id: int
    organisation_id: int
    user = ForeignKeyField(User, on_delete="CASCADE", unique=True)
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    resource_id = CharField(max_length=32, unique=True, default=_new_id)
    user_name = CharField(max_length=254)
    resource = JSONField(default=dict)
    version = IntegerField(default=1)
    made_at = UtcDateTimeField(default=now)
    changed_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "user_name"), True),)
