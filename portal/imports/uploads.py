"""Files that were uploaded for an import: in the database, so that a worker on any machine can read them, for a day."""

import hashlib
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO, Any

from peewee import Asc, BlobField, CharField, ForeignKeyField, IntegerField, JSONField, chunked, fn

from portal.auth.models import User
from portal.columns.answers import Answers
from portal.columns.known import known
from portal.config import settings
from portal.database import BaseModel, UtcDateTimeField, lock_row, now, transaction
from portal.languages import gettext as _
from portal.languages.columns import SentenceField, SentencesField
from portal.leases import Leased
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.tables import HowRead, Kind, Table, kind_of
from portal.tables import opened as open_table

KEPT = timedelta(days=1)
PART = 1024 * 1024
# Of one organisation: files that wait to be read or imported, and others. A file of so many lines is short.
MOST_OPEN, MOST_KEPT, SHORT = 5, 20, 5_000
LISTED = 5_000


class UploadGone(Problem):
    message = _("The uploaded file is no longer kept.")
    status = 404
    title = _("The file is no longer here")
    next_step = _("Open Import and choose the file again.")


class TooMany(Problem):
    message = _("Your organisation has several files that are still being read or imported.")
    status = 429
    title = _("Too many files at once")
    next_step = _("Wait until one of them is done, then upload this one.")


class ImportState(StrEnum):
    """Nothing is changed before it is importing, and then everything or nothing."""

    READING = "reading"
    READ = "read"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"


# What a worker has to do.
OPEN = (ImportState.READING, ImportState.IMPORTING)


class Import(Leased):
    """A file on its way into the Employee List. token: the word that finds it again, for its owner only.

    lines, read: lines below the heading, all and those that have been read. found: what it would do, or did
    (see `imports.summary`). answers: of the user about it (`imports.answers`).
    turn_at: when a worker last began with it.
    """

    OPEN = OPEN

    organisation_id: int
    by_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    by: Any = ForeignKeyField(User, on_delete="CASCADE")
    token = CharField(unique=True, max_length=43, default=lambda: secrets.token_urlsafe(16))
    kind = CharField(max_length=10, default="csv")
    state = CharField(max_length=20, default=ImportState.READING)
    sha256 = CharField(max_length=64, default="")
    lines = IntegerField(default=0)
    read = IntegerField(default=0)
    found = SentencesField(default=dict)
    answers = JSONField(default=dict)
    problem = SentenceField(default="")
    created_at = UtcDateTimeField(default=now)
    turn_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state",), False),)

    @classmethod
    def due(cls) -> Any:
        """A select of those with something to do that no worker holds, one organisation after the other.

        The organisation whose last turn is longest ago comes first, and each has one turn at a time.
        """
        other: Any = cls.alias()
        busy: Any = cls.alias()
        last = other.select(fn.MAX(other.turn_at)).where(other.organisation == cls.organisation)
        at_work = busy.select(busy.organisation).where(busy.state.in_(OPEN), cls.is_held(now(), of=busy))
        due = super().due().where(cls.organisation.not_in(at_work))
        return due.order_by(Asc(last, nulls="first"), cls.id)

    def claim(self, *conditions: Any, **changes: Any) -> bool:
        """Take its lease. False when a worker holds it or another one of its organisation, or nothing is to do."""
        with transaction():
            lock_row(Organisation, self.organisation_id)
            at_work = (Import.organisation == self.organisation_id) & Import.is_held(now())
            if Import.select().where(at_work, Import.state.in_(OPEN)).exists():
                return False
            return super().claim(*conditions, turn_at=now(), **changes)

    def become(self, state: ImportState, **changes: Any) -> bool:
        """Go over to the state from one in which no worker is needed, unless it is gone or another was faster."""
        changes = {"state": state, "lease_until": None, **changes}
        mine = Import.update(**changes).where(Import.id == self.id, Import.state == self.state)
        if not mine.execute():
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True


class ImportPart(BaseModel):
    """A piece of the file, compressed. Below zero: a piece of what the file would do, line by line."""

    import_ = ForeignKeyField(Import, column_name="import_id", on_delete="CASCADE")
    number = IntegerField()
    data = BlobField()

    class Meta:
        indexes = ((("import_", "number"), True),)


def keep(stream: IO[bytes], name: str, user: User) -> Import:
    """Keep the file for this user. Raises tables.Unreadable as `kind_of` does, and TooMany."""
    kind = kind_of(stream, name)
    # The first line is the heading, and the last one need not end.
    digest, pieces, lines, last = hashlib.sha256(), [], -1, b"\n"
    for piece in iter(lambda: stream.read(PART), b""):
        digest.update(piece)
        lines, last = lines + piece.count(b"\n"), piece[-1:]
        pieces.append(zlib.compress(piece, 3))
    with transaction():
        Import.delete().where(Import.created_at < now() - KEPT, Import.state.not_in(OPEN)).execute()
        _make_room(user.organisation)
        kept = Import.create(
            organisation=user.organisation, by=user, kind=kind, sha256=digest.hexdigest(),
            # How many rows a workbook has shows when they are read.
            lines=max(lines + (last != b"\n"), 0) if kind == Kind.CSV else 0,
        )  # fmt: skip
        for number, data in enumerate(pieces):
            ImportPart.create(import_=kept, number=number, data=data)
    return kept


def _make_room(organisation: Organisation) -> None:
    """Let go of the oldest files of the organisation, so that at most so many are left. Raises TooMany."""
    here = Import.select().where(Import.organisation == organisation)
    if here.where(Import.state.in_(OPEN)).count() >= MOST_OPEN:
        raise TooMany()
    rest: Any = here.select(Import.id).where(Import.state.not_in(OPEN)).order_by(Import.id.desc()).offset(MOST_KEPT)
    Import.delete().where(Import.id.in_([row.id for row in rest.limit(1_000)])).execute()


def is_short(kept: Import) -> bool:
    """Whether a person can wait while it is read: text of few lines and of one part."""
    one_part = not ImportPart.select().where(ImportPart.import_ == kept, ImportPart.number > 0).exists()
    return kept.kind == Kind.CSV and kept.lines <= SHORT and one_part


def keep_listing(kept: Import, lines: Iterable[str]) -> None:
    """Keep what the file would do, line by line; in the place of what was kept before."""
    pieces = [zlib.compress("".join(some).encode(), 3) for some in chunked(lines, LISTED)]
    with transaction():
        ImportPart.delete().where(ImportPart.import_ == kept, ImportPart.number < 0).execute()
        for number, data in enumerate(pieces, 1):
            ImportPart.create(import_=kept, number=-number, data=data)


def listing(kept: Import) -> Iterator[str]:
    """What the file would do, line by line as CSV."""
    parts = ImportPart.select(ImportPart.id).where(ImportPart.import_ == kept, ImportPart.number < 0)
    for part in list(parts.order_by(ImportPart.number.desc())):
        yield zlib.decompress(ImportPart.get_by_id(part.id).data).decode()


def of(token: str, user: User) -> Import:
    """The user's file. Raises UploadGone."""
    found = Import.get_or_none(Import.token == token[:43], Import.by == user.id)
    if found is None:
        raise UploadGone()
    return found


def unfinished(user: User) -> list[Import]:
    """The user's files that are not imported yet, newest first, without what they would do."""
    columns = (Import.id, Import.token, Import.state, Import.lines, Import.created_at)
    theirs = Import.select(*columns).where(Import.by == user.id, Import.state != ImportState.DONE)
    return list(theirs.order_by(Import.id.desc()))


def discard(kept: Import) -> None:
    with transaction():
        Import.delete().where(Import.id == kept.id, Import.state != ImportState.IMPORTING).execute()


@contextmanager
def opened(kept: Import) -> Iterator[Table]:
    """The table in the file, read from a copy on this machine. Raises tables.Unreadable, and from its lines too."""
    with TemporaryFile() as file:
        parts = ImportPart.select(ImportPart.id).where(ImportPart.import_ == kept, ImportPart.number >= 0)
        for part in list(parts.order_by(ImportPart.number)):
            file.write(zlib.decompress(ImportPart.get_by_id(part.id).data))
        answers, country = Answers.of(kept.answers), kept.organisation.country or ""
        how = HowRead(answers.encoding, answers.sheet, country)
        yield open_table(file, kept.kind, knows=known, most_lines=settings().most_lines, how=how)
