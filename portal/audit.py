"""The trail: who did what to whom, when and from where.

`record` is its only writer and runs in the change's own transaction, so that nothing is changed that could not be
recorded. The database refuses to change or remove a line (see the migration), but for one thing: `erase` takes the
personal values out of a line. The chain goes over a salted hash of them, so it stays whole.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from portal.database import BaseModel, UtcDateTimeField, database, now, take_turns
from portal.organisations.models import Organisation

ERASURE = "erase personal data"
# Where the request that is being answered came from; empty in the worker and on the command line.
coming_from: ContextVar[str] = ContextVar("coming_from", default="")


class AuditEntry(BaseModel):
    """One line of an organisation's trail. `hash` covers the line and the hash before it.

    values_hash: of the values that can be erased (subject_name, detail, address), with the salt. Lines from before
    there was one have none: there the hash covers the values themselves, and they cannot be erased.
    """

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
    address = CharField(max_length=64, default="")
    salt = CharField(max_length=32, default="")
    values_hash = CharField(max_length=64, default="")
    erased = BooleanField(default=False)

    class Meta:
        indexes = ((("organisation", "number"), True),)

    def computed_hash(self, previous: str) -> str:
        line = [
            previous, self.organisation_id, self.number, self.at.isoformat(), self.by_id, self.by_name,
            self.action, self.subject_kind, self.subject_id,
        ]  # fmt: skip
        return _hash([*line, self.values_hash] if self.values_hash else [*line, self.subject_name, self.detail])

    def computed_values_hash(self) -> str:
        return _hash([self.salt, self.subject_name, self.detail, self.address])

    @property
    def values_are_sound(self) -> bool:
        """Whether the values are those that were recorded, or were erased as a whole."""
        if self.erased:
            return not (self.subject_name or self.detail or self.address)
        return not self.values_hash or self.values_hash == self.computed_values_hash()


def _hash(line: list[Any]) -> str:
    return hashlib.sha256(json.dumps(line, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _name_of(subject: Any) -> str:
    names = (getattr(subject, name, None) for name in ("name", "username", "tenant_name", "email", "title"))
    return next((str(name) for name in names if name), "")[:320]


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
    take_turns(Organisation, organisation.id)
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
        subject_name=_name_of(subject),
        detail=detail,
        address=coming_from.get()[:64],
        salt=secrets.token_hex(16),
    )
    entry.values_hash = entry.computed_values_hash()
    entry.hash = entry.computed_hash(last.hash if last else "")
    entry.save(force_insert=True)
    return entry


def first_broken(organisation: Organisation) -> int | None:
    """The number of the first line of the organisation's trail that was altered, removed or inserted; None if sound.

    An erased line is sound when a later one records its erasure.
    """
    previous, expected = "", 1
    erased: set[int] = set()
    query = AuditEntry.select().where(AuditEntry.organisation == organisation).order_by(AuditEntry.number)
    for entry in query.iterator():
        if entry.number != expected or entry.hash != entry.computed_hash(previous) or not entry.values_are_sound:
            return expected
        previous, expected = entry.hash, expected + 1
        if entry.erased:
            erased.add(entry.number)
        if entry.action == ERASURE:
            erased.difference_update(entry.detail.get("lines", ()))
    return min(erased, default=None)


def erase(organisation: Organisation, entries: Iterable[AuditEntry], *, by: Any, subject: Any) -> None:
    """Take the personal values out of these lines, and record that it was done. Lines without a salt are left."""
    erasable = [entry for entry in entries if entry.values_hash and not entry.erased and entry.action != ERASURE]
    for entry in erasable:
        wiped: dict[Any, Any] = {
            AuditEntry.subject_name: "", AuditEntry.detail: {}, AuditEntry.address: "", AuditEntry.salt: "",
            AuditEntry.erased: True,
        }  # fmt: skip
        AuditEntry.update(wiped).where(AuditEntry.id == entry.id).execute()
    numbers = [entry.number for entry in erasable]
    record(by, ERASURE, subject, organisation=organisation, lines=numbers)
