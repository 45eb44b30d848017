"""The files of candidates. They are kept in the database, so a backup has them and an erasure takes them."""

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Any

from peewee import BlobField, CharField, ForeignKeyField, IntegerField

from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.organisations.models import Organisation
from portal.recruitment.file_kinds import clean_name, kind_of
from portal.recruitment.models import Application, Candidate

PART = 1024 * 1024
# A file that came with a form in which something else was wrong.
KEPT_WITHOUT_CANDIDATE = timedelta(hours=1)
# Of one kind, of one application: a person may send the form again and again.
MOST_OF_A_KIND = 10
# Of one organisation, that belong to nobody yet.
MOST_WITHOUT_CANDIDATE = 100


class FileKind(StrEnum):
    """What a file is for, and which way it went."""

    CV = "cv"
    LETTER = "letter"
    RECEIVED = "received"
    SENT = "sent"


class StoredFile(BaseModel):
    """A candidate's file. candidate: None while the form that it came with is not right yet.

    name: as the candidate's machine called it, as one line. type: a file_kinds.FileType. size: in bytes.
    """

    organisation_id: int
    candidate_id: int | None
    application_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, null=True, backref="files", on_delete="CASCADE")
    application = ForeignKeyField(Application, null=True, backref="files", on_delete="SET NULL")
    kind = CharField(max_length=10)
    name = CharField(max_length=160)
    type = CharField(max_length=10)
    size = IntegerField()
    sha256 = CharField(max_length=64)
    at = UtcDateTimeField(default=now, index=True)

    def attach(self, application: Application) -> None:
        """Within a transaction: it is a file of this application from now on. The same one is not kept twice."""
        mine = (StoredFile.application == application) & (StoredFile.kind == self.kind)
        if StoredFile.select().where(mine, StoredFile.sha256 == self.sha256, StoredFile.id != self.id).exists():
            self.delete_instance()
            return
        self.candidate, self.application, self.at = application.candidate, application, now()
        self.save()
        _drop(StoredFile.select(StoredFile.id).where(mine), most=MOST_OF_A_KIND)


class StoredPart(BaseModel):
    """A piece of a file. number: from 0."""

    file = ForeignKeyField(StoredFile, backref="parts", on_delete="CASCADE")
    number = IntegerField()
    data = BlobField()

    class Meta:
        indexes = ((("file", "number"), True),)


def store(
    organisation: Organisation, kind: FileKind, name: str, content: bytes,
    *, candidate: Candidate | None = None, application: Application | None = None,
) -> StoredFile:  # fmt: skip
    """Keep the file. name: as it was sent. Raises file_kinds.FileRefused for what is not taken."""
    found = kind_of(content)
    with transaction():
        if candidate is None:
            _make_room(organisation)
        file = StoredFile.create(
            organisation=organisation, candidate=candidate, application=application, kind=kind, type=found,
            name=clean_name(name, found), size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        for number, start in enumerate(range(0, len(content), PART)):
            StoredPart.create(file=file, number=number, data=content[start : start + PART])
    return file


def content_of(file: StoredFile) -> bytes:
    """The file as it came, byte for byte."""
    parts: Any = StoredPart.select(StoredPart.data).where(StoredPart.file == file).order_by(StoredPart.number)
    return b"".join(bytes(part.data) for part in parts)


def waiting(file_id: int, sha256: str, organisation: Organisation) -> StoredFile | None:
    """A file that belongs to nobody yet, while it is kept. sha256: SQLite may give the number of one that is gone to
    somebody else's.
    """
    return StoredFile.get_or_none(
        StoredFile.id == file_id, StoredFile.sha256 == sha256, StoredFile.organisation == organisation,
        StoredFile.candidate.is_null(), StoredFile.at > now() - KEPT_WITHOUT_CANDIDATE,
    )  # fmt: skip


def _make_room(organisation: Organisation) -> None:
    unowned = StoredFile.candidate.is_null() & (StoredFile.organisation == organisation)
    _drop(StoredFile.select(StoredFile.id).where(unowned), most=MOST_WITHOUT_CANDIDATE - 1)


def _drop(query: Any, *, most: int) -> None:
    """Let go of the oldest of these files, so that so many are left."""
    oldest = [row.id for row in query.order_by(StoredFile.id.desc()).offset(most).limit(1_000)]
    if oldest:
        StoredFile.delete().where(StoredFile.id.in_(oldest)).execute()


def sweep() -> None:
    """Let go of files whose form was never corrected."""
    with transaction():
        StoredFile.delete().where(
            StoredFile.candidate.is_null(), StoredFile.at < now() - KEPT_WITHOUT_CANDIDATE
        ).execute()
