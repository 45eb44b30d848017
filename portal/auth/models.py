import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum

from flask_login import UserMixin
from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import N_
from portal.languages import gettext as _
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation
from portal.people.models import Employee


class AccessLevel(StrEnum):
    """What a user is in the portal. What each may do, access.ALLOWED says."""

    ADMIN = N_("Admin")
    HR = N_("HR")
    PART_HR = N_("HR of one part")
    APPROVER = N_("Approver")
    AUDITOR = N_("Auditor")
    IT = N_("IT")
    MANAGER = N_("Manager")
    EMPLOYEE = N_("Employee")


# Levels that see or change more than their own people: the second factor is asked of them.
STRONG = frozenset(AccessLevel) - {AccessLevel.MANAGER, AccessLevel.EMPLOYEE}


class Part(StrEnum):
    """What the part of an organisation goes by to which a user may be held."""

    COUNTRY = "country"
    DEPARTMENT = "department"


def new_token() -> str:
    """256 random bits, for a cookie or a mailed link."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token. A plain hash is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class User(BaseModel, UserMixin):
    """A person who signs in to the portal. Never an employee's account at a connected application.

    part, part_value: the country or department to which an HR of one part is held; empty for everybody else.
    break_glass: an Admin who may always sign in with the password.
    endings: how often all of their sessions were ended. A sign-in that began before such an end comes to nothing.
    language: of their pages and of mails to them; empty for the organisation's.
    """

    organisation_id: int
    employee_id: int | None
    organisation = ForeignKeyField(Organisation, backref="users", on_delete="CASCADE")
    employee = ForeignKeyField(Employee, null=True, on_delete="SET NULL")
    email = CharField(unique=True, max_length=254)
    name = CharField(max_length=200, default="")
    password_hash = CharField(max_length=200)
    access_level = CharField(max_length=20)
    part = CharField(max_length=20, default="")
    part_value = CharField(max_length=200, default="")
    break_glass = BooleanField(default=False)
    enabled = BooleanField(default=True)
    encrypted_totp = TextField(default="")
    endings = IntegerField(default=0)
    trial_notice_hidden = BooleanField(default=False)
    language = CharField(max_length=10, default="")
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

    @property
    def held_to(self) -> dict[str, str]:
        """The country or department that the user is held to, by the columns of Run; empty for who sees everybody."""
        if self.access_level != AccessLevel.PART_HR:
            return {"part": "", "part_value": ""}
        # One who is held to nothing sees nobody.
        return {"part": self.part or str(Part.DEPARTMENT), "part_value": self.part_value}

    @property
    def has_second_factor(self) -> bool:
        return bool(self.encrypted_totp)

    @property
    def lacks_second_factor(self) -> bool:
        """True for a user who needs a second factor and has none: a strong one whose organisation asks for it, and an
        Admin who may always sign in with the password.
        """
        asked = self.organisation.admins_need_second_factor and self.access_level in STRONG
        return (asked or self.break_glass) and not self.has_second_factor

    @property
    def must_sign_in_elsewhere(self) -> bool:
        """True for a user of this session who has to sign in with a connected application, and gave the password."""
        if not self.organisation.outside_sign_in_required or self.break_glass:
            return False
        return self.session is None or self.session.linked_id is None

    def get_id(self) -> str:
        """What the cookie holds: the token of this sign-in, so that ending the session anywhere ends it here."""
        return self.session.token if self.session else ""


class LinkedSignIn(BaseModel):
    """Whom the connected application knows a user as: tenant and person, which never change as an address may."""

    user_id: int
    user = ForeignKeyField(User, backref="linked_sign_ins", on_delete="CASCADE")
    service = CharField(max_length=40)
    tenant_id = CharField(max_length=64)
    person_id = CharField(max_length=64)
    shown_as = CharField(max_length=320, default="")
    created_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("service", "tenant_id", "person_id"), True), (("user", "service"), True))


class Kind(StrEnum):
    """What decides about a user's access in the place of an Admin."""

    GROUP = "group"
    SCIM = "SCIM"


class UserSource(BaseModel):
    """Where a user's access and level come from. A user whom Admins look after here has no row.

    key: of the application and its tenant, or of the SCIM client. subject: whom that knows the user as. group: its id.
    name: of the group or the client, as pages show it. ended_at: when the source took the access. held: it would take
    it, and an Admin is asked first. problem: why the user keeps more than the source gives, as a sentence.
    """

    user_id: int
    organisation_id: int
    user = ForeignKeyField(User, backref="sources", on_delete="CASCADE", unique=True)
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    kind = CharField(max_length=10)
    key = CharField(max_length=120)
    subject = CharField(max_length=64)
    group = CharField(max_length=64, default="")
    name = CharField(max_length=256)
    since = UtcDateTimeField(default=now)
    ended_at = UtcDateTimeField(null=True)
    held = BooleanField(default=False)
    problem = SentenceField(default="")

    class Meta:
        indexes = ((("organisation", "kind", "key", "subject"), True),)

    @property
    def label(self) -> str:
        """What gives the level: "Group HR team" or "SCIM client Payroll"."""
        return _("Group %(name)s", name=self.name) if self.kind == Kind.GROUP else f"SCIM client {self.name}"


class Session(BaseModel):
    """One sign-in on one device. Only the hash of its token is kept. checked_at: when the password was last given.

    linked: what the user signed in with instead of the password. The session goes when the link does.
    """

    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    token_hash = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField(default=now)
    last_seen_at = UtcDateTimeField(default=now)
    checked_at = UtcDateTimeField(null=True)
    linked = ForeignKeyField(LinkedSignIn, null=True, on_delete="CASCADE")
    address = CharField(max_length=64, default="")
    device = CharField(max_length=200, default="")

    linked_id: int | None
    token = ""

    @classmethod
    def start(cls, user: User, *, address: str, device: str, linked: LinkedSignIn | None) -> "Session":
        token = new_token()
        session = cls.create(
            user=user, token_hash=hash_of(token), checked_at=None if linked else now(), linked=linked,
            address=address[:64], device=device[:200],
        )  # fmt: skip
        session.token = token
        return session


class Invitation(BaseModel):
    """A person who was asked to become a user. Kept apart from users: an address counts once its owner has answered.

    invited_by: the Admin who sent the link last; their invitations go when they are no Admin any more.
    mail_problem: why it is not certain that the mail with the link arrived, as a sentence; empty when it was taken.
    """

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    email = CharField(max_length=254)
    name = CharField(max_length=200, default="")
    access_level = CharField(max_length=20)
    part = CharField(max_length=20, default="")
    part_value = CharField(max_length=200, default="")
    token_hash = CharField(unique=True, max_length=64)
    invited_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    mail_problem = SentenceField(default="")
    created_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "email"), True),)


class PasswordReset(BaseModel):
    """A mailed link with which a user chooses a new password, once."""

    user_id: int
    user = ForeignKeyField(User, on_delete="CASCADE")
    token_hash = CharField(unique=True, max_length=64)
    created_at = UtcDateTimeField(default=now)
    used_at = UtcDateTimeField(null=True)


class RecoveryCode(BaseModel):
    """Replaces a code of the authenticator app, once."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    code_hash = CharField(max_length=64)
    used_at = UtcDateTimeField(null=True)


class UsedCode(BaseModel):
    """A code of the authenticator app that was used: which half minute since 1970 it belonged to. Good once."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    step = IntegerField()

    class Meta:
        indexes = ((("user", "step"), True),)


class HalfSignIn(BaseModel):
    """The password was right, or `linked` was used, and the second factor is still to come. Opens nothing yet."""

    user = ForeignKeyField(User, on_delete="CASCADE")
    token_hash = CharField(unique=True, max_length=64)
    linked = ForeignKeyField(LinkedSignIn, null=True, on_delete="CASCADE")
    created_at = UtcDateTimeField(default=now)


class OutsideSignIn(BaseModel):
    """A sign-in at the connected application that is under way. user: who links it; None when it is to sign in.

    browser_hash: of a random word that only the browser it was started from holds.
    """

    LIFE = timedelta(minutes=15)

    user_id: int | None
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    service = CharField(max_length=40)
    state_hash = CharField(unique=True, max_length=64)
    browser_hash = CharField(max_length=64)
    encrypted_flow = TextField()
    created_at = UtcDateTimeField(default=now)


class SignInFailure(BaseModel):
    """One refused sign-in: keyed hashes of who and where from, so that the table shows no name.

    pending: it is being compared still. A try that succeeds is deleted.
    """

    email_hash = CharField(max_length=64)
    origin_hash = CharField(max_length=64)
    at = UtcDateTimeField(default=now)
    pending = BooleanField(default=False)
