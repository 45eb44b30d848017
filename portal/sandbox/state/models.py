"""The tables. A user's properties are kept as Graph shows them, in `body`; the columns beside it are to be found by.

Text columns of a user hold the value folded to lower case, since the directory compares without case.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import (
    SQL,
    AutoField,
    BlobField,
    BooleanField,
    FloatField,
    IntegerField,
    SqliteDatabase,
    TextField,
)

from portal.sandbox.rows import JSONText, KeptModel

database = SqliteDatabase(None, thread_safe=False)


class Record(KeptModel):
    class Meta:
        database = database


class Tenant(Record):
    """A directory. products: subscribedSkus without their use. granted: permissions of the application here."""

    id = TextField(primary_key=True)
    name = TextField()
    country = TextField()
    domains = JSONText()
    products = JSONText()
    granted = JSONText(default=list)
    # Whether the application has a service principal here: without one there are no tokens at all.
    registered = BooleanField(default=False)
    # Directory roles that the service principal of the application holds.
    app_roles = JSONText(default=list)
    tokens_valid_from = FloatField(default=0)
    # Who may have a Temporary Access Pass, and for how long, as far as it differs from what is usual.
    pass_policy = JSONText(default=dict)
    # From when on the granted permissions are in the tokens.
    granted_at = FloatField(default=0)
    # What the application may do in the name of people: user id -> scopes; "" for everybody.
    delegated = JSONText(default=dict)
    # Who may agree to that: a key of identity.scopes.POLICIES.
    consent_policy = TextField(default="microsoft")

    @property
    def default_domain(self) -> str:
        return next(domain["id"] for domain in self.domains if domain["isDefault"])

    def product(self, sku_id: str) -> dict[str, Any] | None:
        return next((item for item in self.products if item["skuId"] == sku_id.lower()), None)


class UserFields(Record):
    """What both a user and an earlier state of a user have."""

    seq = AutoField()
    id = TextField()
    tenant = TextField()
    deleted_at = FloatField(null=True)
    visible_at = FloatField(default=0)
    mailbox_due = FloatField(null=True)
    # When Exchange follows another user principal name.
    addresses_due = FloatField(null=True)
    enabled = BooleanField(default=True)
    manager = TextField(null=True)
    roles = JSONText(default=list)
    password = TextField()
    must_change = BooleanField(default=False)
    # The Temporary Access Pass: value, begins, ends (seconds), once.
    access_pass = JSONText(default=dict)
    upn = TextField()
    display_name = TextField(null=True)
    given_name = TextField(null=True)
    surname = TextField(null=True)
    mail = TextField(null=True)
    mail_nickname = TextField(null=True)
    employee_id = TextField(null=True)
    department = TextField(null=True)
    job_title = TextField(null=True)
    usage_location = TextField(null=True)
    user_type = TextField(null=True)
    created = TextField(null=True)
    # The words of the display name, each after a space, for $search.
    words = TextField(default="")
    body = JSONText()


class User(UserFields):
    class Meta:
        table_name = "user"


class Picture(Record):
    """A picture that was set; no content: it was taken away. since: when everything shows it."""

    seq = AutoField()
    user = TextField(index=True)
    content = BlobField()
    since = FloatField()


class EarlierUser(UserFields):
    """A user as the search index still has them."""

    class Meta:
        table_name = "earlier_user"


class IndexedUser(UserFields):
    """Users as the search index has them: a view."""

    class Meta:
        table_name = "indexed_user"


class Lag(Record):
    """A user whose last change has not reached the search index."""

    id = TextField(primary_key=True)
    until = FloatField(index=True)


class Address(Record):
    """A proxy address, folded, of a live user."""

    tenant = TextField()
    key = TextField()
    user = TextField(index=True)


class Word(Record):
    """A word of the display name, folded, of a live user."""

    tenant = TextField()
    word = TextField()
    user = TextField(index=True)


class Licence(Record):
    """A product that a live user holds; group: the group it comes through, empty when it is their own."""

    tenant = TextField()
    sku = TextField()
    user = TextField(index=True)
    group = TextField(default="")


class Group(Record):
    seq = AutoField()
    id = TextField(unique=True)
    tenant = TextField(index=True)
    display_name = TextField()
    mail = TextField(null=True)
    mail_nickname = TextField(null=True)
    created = TextField(null=True)
    words = TextField(default="")
    body = JSONText()


class Member(Record):
    group = TextField()
    user = TextField(index=True)


class Owner(Record):
    """Who owns a group, whether they are in it or not."""

    group = TextField()
    user = TextField(index=True)


class Change(Record):
    """What delta queries tell. kind: created, updated, deleted, restored or purged."""

    seq = AutoField()
    tenant = TextField()
    user = TextField()
    at = FloatField()
    kind = TextField()
    names = JSONText(default=list)


class Mail(Record):
    tenant = TextField()
    user = TextField()
    at = FloatField()
    message = JSONText()


class Mailbox(Record):
    """What an owner or an application changed in a mailbox. One that nobody changed has no row.

    purpose: as Exchange tells it. ends: when it is deleted for good, since the licence that it needs is gone.
    """

    user = TextField(primary_key=True)
    purpose = TextField(default="user")
    settings = JSONText(default=dict)
    rules = JSONText(default=list)
    ends = FloatField(null=True, index=True)


class MailItem(Record):
    """A message in a person's mailbox.

    id: changes when it moves; immutable: does not. folder: a name that Graph has for it, or any other; "" while it is
    on its way out. due: when it arrives in Sent Items. references: the message ids that it answers, the nearest one
    last. properties: extended ones, id -> value. kind: the message class. source: the MIME of what did not begin here.
    """

    seq = AutoField()
    id = TextField(unique=True)
    immutable = TextField(index=True)
    tenant = TextField()
    user = TextField(index=True)
    folder = TextField()
    internet_id = TextField(index=True)
    conversation = TextField()
    sender = TextField()
    created = FloatField()
    received = FloatField()
    sent = FloatField(null=True)
    changed = FloatField()
    draft = BooleanField(default=False)
    due = FloatField(null=True, index=True)
    references = JSONText(default=list)
    properties = JSONText(default=dict)
    kind = TextField(default="IPM.Note")
    source = TextField(default="")
    body = JSONText()

    class Meta:
        table_name = "mail_item"


class MailFile(Record):
    """An attachment of a message: its content in base64."""

    id = TextField(primary_key=True)
    item = IntegerField(index=True)
    at = FloatField()
    name = TextField()
    content_type = TextField(null=True)
    size = IntegerField()
    inline = BooleanField(default=False)
    data = TextField()

    class Meta:
        table_name = "mail_file"


class OutsideMail(Record):
    """A mail in the box of an address that no tenant has. outgoing: it was written there.

    meeting: the event that it is about: its uid, method, times and place; empty for other mail.
    """

    seq = AutoField()
    address = TextField(index=True)
    outgoing = BooleanField(default=False)
    at = FloatField()
    sender = TextField()
    recipients = JSONText(default=list)
    subject = TextField()
    text = TextField()
    internet_id = TextField()
    references = JSONText(default=list)
    files = JSONText(default=list)
    meeting = JSONText(default=dict)

    class Meta:
        table_name = "outside_mail"


class CalendarEvent(Record):
    """An event in a person's calendar. uid: the same in all calendars. organiser: whether it is that person's own.

    id, immutable, properties: as those of a MailItem. transaction: the word by which it is made only once. starts,
    ends: seconds; their zones: as the organiser gave them. gone: it was called off or deleted.
    """

    seq = AutoField()
    id = TextField(unique=True)
    immutable = TextField(index=True)
    tenant = TextField()
    user = TextField(index=True)
    uid = TextField(index=True)
    organiser = BooleanField(default=True)
    transaction = TextField(default="")
    created = FloatField()
    changed = FloatField()
    starts = FloatField(index=True)
    ends = FloatField()
    start_zone = TextField(default="UTC")
    end_zone = TextField(default="UTC")
    join_url = TextField(default="")
    gone = BooleanField(default=False)
    properties = JSONText(default=dict)
    body = JSONText()

    class Meta:
        table_name = "calendar_event"


class RefreshToken(Record):
    """What a refresh token stands for."""

    token = TextField(primary_key=True)
    held = JSONText()

    class Meta:
        table_name = "refresh_token"


class Subscription(Record):
    id = TextField(primary_key=True)
    tenant = TextField(index=True)
    expires = FloatField()
    body = JSONText()


class Kept(Record):
    """Small things that outlive a restart."""

    name = TextField(primary_key=True)
    value = TextField()


class Version(Record):
    """The one row says by which form of the tables the file was made."""

    number = IntegerField()


VERSION = 8
ROWS = (
    Tenant, User, EarlierUser, Lag, Address, Word, Licence, Group, Member, Owner, Change, Mail, Mailbox, Picture,
    Subscription,
    MailItem, MailFile, OutsideMail, CalendarEvent, RefreshToken,
)  # fmt: skip
TABLES = (*ROWS, Kept, Version)

INDEXES = (
    "CREATE UNIQUE INDEX IF NOT EXISTS user_id ON user (id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS user_upn ON user (upn, tenant)",
    "CREATE INDEX IF NOT EXISTS user_live ON user (tenant, seq) WHERE deleted_at IS NULL",
    "CREATE INDEX IF NOT EXISTS user_display_name ON user (tenant, display_name, seq)",
    "CREATE INDEX IF NOT EXISTS user_mail ON user (mail, tenant)",
    "CREATE INDEX IF NOT EXISTS user_surname ON user (surname, tenant)",
    "CREATE INDEX IF NOT EXISTS user_given_name ON user (given_name, tenant)",
    "CREATE INDEX IF NOT EXISTS user_employee_id ON user (employee_id, tenant) WHERE employee_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS user_department ON user (department, tenant) WHERE department IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS user_manager ON user (manager) WHERE manager IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS user_deleted ON user (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS user_mailbox ON user (mailbox_due) WHERE mailbox_due IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS user_addresses ON user (addresses_due) WHERE addresses_due IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS address_key ON address (key, tenant)",
    "CREATE INDEX IF NOT EXISTS word_word ON word (word, tenant)",
    # The user as well, so that seats in use are counted within the index.
    "CREATE INDEX IF NOT EXISTS licence_holders ON licence (sku, tenant, user)",
    'CREATE UNIQUE INDEX IF NOT EXISTS member_pair ON member ("group", user)',
    'CREATE UNIQUE INDEX IF NOT EXISTS owner_pair ON owner ("group", user)',
    "CREATE INDEX IF NOT EXISTS change_tenant ON change (tenant, seq)",
)
VIEW = (
    "CREATE VIEW IF NOT EXISTS indexed_user AS SELECT * FROM user WHERE id NOT IN (SELECT id FROM lag) "
    "UNION ALL SELECT * FROM earlier_user"
)


def create_tables() -> None:
    """All tables, indexes and the view, where they are missing."""
    database.create_tables(TABLES)
    for statement in (*INDEXES, VIEW):
        database.execute_sql(statement)
    if not Version.select().exists():
        Version.create(number=VERSION)


@contextmanager
def without_indexes() -> Iterator[None]:
    """Filling many rows is faster when the indexes are made afterwards, in one go."""
    for statement in INDEXES:
        database.execute_sql(f"DROP INDEX {statement.partition('EXISTS ')[2].split()[0]}")
    yield
    for statement in INDEXES:
        database.execute_sql(statement)
    # So that the planner knows which index leads to few.
    database.execute_sql("ANALYZE")


def is_ours() -> bool:
    """True when the open file is empty, or was made by this form of the tables."""
    names = set(database.get_tables())
    if not names:
        return True
    return "version" in names and bool(Version.select(SQL("1")).where(Version.number == VERSION).exists())
