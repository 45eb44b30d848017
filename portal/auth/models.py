import hashlib
import secrets
from enum import StrEnum

from flask_login import UserMixin
from peewee import BooleanField, CharField, ForeignKeyField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.models import Organisation
from portal.people.models import Employee


class AccessLevel(StrEnum):
    ADMIN = "Admin"
    MANAGER = "Manager"
    EMPLOYEE = "Employee"


class User(UserMixin, BaseModel):
    """Somebody who signs in to the portal. Never an employee's account at a connected application."""

    organisation_id: int
    employee_id: int | None
    organisation = ForeignKeyField(Organisation, backref="users", on_delete="CASCADE")
    employee = ForeignKeyField(Employee, null=True, on_delete="SET NULL")
    email = CharField(unique=True, max_length=254)
    name = CharField(max_length=200, default="")
    password_hash = CharField(max_length=200)
    access_level = CharField(max_length=20)
    enabled = BooleanField(default=True)
    created_at = UtcDateTimeField(default=now)

    session: "Session | None" = None

    class Meta:
        table_name = "portal_user"

    @property
    def is_active(self) -> bool:
        return self.enabled

    @property
    def display_name(self) -> str:
        return self.name or self.email

    def get_id(self) -> str:
        """What the cookie holds: the token of this sign-in, so that ending the session anywhere ends it here."""
        return self.session.token if self.session else ""


class Session(BaseModel):
    """One sign-in on one device. Only the hash of its token is kept."""

    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    token_hash = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField(default=now)
    last_seen_at = UtcDateTimeField(default=now)
    address = CharField(max_length=64, default="")
    device = CharField(max_length=200, default="")

    token = ""

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def start(cls, user: User, *, address: str, device: str) -> "Session":
        token = secrets.token_urlsafe(32)
        session = cls.create(user=user, token_hash=cls.hash_of(token), address=address, device=device[:200])
        session.token = token
        return session
