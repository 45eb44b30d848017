"""Writes a message for each receiver who wants it, within the transaction of what happened."""

import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from peewee import chunked

from portal import happenings
from portal.asking import kept
from portal.config import settings
from portal.database import database
from portal.happenings import Happening
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.selecting import ONE
from portal.webhooks import jobs
from portal.webhooks.kinds import KINDS
from portal.webhooks.models import Delivery, Kind, Receiver

AT_ONCE = 200
# Where the API tells more of what an id names.
MORE = {"employee_id": "employees", "operation_id": "operations"}


class Outbox:
    """A happenings.Listener."""

    def wants(self, organisation_id: int, subject: str) -> bool:
        return _any.exists(organisation=organisation_id)

    def hear(self, organisation_id: int, happenings: list[Happening]) -> None:
        if not Organisation.get_by_id(organisation_id).has(Feature.ACCOUNT_PROVISIONING):
            return
        told = [happening for happening in happenings if happening.kind in KINDS]
        bodies = [(happening.kind, body_of(happening)) for happening in told]
        for receiver in list(_receivers(organisation_id)):
            put(receiver, [pair for pair in bodies if not receiver.kinds or pair[0] in receiver.kinds])


@kept
def _any(*, organisation: Any) -> Any:
    return _receivers(organisation, ONE).limit(1)


def _receivers(organisation_id: Any, *columns: Any) -> Any:
    return Receiver.select(*columns).where(Receiver.organisation == organisation_id, Receiver.kind == Kind.WEBHOOK)


def body_of(happening: Happening) -> str:
    """The message: what happened, when, and where there is more. It is thin, so that nothing private travels."""
    base = settings().public_url
    data: dict[str, Any] = {}
    for name, value in happening.data.items():
        data[name] = str(value) if name.endswith("_id") and value is not None else value
        if name in MORE and value is not None:
            data[f"{name.removesuffix('_id')}_url"] = f"{base}/api/v1/{MORE[name]}/{value}"
    if "page" in data:
        data["page"] = base + data["page"]
    return json.dumps({"type": happening.kind, "timestamp": instant(happening.at), "data": data})


def instant(moment: datetime) -> str:
    """As RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def put(receiver: Receiver, bodies: Iterable[tuple[str, str]]) -> None:
    """Write the messages down, (type, body) each. They go out once the transaction is over."""
    rows = [
        {"receiver": receiver.id, "message_id": f"msg_{secrets.token_hex(12)}", "kind": kind, "body": body}
        for kind, body in bodies
    ]
    for some in chunked(rows, AT_ONCE):
        Delivery.insert_many(some).execute()
    if rows:
        database.after_commit(lambda: jobs.deliver(receiver.id))


happenings.listen(Outbox())
