"""The same request sent twice does its work once: Idempotency-Key.

The draft of the header is https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ (-07).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import request
from peewee import CharField, ForeignKeyField, IntegerField, IntegrityError
from werkzeug.wrappers import Response

from portal import audit
from portal.api_tokens import checking
from portal.api_tokens.models import ApiToken
from portal.audit import AuditEntry
from portal.clock import over
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.problems import Problem

KEPT = timedelta(hours=24)
# A process that has said nothing for this long is gone, and another may do the work.
LEASE = timedelta(seconds=60)
LONGEST = 255
HEADER = "Idempotency-Key"
# Which kind of row a request makes -> how it is answered again. The views fill it.
SHOWN: dict[str, Callable[[int], Any]] = {}


class Made(NamedTuple):
    """The row that a request has made: its kind, which is a key of SHOWN, and its number."""

    kind: str
    number: int


class KeyNeeded(Problem):
    """This request needs a header Idempotency-Key, so that it can be sent again without doing its work twice."""

    status = 400
    title = "Idempotency-Key is missing"
    next_step = "Send a fresh UUID with each new request, and the same one when you repeat a request."


class KeyReused(Problem):
    """This Idempotency-Key came with another request before."""

    status = 422
    title = "Idempotency-Key was used before"
    next_step = "Send a fresh key with each new request."


class StillRunning(Problem):
    """The same request is still under way."""

    title = "Still under way"
    retry_after = 2
    next_step = "Send it again in a few seconds, with the same key."


class OnceKey(BaseModel):
    """A request that is done once. request_hash: of its method, address and body.

    made_kind, made_id: what it made, written in the transaction of that change. done_at: when it was answered.
    """

    token_id: int
    token = ForeignKeyField(ApiToken, on_delete="CASCADE")
    route = CharField(max_length=60)
    key = CharField(max_length=LONGEST)
    request_hash = CharField(max_length=64)
    begun_at = UtcDateTimeField(default=now)
    lease_from = UtcDateTimeField(default=now)
    made_kind = CharField(max_length=20, default="")
    made_id = IntegerField(null=True)
    done_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("token", "route", "key"), True), (("begun_at",), False))


@dataclass
class _Witness:
    """Sees each line of the audit log that the request writes, and keeps what was made beside it."""

    row: OnceKey

    def __call__(self, entry: AuditEntry) -> None:
        found = made_by(entry)
        if found is not None and self.row.made_id is None:
            self.row.made_kind, self.row.made_id = found
            self.row.save(only=[OnceKey.made_kind, OnceKey.made_id])


def made_by(entry: AuditEntry) -> Made | None:
    """What a line tells of having been made: an employee, a bulk action, or an operation that was written down."""
    if entry.action == "add employee" and entry.subject_id is not None:
        return Made("employee", entry.subject_id)
    if entry.action == "plan bulk action" and entry.subject_id is not None:
        return Made("run", entry.subject_id)
    return Made("operation", entry.detail["operation"]) if begins_operation(entry) else None


def begins_operation(entry: AuditEntry) -> bool:
    """Whether the line is the first of an operation: those about its end give a reason, and no username."""
    return "operation" in entry.detail and "username" in entry.detail


def answered(route: str, act: Callable[[], Any], show: Callable[[Any], Response]) -> Response:
    """The answer of act(), which makes something; the same again for the same request with the same key.

    Raises KeyNeeded, KeyReused, StillRunning, and what act() raises.
    """
    row, is_new = _claimed(route)
    if not is_new:
        return _replayed(row, show)
    acting = audit.behalf.get()
    witness = _Witness(row)
    if acting is not None:
        acting.witnesses.append(witness)
    try:
        reply = act()
    except BaseException:
        # Nothing was made: the same key may try again.
        OnceKey.delete().where(OnceKey.id == row.id, OnceKey.made_id.is_null()).execute()
        raise
    finally:
        if acting is not None:
            acting.witnesses.remove(witness)
    _end(row, reply.made)
    return show(reply)


def _end(row: OnceKey, made: Made | None) -> None:
    changes: dict[str, Any] = {"done_at": now()}
    if made is not None:
        changes |= {"made_kind": made.kind, "made_id": made.number}
    OnceKey.update(changes).where(OnceKey.id == row.id).execute()


def check() -> None:
    """Raises KeyNeeded for a key that is none, also where none is needed."""
    if HEADER in request.headers and not _is_key(request.headers[HEADER].strip()):
        raise KeyNeeded(f"An Idempotency-Key has up to {LONGEST} letters and signs of ASCII.")


def _is_key(text: str) -> bool:
    return 0 < len(text) <= LONGEST and text.isascii() and text.isprintable()


def _claimed(route: str) -> tuple[OnceKey, bool]:
    """The row of this request, and whether it is this one that does the work. Raises KeyNeeded, KeyReused."""
    check()
    key, token = request.headers.get(HEADER, "").strip(), checking.current.get()
    if not key or token is None:
        raise KeyNeeded()
    text = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    digest = hashlib.sha256(text).hexdigest()
    try:
        with transaction():
            return OnceKey.create(token=token.id, route=route, key=key, request_hash=digest), True
    except IntegrityError:
        row = OnceKey.get_or_none(OnceKey.token == token.id, OnceKey.route == route, OnceKey.key == key)
    if row is None:
        raise StillRunning()
    if row.request_hash != digest:
        raise KeyReused()
    return row, row.made_id is None and _take_over(row)


def _take_over(row: OnceKey) -> bool:
    """Whether the process that began is gone, and this one may begin again."""
    seen: datetime = row.lease_from
    if not over(seen, LEASE):
        return False
    mine = (OnceKey.id == row.id) & (OnceKey.lease_from == seen) & OnceKey.made_id.is_null()
    return bool(OnceKey.update(lease_from=now()).where(mine).execute())


def _replayed(row: OnceKey, show: Callable[[Any], Response]) -> Response:
    """What the first request made, as it is now. Raises StillRunning."""
    if row.made_id is None:
        raise StillRunning()
    answer = show(SHOWN[row.made_kind](row.made_id))
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def forget_old() -> None:
    """Forget keys after a day."""
    OnceKey.delete().where(OnceKey.begun_at < now() - KEPT).execute()
