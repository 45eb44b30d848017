"""The tables. A user's properties are kept as Google shows them, in `body`; the columns beside it are to be found by.

Addresses are in lower case everywhere: Google compares them so.
"""

from typing import Any

from peewee import (
    SQL,
    AutoField,
    BlobField,
    BooleanField,
    CompositeKey,
    FloatField,
    IntegerField,
    SqliteDatabase,
    TextField,
)

from portal.sandbox.rows import JSONText, KeptModel

database = SqliteDatabase(None, thread_safe=False)
POLICY: dict[str, Any] = {
    # Security > API controls: trusted, limited, blocked, or "" when nobody has configured the application.
    "app": "trusted",
    # Whether an application that nobody has configured may be used: yes, no, or "sign-in" for signing in to it alone.
    "unconfigured_apps": True,
    "api_access": True,
    # Seconds for which a grant holds, None for ever.
    "grant_life": None,
    # The SKU that each new user gets automatically, "" for none.
    "automatic_licence": "",
    # Flexible: a seat is bought by giving it. Otherwise seats says how many of each SKU there are.
    "flexible": False,
    "seats": {},
    # How many users the customer may have, deleted ones too.
    "user_limit": None,
    "shortest_password": 8,
    # What happens to a personal account that has a wanted address: conflict, invite or replace.
    "unmanaged": "conflict",
    # Whether people sign in through an identity provider of the customer's own.
    "sso": False,
    # Whether answers about users have the fields that are false.
    "says_false": True,
}


class Record(KeptModel):
    class Meta:
        database = database


class Customer(Record):
    """domains: as the Directory API lists them. policy: what of POLICY differs here."""

    id = TextField(primary_key=True)
    name = TextField()
    domain = TextField()
    country = TextField()
    created = FloatField()
    domains = JSONText()
    policy = JSONText(default=dict)

    def rule(self, name: str) -> Any:
        """What the customer has set. Raises KeyError."""
        return self.policy.get(name, POLICY[name])

    @property
    def domain_names(self) -> list[str]:
        return [item["domainName"] for item in self.domains if item["verified"]]

    @property
    def alias_names(self) -> dict[str, str]:
        """Each domain alias, and the domain whose users have it."""
        return {
            alias["domainAliasName"]: item["domainName"]
            for item in self.domains
            for alias in item.get("domainAliases", ())
            if alias["verified"]
        }


class OrgUnit(Record):
    id = TextField(primary_key=True)
    customer = TextField(index=True)
    path = TextField()
    name = TextField()
    parent = TextField()
    description = TextField(default="")


class User(Record):
    """customer: empty for a consumer account, which no directory knows.

    known_at: until then reads do not find the user. complete_at: until then nothing can be changed. free_at: until
    then a rename is under way. body: what was sent and nothing computed.
    """

    seq = AutoField()
    id = TextField(unique=True)
    customer = TextField()
    address = TextField()
    given = TextField(default="")
    family = TextField(default="")
    org_unit = TextField(default="/")
    suspended = BooleanField(default=False)
    archived = BooleanField(default=False)
    is_admin = BooleanField(default=False)
    is_delegated = BooleanField(default=False)
    created = FloatField()
    deleted_at = FloatField(null=True)
    known_at = FloatField(default=0)
    complete_at = FloatField(default=0)
    free_at = FloatField(default=0)
    mailbox_at = FloatField(default=0)
    signed_out_at = FloatField(default=0)
    last_login = FloatField(null=True)
    password = TextField()
    must_change = BooleanField(default=False)
    version = IntegerField(default=1)
    body = JSONText()


class Earlier(Record):
    """A user as the replicas still show them."""

    id = TextField(primary_key=True)
    until = FloatField(index=True)
    shown = JSONText()


class Picture(Record):
    """A picture that was set; no content: it was taken away. since: when reads show it."""

    seq = AutoField()
    user = TextField(index=True)
    content = BlobField()
    since = FloatField()


class Held(Record):
    """One namespace of addresses. kind: user, alias, group, group alias or unmanaged; owner: an id.

    free_at: an address that nobody has any more is held for a while.
    """

    address = TextField(primary_key=True)
    kind = TextField()
    owner = TextField(index=True)
    customer = TextField()
    free_at = FloatField(null=True)


class Group(Record):
    seq = AutoField()
    id = TextField(unique=True)
    customer = TextField(index=True)
    email = TextField()
    name = TextField()
    dynamic = BooleanField(default=False)
    description = TextField(default="")


class Member(Record):
    """member: the id of a user or a group."""

    group = TextField()
    member = TextField(index=True)
    kind = TextField(default="USER")
    role = TextField(default="MEMBER")
    delivery = TextField(default="ALL_MAIL")

    class Meta:
        primary_key = CompositeKey("group", "member")


class Licence(Record):
    """automatic: Google gave it without being asked."""

    user = TextField(index=True)
    customer = TextField()
    product = TextField()
    sku = TextField()
    automatic = BooleanField(default=False)

    class Meta:
        primary_key = CompositeKey("user", "product")


class Schema(Record):
    """A custom schema."""

    id = TextField(primary_key=True)
    customer = TextField(index=True)
    name = TextField()
    body = JSONText()


class Event(Record):
    """A line of the admin log. shown_at: when the log shows it."""

    seq = AutoField()
    customer = TextField(index=True)
    at = FloatField()
    shown_at = FloatField()
    actor = TextField()
    actor_address = TextField()
    kind = TextField()
    name = TextField()
    parameters = JSONText()


class Channel(Record):
    """Somebody who wants to be told. customer, event, domain: of what."""

    id = TextField(primary_key=True)
    resource = TextField()
    owner = TextField()
    customer = TextField(index=True)
    domain = TextField(default="")
    event = TextField(default="")
    address = TextField()
    token = TextField(default="")
    uri = TextField()
    expires = FloatField()
    number = IntegerField(default=1)


class Consent(Record):
    """What a person has let the application do."""

    user = TextField(primary_key=True)
    scopes = JSONText()
    at = FloatField()


class Refresh(Record):
    """A refresh token. ends_at: with time-based access."""

    seq = AutoField()
    token = TextField(unique=True)
    user = TextField(index=True)
    scopes = JSONText()
    used_at = FloatField()
    ends_at = FloatField(null=True)


class Access(Record):
    """An access token."""

    token = TextField(primary_key=True)
    user = TextField(index=True)
    scopes = JSONText()
    made_at = FloatField()
    ends_at = FloatField(index=True)


class Kept(Record):
    """Small things that outlive a restart."""

    name = TextField(primary_key=True)
    value = TextField()


class Version(Record):
    """The one row says by which form of the tables the file was made."""

    number = IntegerField()


VERSION = 2
ROWS = (
    Customer, OrgUnit, User, Earlier, Held, Group, Member, Licence, Schema, Event, Channel, Consent, Refresh, Access,
    Picture,
)  # fmt: skip
INDEXES = (
    "CREATE INDEX IF NOT EXISTS user_live ON user (customer, address) WHERE deleted_at IS NULL",
    "CREATE INDEX IF NOT EXISTS user_family ON user (customer, family, given, seq)",
    "CREATE INDEX IF NOT EXISTS user_deleted ON user (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS licence_sku ON licence (customer, product, sku)",
    "CREATE INDEX IF NOT EXISTS event_shown ON event (customer, shown_at)",
)


def create_tables() -> None:
    """All tables and indexes, where they are missing."""
    database.create_tables((*ROWS, Kept, Version))
    for statement in INDEXES:
        database.execute_sql(statement)
    if not Version.select().exists():
        Version.create(number=VERSION)


def is_ours() -> bool:
    """True when the open file is empty, or was made by this form of the tables."""
    names = set(database.get_tables())
    if not names:
        return True
    ours = {"version", "customer"} <= names
    return ours and bool(Version.select(SQL("1")).where(Version.number == VERSION).exists())
