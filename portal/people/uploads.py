"""Files that were uploaded for an import: in the database, so that a worker on any machine can read them, for a day."""

import hashlib
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO, Any

from peewee import BlobField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.auth.models import User
from portal.config import settings
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.organisations.models import Organisation
from portal.people.reading import known
from portal.problems import Problem
from portal.tables import Kind, Table, kind_of
from portal.tables import opened as open_table

KEPT = timedelta(days=1)
LEASE = timedelta(seconds=90)
PART = 1024 * 1024


class UploadGone(Problem):
    """The uploaded file is no longer kept."""

    status = 404
    title = "The file is no longer here"
    next_step = "Open Import and choose the file again."


class ImportState(StrEnum):
    """Nothing is changed before it is importing, and then everything or nothing."""

    READING = "reading"
    READ = "read"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"


# What a worker has to do.
OPEN = (ImportState.READING, ImportState.IMPORTING)


class Import(BaseModel):
    """A file on its way into the Employee List. token: the word that finds it again, for its owner only.

    lines, read: how many the file has, and how many of them have been read. found: what it would do, or did
    (see `imports.summary`). answers: what was said about it (`imports.answers`). lease_until: somebody is at it.
    """

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
    found = JSONField(default=dict)
    answers = JSONField(default=dict)
    problem = TextField(default="")
    created_at = UtcDateTimeField(default=now)
    lease_until = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state",), False),)

    @classmethod
    def due(cls) -> Any:
        """A select of those with something to do, that nobody is at."""
        free = cls.lease_until.is_null() | (cls.lease_until < now())
        return cls.select().where(cls.state.in_(OPEN), free).order_by(cls.id)

    def claim(self) -> bool:
        """Take it in hand. False when somebody is at it, or when there is nothing to do."""
        moment = now()
        free = Import.lease_until.is_null() | (Import.lease_until < moment)
        return self._hold(moment, Import.state.in_(OPEN) & free)

    def hold(self) -> bool:
        """Hold on to it, and say how far it is. False when it was lost or discarded."""
        return self._hold(now(), Import.lease_until == self.lease_until)

    def _hold(self, moment: Any, condition: Any) -> bool:
        until = moment + LEASE
        held = Import.update(lease_until=until, read=self.read).where(Import.id == self.id, condition).execute()
        self.lease_until = until if held else self.lease_until
        return bool(held)

    def become(self, state: ImportState, **changes: Any) -> bool:
        """Go over to the state, unless it has been discarded or somebody else was faster."""
        changes = {"state": state, "lease_until": None, **changes}
        mine = Import.update(**changes).where(Import.id == self.id, Import.state == self.state)
        if not mine.execute():
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True


class ImportPart(BaseModel):
    """A piece of the file, compressed."""

    import_ = ForeignKeyField(Import, column_name="import_id", on_delete="CASCADE")
    number = IntegerField()
    data = BlobField()

    class Meta:
        indexes = ((("import_", "number"), True),)


def keep(stream: IO[bytes], name: str, user: User) -> Import:
    """Keep the file for this user. Raises tables.Unreadable as `kind_of` does."""
    kind = kind_of(stream, name)
    with transaction():
        Import.delete().where(Import.created_at < now() - KEPT).execute()
        kept = Import.create(organisation=user.organisation, by=user, kind=kind)
        digest = hashlib.sha256()
        for number, piece in enumerate(iter(lambda: stream.read(PART), b"")):
            digest.update(piece)
            # How many rows a workbook has shows when they are read.
            kept.lines += piece.count(b"\n") if kind == Kind.CSV else 0
            ImportPart.create(import_=kept, number=number, data=zlib.compress(piece, 3))
        kept.sha256 = digest.hexdigest()
        kept.save(only=[Import.lines, Import.sha256])
    return kept


def of(token: str, user: User) -> Import:
    """The user's file. Raises UploadGone."""
    found = Import.get_or_none(Import.token == token[:43], Import.by == user.id)
    if found is None:
        raise UploadGone()
    return found


def discard(kept: Import) -> None:
    with transaction():
        Import.delete().where(Import.id == kept.id, Import.state != ImportState.IMPORTING).execute()


@contextmanager
def opened(kept: Import) -> Iterator[Table]:
    """The table in the file, read from a copy on this machine. Raises tables.Unreadable, and from its lines too."""
    with TemporaryFile() as file:
        numbers = list(ImportPart.select(ImportPart.id).where(ImportPart.import_ == kept).order_by(ImportPart.number))
        for part in numbers:
            file.write(zlib.decompress(ImportPart.get_by_id(part.id).data))
        yield open_table(file, kept.kind, knows=known, most_lines=settings().most_lines)
