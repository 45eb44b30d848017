"""The audit log: who did what to whom, when and from where.

`record` is its only writer and runs in the change's own transaction, so that nothing is changed that could not be
recorded. The database refuses to change or remove a line (see the migration), but for one thing: `erase` takes the
personal values out of a line. The chain goes over a salted hash of them, so it stays whole.

Each organisation's chain is keyed (HMAC): an attacker who can write to the database but lacks PORTAL_ENCRYPTION_KEYS
cannot compute it again. A chain that was cut off differs from its end of an earlier hour, which is in the log.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal import vault
from portal.asking import kept
from portal.database import BaseModel, UtcDateTimeField, database, lock_row, now, transaction, without_nul
from portal.languages import gettext as _
from portal.languages import joined
from portal.logs import log
from portal.organisations.models import Organisation

ERASURE = "erase personal data"
KEYED = "key audit log"
LINE = re.compile(r"[0-9]{1,9}:[0-9a-f]{64}")
# Where the request that is being answered came from; empty in the worker and on the command line.
coming_from: ContextVar[str] = ContextVar("coming_from", default="")


@dataclass
class Behalf:
    """For whom a request that no user makes acts: what each of its lines tells of that, beside its own detail.

    witnesses: called with each line, within the transaction of its change.
    """

    detail: dict[str, Any]
    witnesses: "list[Callable[[AuditEntry], None]]" = field(default_factory=list)


behalf: ContextVar[Behalf | None] = ContextVar("behalf", default=None)


class AuditEntry(BaseModel):
    """One line of an organisation's audit log. `hash` covers the line and the hash before it.

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

    def computed_hash(self, previous: str, key: "ChainKey | None") -> str:
        """key: of the organisation's chain; lines from before it had one are hashed without."""
        line = [
            previous, self.organisation_id, self.number, self.at.isoformat(), self.by_id, self.by_name,
            self.action, self.subject_kind, self.subject_id,
        ]  # fmt: skip
        line += [self.values_hash] if self.values_hash else [self.subject_name, self.detail]
        return key.hash(line) if key is not None and self.number >= key.first else _hash(line)

    def computed_values_hash(self) -> str:
        return _hash([self.salt, self.subject_name, self.detail, self.address])

    @property
    def values_are_sound(self) -> bool:
        """Whether the values are those that were recorded, or were erased as a whole."""
        if self.erased:
            return not (self.subject_name or self.detail or self.address)
        return not self.values_hash or self.values_hash == self.computed_values_hash()


def _hash(line: list[Any]) -> str:
    return hashlib.sha256(_plain(line)).hexdigest()


def _plain(line: list[Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, sort_keys=True).encode()


class AuditKey(BaseModel):
    """The key of an organisation's chain, encrypted together with whose it is and from which line on it counts.

    So no other encrypted value, which an attacker may know, can take its place. One that cannot be opened any more is
    replaced at the next line, and the lines before it can no longer be checked.
    """

    replaced_when_lost = True
    organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
    encrypted_key = TextField()


@dataclass(frozen=True)
class ChainKey:
    """first: the number of the first line that is hashed with the key."""

    first: int
    secret: bytes

    def hash(self, line: list[Any]) -> str:
        return hmac.new(self.secret, _plain(line), hashlib.sha256).hexdigest()

    def encrypted(self, organisation_id: int) -> str:
        return vault.encrypt(f"{KEYED} {organisation_id} {self.first} {self.secret.hex()}")


def key_of(organisation: Organisation) -> ChainKey | None:
    """The key of the organisation's chain; None when there is none, or none that can be opened."""
    row = _key.first(organisation=organisation.id)
    return _opened(row[0], organisation.id) if row else None


@lru_cache(maxsize=256)
def _opened(encrypted: str, organisation_id: int) -> ChainKey | None:
    try:
        words = vault.decrypt(encrypted).removeprefix(f"{KEYED} {organisation_id} ").split()
    except vault.CannotOpen:
        return None
    return ChainKey(int(words[0]), bytes.fromhex(words[1])) if len(words) == 2 else None


@kept
def _key(*, organisation: Any) -> Any:
    return AuditKey.select(AuditKey.encrypted_key).where(AuditKey.organisation == organisation).limit(1).tuples()


def _key_from(organisation: Organisation, number: int) -> ChainKey:
    """The key of the chain, within the transaction that writes this line; a new one where there is none."""
    found = key_of(organisation)
    if found is None:
        found = ChainKey(number, secrets.token_bytes(32))
        AuditKey.delete().where(AuditKey.organisation == organisation).execute()
        AuditKey.create(organisation=organisation, encrypted_key=found.encrypted(organisation.id))
        if number > 1:
            log.warning("new key of an audit log", organisation=organisation.id, line=number)
    return found


class Actor(Protocol):
    """Who does something: a user of the portal."""

    id: Any
    display_name: Any
    organisation: Any


def _name_of(subject: Any) -> str:
    names = (getattr(subject, name, None) for name in ("name", "username", "tenant_name", "email", "title"))
    return next((str(name) for name in names if name), "")[:320]


def record(
    by: Actor | str, action: str, subject: Any, *, organisation: Organisation | None = None, **detail: Any
) -> AuditEntry:
    """Add a line about `subject` (a row). Must run inside the transaction of the change it records.

    by: the user who acted, or a word such as "command line" where no user did.
    detail: plain values, never a secret.
    """
    if not database.in_transaction():
        raise RuntimeError("audit.record belongs inside the change's own transaction")
    organisation = organisation or getattr(subject, "organisation", None) or by.organisation  # type: ignore[union-attr]
    lock_row(Organisation, organisation.id)
    number, previous = _last_line(organisation)
    person = by if isinstance(by, str) else by.display_name
    acting = behalf.get()
    entry = AuditEntry(
        organisation=organisation,
        number=number + 1,
        at=now(),
        by_id=None if isinstance(by, str) else by.id,
        by_name=without_nul(person),
        action=action,
        subject_kind=type(subject).__name__,
        subject_id=subject.id,
        subject_name=without_nul(_name_of(subject)),
        # The hash is of what will be read again.
        detail=without_nul({**detail, **acting.detail} if acting else detail),
        address=coming_from.get()[:64],
        salt=secrets.token_hex(16),
    )
    entry.values_hash = entry.computed_values_hash()
    entry.hash = entry.computed_hash(previous, _key_from(organisation, entry.number))
    entry.save(force_insert=True)
    for witness in acting.witnesses if acting else ():
        witness(entry)
    return entry


@dataclass(frozen=True)
class Checked:
    """What was found out about the lines of one organisation's audit log.

    broken: the number of the first line that was altered, removed or inserted; None if there is none among those that
    are there. keyed_from: the first line that nobody without the key can have written; None when there is no key.
    last: number and hash of the last line, as `NUMBER:HASH`; empty when there is no line.
    """

    lines: int
    broken: int | None
    keyed_from: int | None
    last: str

    @property
    def is_sound(self) -> bool:
        return self.broken is None and self.keyed_from is not None and self.lines > 0

    @property
    def sentence(self) -> str:
        """Only what is known."""
        if not self.lines:
            return _("There is no line. Making an organisation writes the first one, so lines were removed.")
        if self.broken is not None:
            return _(
                "From line %(number)s on it is not sound: that line was altered, removed or inserted.",
                number=self.broken,
            )
        if self.keyed_from is None:
            return _(
                "The lines fit together, but their key is missing: anybody with access to the database could "
                "have written them."
            )
        found = _("It is sound: lines 1 to %(number)s are all there, and none was altered.", number=self.lines)
        before = ""
        if self.keyed_from > 1:
            before = _("Lines before %(number)s date from before there was a key.", number=self.keyed_from)
        end = _("If lines were cut off at the end, only a comparison with an earlier end shows it.")
        return joined(found, before, end)


def check(organisation: Organisation) -> Checked:
    """Compute every line's hash again."""
    key, last = key_of(organisation), last_line(organisation)
    number = int(last.partition(":")[0] or 0)
    return Checked(number, first_broken(organisation, key), key.first if key else None, last)


def last_line(organisation: Organisation) -> str:
    """Number and hash of the last line, as `NUMBER:HASH`; empty when there is none."""
    number, line_hash = _last_line(organisation)
    return f"{number}:{line_hash}" if number else ""


def _last_line(organisation: Organisation) -> tuple[int, str]:
    """Number and hash of the last line; 0 and nothing when there is none."""
    return _last.first(organisation=organisation.id) or (0, "")


@kept
def _last(*, organisation: Any) -> Any:
    lines = AuditEntry.select(AuditEntry.number, AuditEntry.hash).where(AuditEntry.organisation == organisation)
    return lines.order_by(AuditEntry.number.desc()).limit(1).tuples()


def has_line(line: str) -> bool:
    """Whether some organisation's audit log still has this line, given as `NUMBER:HASH`."""
    number, line_hash = line.split(":")
    return AuditEntry.select().where(AuditEntry.number == int(number), AuditEntry.hash == line_hash).exists()


def begin_keys() -> None:
    """Give each organisation's chain that has no key one, from its next line on: after an upgrade, say."""
    for organisation in list(Organisation.select()):
        with transaction():
            if key_of(organisation) is None:
                record("command line", KEYED, organisation, organisation=organisation)


@contextmanager
def turn(organisation_id: int) -> Iterator[None]:
    """A transaction that has the organisation's turn from its beginning, as `record` needs it at its end.

    For rows that others change together with a line of the audit log too: two who take a row and the turn in different
    orders would wait for each other, which PostgreSQL ends with an error.
    """
    with transaction():
        lock_row(Organisation, organisation_id)
        yield


def first_broken(organisation: Organisation, key: ChainKey | None = None) -> int | None:
    """The number of the first line of the audit log that was altered, removed or inserted; None if sound.

    An erased line is sound when a later one records its erasure.
    """
    key = key or key_of(organisation)
    previous, expected = "", 1
    erased: set[int] = set()
    query = AuditEntry.select().where(AuditEntry.organisation == organisation).order_by(AuditEntry.number)
    for entry in query.iterator():
        if entry.number != expected or entry.hash != entry.computed_hash(previous, key) or not entry.values_are_sound:
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
