"""A feed, its runs with the files they read, whom it has brought, and what needs a person."""

import base64
import json
import zlib
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField, fn

from portal import vault
from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, lock_row, now, transaction
from portal.languages import N_, read
from portal.languages.columns import SentenceField
from portal.leases import Leased
from portal.organisations.models import Organisation
from portal.people.models import Employee

KEPT = timedelta(days=30)
LOGGED = 50
PART = 256 * 1024
# A person who is missing from this many runs is listed.
MISSED = 3
FIRST_PREVIEWS = 3
EVERY = (1, 4, 24)


class Owner(StrEnum):
    """Who says what a field of the record is: the feed, the pages here, or the feed when a person is added."""

    FEED = "feed"
    HERE = "here"
    FIRST = "first"


class RunState(StrEnum):
    """Nothing is changed before a run is applying."""

    WAITING = "waiting"
    READING = "reading"
    ASKS = "asks"
    PREVIEW = "preview"
    APPLYING = "applying"
    DONE = "done"
    SAME = "same"
    STOPPED = "stopped"
    FAILED = "failed"
    TRIED = "tried"
    DISCARDED = "discarded"


# How a run began, as pages begin with it.
BEGAN = (N_("By schedule"), N_("By hand"), N_("With a file"))
# What a worker has to do; and what a person has to.
OPEN = (RunState.WAITING, RunState.READING, RunState.APPLYING)
ASKED = (RunState.ASKS, RunState.PREVIEW)


class How(StrEnum):
    """What began a run."""

    SCHEDULE = "by schedule"
    HAND = "by hand"
    TRIAL = "with a file"


BRAKE = {"leave": 5, "leave_percent": 5, "move": 20, "move_percent": 10, "rows_percent": 80}


class Feed(BaseModel):
    """Where records come from, what their columns mean, when they are fetched, and what stops them.

    options: of the source, no secret among them. answers: `columns.answers.Answers` of an Admin about all its files.
    mapping: plain heading -> what it means, once an Admin has approved a run; filled: its values, last time.
    host_key: of a server that an Admin has confirmed; offered_key: the one that it shows. owned: field -> Owner; one
    without is the feed's. previews: so many more runs are shown before they count.
    told: the situation about which the latest email was; one email for each.
    """

    organisation_id: int
    hears_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    name = CharField(max_length=80)
    kind = CharField(max_length=30)
    options = JSONField(default=dict)
    encrypted_secrets = TextField(default="")
    host_key = TextField(default="")
    offered_key = TextField(default="")
    answers = JSONField(default=dict)
    mapping = JSONField(default=dict)
    filled = JSONField(default=dict)
    owned = JSONField(default=dict)
    brake = JSONField(default=lambda: dict(BRAKE))
    every = IntegerField(default=24)
    hour = IntegerField(default=5)
    propose_end = BooleanField(default=False)
    hears = ForeignKeyField(User, null=True, on_delete="SET NULL")
    next_at = UtcDateTimeField(null=True)
    previews = IntegerField(default=FIRST_PREVIEWS)
    last_sha256 = CharField(max_length=64, default="")
    last_rows = IntegerField(default=0)
    marks = JSONField(default=dict)
    last_good_at = UtcDateTimeField(null=True)
    paused_at = UtcDateTimeField(null=True)
    paused_by_name = CharField(max_length=320, default="")
    stopped_at = UtcDateTimeField(null=True)
    stopped_why = SentenceField(default="")
    told = CharField(max_length=64, default="")
    failures = IntegerField(default=0)
    made_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    made_by_name = CharField(max_length=320, default="")
    made_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "id"), False), (("next_at",), False))

    @property
    def actor(self) -> str:
        """Who did what this feed did, for the audit log."""
        return f"Feed {self.name}"

    @property
    def runs_by_itself(self) -> bool:
        """Whether the schedule begins runs."""
        return self.paused_at is None and self.stopped_at is None

    def owner(self, field: str) -> Owner:
        return Owner(self.owned.get(field, Owner.FIRST if field == "company_email" else Owner.FEED))

    def after(self, moment: datetime) -> datetime:
        """When the schedule begins the next run."""
        return next_run(moment, self.every, self.hour, self.organisation.zone)


def next_run(moment: datetime, every: int, hour: int, zone: ZoneInfo) -> datetime:
    """The first moment after this one at which a feed runs: at an hour of the clock there, and every so many hours."""
    day = moment.astimezone(zone).date()
    hours = sorted((hour + step) % 24 for step in range(0, 24, every))
    for ahead in range(3):
        for each in hours:
            # An hour that the clock skips in spring is taken as the next one.
            at = datetime.combine(day + timedelta(ahead), time(each), zone).astimezone(moment.tzinfo)
            if at > moment:
                return at
    raise ValueError("no hour of three days lies ahead")


class FeedRun(Leased):
    """One look at the source. found: what the page shows of it (`import_plans.summary`). counts: what it did.

    digest: of the changes that an Admin was shown. begun: whether some of them were made already.
    brake: what went beyond the brake; lacking: what the source does not show us; both in sentences.
    """

    OPEN = OPEN
    LEASE = timedelta(minutes=5)

    organisation_id: int
    feed_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    feed = ForeignKeyField(Feed, on_delete="CASCADE")
    state = CharField(max_length=20, default=RunState.WAITING)
    how = CharField(max_length=20, default=How.SCHEDULE)
    by_name = CharField(max_length=320, default="")
    file_name = CharField(max_length=200, default="")
    created_at = UtcDateTimeField(default=now)
    finished_at = UtcDateTimeField(null=True)
    sha256 = CharField(max_length=64, default="")
    rows = IntegerField(default=0)
    found = JSONField(default=dict)
    counts = JSONField(default=dict)
    marks = JSONField(default=dict)
    brake = JSONField(default=list)
    lacking = JSONField(default=list)
    why = SentenceField(default="")
    next_step = SentenceField(default="")
    digest = CharField(max_length=64, default="")
    approved_by_name = CharField(max_length=320, default="")
    begun = BooleanField(default=False)

    class Meta:
        indexes = ((("feed", "id"), False), (("state",), False))

    @classmethod
    def due(cls) -> Any:
        """While one of an organisation is under way, none other of it: slow sources delay their own."""
        busy: Any = cls.alias()
        at_work = busy.select(busy.organisation).where(busy.state.in_(OPEN), cls.is_held(now(), of=busy))
        return super().due().where(cls.organisation.not_in(at_work))

    def claim(self, *conditions: Any, **changes: Any) -> bool:
        """Take its lease. False when a worker holds it or another one of its organisation, or nothing is to do."""
        with transaction():
            lock_row(Organisation, self.organisation_id)
            mine = (FeedRun.organisation == self.organisation_id) & FeedRun.is_held(now())
            if FeedRun.select().where(mine, FeedRun.state.in_(OPEN)).exists():
                return False
            return super().claim(*conditions, **changes)

    @property
    def brake_words(self) -> list[str]:
        """What went beyond the brake, as sentences."""
        return [read(words) for words in self.brake]

    @property
    def lacking_words(self) -> list[str]:
        """What the source does not show, as sentences."""
        return [read(words) for words in self.lacking]

    @property
    def is_trial(self) -> bool:
        return self.how == How.TRIAL


class FeedPart(BaseModel):
    """A piece of the file that a run read, compressed and then encrypted."""

    run = ForeignKeyField(FeedRun, on_delete="CASCADE")
    number = IntegerField()
    encrypted_data = TextField()

    class Meta:
        indexes = ((("run", "number"), True),)


class FeedPerson(BaseModel):
    """A person whom a feed has named. missed: in how many runs in a row it has not. seen_at: when it last did.

    offered: whether an Admin has said that an absent person stays.
    """

    employee_id: int
    feed = ForeignKeyField(Feed, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE")
    missed = IntegerField(default=0)
    seen_at = UtcDateTimeField(default=now)
    stays = BooleanField(default=False)

    class Meta:
        indexes = ((("feed", "employee"), True), (("feed", "missed"), False))


class FeedIssue(BaseModel):
    """A record of a feed that needs a person, and why; kept until a run no longer finds it. told: by email, once."""

    feed = ForeignKeyField(Feed, on_delete="CASCADE")
    key = CharField(max_length=60, default="")
    field = CharField(max_length=60, default="")
    reason = SentenceField()
    question = JSONField(null=True)
    since = UtcDateTimeField(default=now)
    told = BooleanField(default=False)

    class Meta:
        indexes = ((("feed", "id"), False),)


def sealed(secrets: dict[str, str]) -> str:
    """Credentials as they are kept."""
    return vault.encrypt(json.dumps(secrets)) if secrets else ""


def secrets_of(feed: Feed) -> dict[str, str]:
    """The credentials of the feed. Raises vault.CannotOpen."""
    return json.loads(vault.decrypt(feed.encrypted_secrets)) if feed.encrypted_secrets else {}


def keep(run: FeedRun, content: bytes) -> None:
    """Keep the file of the run, encrypted, in the transaction of the caller."""
    packed = zlib.compress(content, 6)
    for number, start in enumerate(range(0, len(packed), PART)):
        piece = base64.b64encode(packed[start : start + PART]).decode()
        FeedPart.create(run=run, number=number, encrypted_data=vault.encrypt(piece))


def content_of(run: FeedRun) -> bytes | None:
    """The file that the run read; None once it is no longer kept."""
    rows: Iterable[Any] = FeedPart.select().where(FeedPart.run == run).order_by(FeedPart.number)
    pieces = [base64.b64decode(vault.decrypt(row.encrypted_data)) for row in rows]
    return zlib.decompress(b"".join(pieces)) if pieces else None


def waiting(organisation: Organisation) -> Any:
    """The feeds that an Admin has to look at: stopped ones, and those that show what would change or ask."""
    later: Any = FeedRun.alias()
    newest = ~fn.EXISTS(
        later.select(later.id).where(later.feed == FeedRun.feed, later.how != How.TRIAL, later.id > FeedRun.id)
    )
    asks = FeedRun.select(FeedRun.id).where(
        FeedRun.feed == Feed.id, FeedRun.how != How.TRIAL, FeedRun.state.in_(ASKED), newest
    )
    mine = (Feed.organisation == organisation) & Feed.paused_at.is_null()
    return Feed.select().where(mine, Feed.stopped_at.is_null(False) | fn.EXISTS(asks))
