"""A token of an organisation, and which ways in are paused."""

import ipaddress
from datetime import datetime, timedelta
from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.audit_words import TOKENS
from portal.auth.models import AccessLevel, User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import pgettext
from portal.organisations.models import Organisation

# How long the earlier secret of a rotated token still works.
OLD_LIVES = timedelta(hours=24)
# Stands in for who revoked a token that came back with a backup, until an Admin decides about it.
HELD_BY = "portal restore"


class Door(StrEnum):
    """A way in for other systems."""

    API = "api"


class PausedDoor(BaseModel):
    """A way in that an Admin has paused for the whole organisation."""

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    door = CharField(max_length=20)
    paused_at = UtcDateTimeField(default=now)
    by_name = CharField(max_length=320, default="")

    class Meta:
        indexes = ((("organisation", "door"), True),)


class ApiToken(BaseModel):
    """Belongs to the organisation and not to its maker, who may leave. Only hashes of its secrets are kept.

    key: the part of the token that names it. scopes: of scopes.Scope. networks: such as 192.0.2.0/24; empty for all.
    days: how long a secret lasts. warned: for how many days before the end the Admins had their latest email.
    old_secret_hash: of the secret before the latest rotation, which works until old_until. rotated_by: ids of the users
    who have seen one of its later secrets, with a blank between them.
    """

    organisation_id: int
    made_by_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    name = CharField(max_length=80)
    key = CharField(max_length=6, unique=True)
    secret_hash = CharField(max_length=64)
    old_secret_hash = CharField(max_length=64, default="")
    old_until = UtcDateTimeField(null=True)
    scopes = JSONField(default=list)
    networks = JSONField(default=list)
    days = IntegerField()
    made_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    made_by_name = CharField(max_length=320)
    rotated_by = TextField(default="")
    made_at = UtcDateTimeField(default=now)
    expires_at = UtcDateTimeField()
    warned = IntegerField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    revoked_by_name = CharField(max_length=320, default="")
    last_used_at = UtcDateTimeField(null=True)
    last_used_from = CharField(max_length=64, default="")
    old_last_used_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "revoked_at"), False), (("expires_at",), False))

    @property
    def actor(self) -> str:
        """Who did what this token did, for receipts and the audit log."""
        return f"{TOKENS}{self.name}"

    @property
    def known_to(self) -> tuple[int, ...]:
        """The ids of the users who have seen a secret of it."""
        made = [self.made_by_id] if self.made_by_id else []
        return tuple(dict.fromkeys([*made, *map(int, str(self.rotated_by).split())]))

    @property
    def is_over(self) -> bool:
        return self.expires_at <= now()

    @property
    def is_held(self) -> bool:
        """Whether it came back with a backup, and an Admin has not said yet that it may work again."""
        return self.revoked_at is not None and self.revoked_by_name == HELD_BY

    @property
    def state(self) -> str:
        """In one word, for a badge."""
        if self.revoked_at is not None:
            return pgettext("token", "Held") if self.is_held else pgettext("token", "Revoked")
        return pgettext("token", "Expired") if self.is_over else pgettext("token", "Active")

    @property
    def old_works_until(self) -> datetime | None:
        """Until when the secret from before the rotation works; None when it does not any more."""
        return self.old_until if self.old_until is not None and self.old_until > now() else None

    @property
    def maker_left(self) -> bool:
        """Whether the Admin who made it is no longer one."""
        maker = self.made_by
        return maker is None or not maker.enabled or maker.access_level != AccessLevel.ADMIN

    def allows(self, address: str) -> bool:
        """Whether it may be used from this address."""
        if not self.networks:
            return True
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None) or found
        return any(mapped in ipaddress.ip_network(network) for network in self.networks)
