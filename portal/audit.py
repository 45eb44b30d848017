"""The trail: who did what to whom, when. `record` is its only writer and runs in the change's own transaction."""

import hashlib
import json
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, JSONField

from portal.database import BaseModel, UtcDateTimeField, database, is_sqlite, now
from portal.organisations.models import Organisation


class AuditEntry(BaseModel):
    """One line of an organisation's trail. `hash` covers the line and the hash before it."""

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    number = IntegerField()
    at = UtcDateTimeField(default=now)
    by_id = IntegerField(null=True)
    by_name = CharField(max_length=320, default="")
    action = CharField(max_length=60)
    subject_kind = CharField(max_length=40, default="")
    subject_id = IntegerField(null=True)
    subject_name = CharField(max_length=320, default="")
    detail = JSONField(default=dict)
    hash = CharField(max_length=64)

    class Meta:
        indexes = ((("organisation", "number"), True),)

    def computed_hash(self, previous: str) -> str:
        line = [
            previous, self.organisation_id, self.number, self.at.isoformat(), self.by_id, self.by_name,
            self.action, self.subject_kind, self.subject_id, self.subject_name, self.detail,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(line, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def record(
    by: Any, action: str, subject: Any, *, organisation: Organisation | None = None, **detail: Any
) -> AuditEntry:
    """Add a line about `subject` (a row). Must run inside the transaction of the change it records.

    by: the User who acted, or a word such as "command line" for nobody in particular.
    detail: plain values, never a secret.
    """
    if not database.in_transaction():
        raise RuntimeError("audit.record belongs inside the change's own transaction")
    organisation = organisation or getattr(subject, "organisation", None) or by.organisation
    # PostgreSQL: the row lock makes writers of one organisation's chain take turns. SQLite has one writer anyway.
    if not is_sqlite():
        Organisation.select().where(Organisation.id == organisation.id).for_update().execute()
    last = (
        AuditEntry.select(AuditEntry.number, AuditEntry.hash)
        .where(AuditEntry.organisation == organisation)
        .order_by(AuditEntry.number.desc())
        .first()
    )
    person = by if isinstance(by, str) else by.display_name
    entry = AuditEntry(
        organisation=organisation,
        number=last.number + 1 if last else 1,
        at=now(),
        by_id=None if isinstance(by, str) else by.id,
        by_name=person,
        action=action,
        subject_kind=type(subject).__name__,
        subject_id=subject.id,
        subject_name=getattr(subject, "name", None) or getattr(subject, "username", None) or "",
        detail=detail,
    )
    entry.hash = entry.computed_hash(last.hash if last else "")
    entry.save(force_insert=True)
    return entry


def first_broken(organisation: Organisation) -> int | None:
    """The number of the first line of the organisation's trail that was altered, removed or inserted; None if sound."""
    previous, expected = "", 1
    query = AuditEntry.select().where(AuditEntry.organisation == organisation).order_by(AuditEntry.number)
    for entry in query.iterator():
        if entry.number != expected or entry.hash != entry.computed_hash(previous):
            return expected
        previous, expected = entry.hash, expected + 1
    return None
