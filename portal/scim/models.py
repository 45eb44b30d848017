"""A system that pushes employees by SCIM, and each person as it last described them."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField, fn

from portal.api_tokens.models import ApiToken
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import read
from portal.organisations.models import Organisation
from portal.people.models import Employee

# After its first call the portal only listens to a client until this time is over.
LEARNS_FOR = timedelta(hours=24)
LONGEST_ADDRESS = 254


class Key(StrEnum):
    """Which attribute is the employee number."""

    NUMBER = "employeeNumber"
    EXTERNAL = "externalId"


class Leavers(StrEnum):
    """What follows when a client says that a person is not active any more."""

    ASK = "ask"
    AT_ONCE = "at once"


class ScimClient(BaseModel):
    """A system that pushes employees: the one that comes with this token.

    live_at: when an Admin first applied what it had said; from then on the portal applies what comes, below the brake.
    approved_until: what was received by then is applied whatever the brake says.
    """

    organisation_id: int
    token_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    token = ForeignKeyField(ApiToken, on_delete="CASCADE", unique=True)
    key = CharField(max_length=20, default=Key.NUMBER)
    leavers = CharField(max_length=20, default=Leavers.ASK)
    first_used_at = UtcDateTimeField(default=now)
    live_at = UtcDateTimeField(null=True)
    approved_until = UtcDateTimeField(null=True)
    paused_at = UtcDateTimeField(null=True)
    paused_by_name = CharField(max_length=320, default="")

    class Meta:
        indexes = ((("organisation",), False),)

    @property
    def actor(self) -> str:
        """Who did what this client said, for receipts and the audit log."""
        return f"SCIM client {self.token.name}"

    @property
    def name(self) -> str:
        return str(self.token.name)

    @property
    def learns_until(self) -> datetime | None:
        """Until when the portal only collects what it says; None once that is over."""
        end: datetime = self.first_used_at + LEARNS_FOR
        return end if end > now() and self.live_at is None else None


def _new_id() -> str:
    return secrets.token_hex(16)


class ScimPerson(BaseModel):
    """A person as a client described them last. What the portal made of it is in the record of the employee.

    resource: as in SCIM, without id and meta. search_text: the same in small letters, to find candidates for a filter.
    number: the employee number that follows from it, "" for none. said: fields of the record that it ever had.
    inactive_since: the day on which the client first said that they are not active. waits: nothing was made of it yet.
    held: the brake stopped it. notes: field -> what a person has to see to. kinds: what was applied at applied_at.
    """

    client_id: int
    organisation_id: int
    employee_id: int | None
    client = ForeignKeyField(ScimClient, on_delete="CASCADE", backref="people")
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, null=True, on_delete="SET NULL")
    resource_id = CharField(max_length=32, unique=True, default=_new_id)
    user_name = CharField(max_length=400)
    external_id = CharField(max_length=400, default="")
    number = CharField(max_length=400, default="")
    manager_said = CharField(max_length=400, default="")
    resource = JSONField(default=dict)
    search_text = TextField(default="")
    said = JSONField(default=list)
    version = IntegerField(default=1)
    made_at = UtcDateTimeField(default=now)
    received_at = UtcDateTimeField(default=now)
    inactive_since = DateField(null=True)
    deleted_at = UtcDateTimeField(null=True)
    waits = BooleanField(default=True)
    held = BooleanField(default=False)
    notes = JSONField(default=dict)
    applied_at = UtcDateTimeField(null=True)
    kinds = CharField(max_length=60, default="")

    class Meta:
        indexes = (
            (("client", "user_name"), False), (("client", "external_id"), False), (("client", "manager_said"), False),
            (("client", "waits"), False), (("organisation", "number"), False), (("employee",), False),
        )  # fmt: skip

    def keep_addresses(self) -> None:
        """Keep the email addresses of the resource so that a filter finds the person by them."""
        said = {address_key(str(one.get("value") or "")) for one in self.resource.get("emails") or ()} - {""}
        ScimAddress.delete().where(ScimAddress.person == self).execute()
        rows = [{"person": self.id, "client": self.client_id, "address": address} for address in sorted(said)]
        if rows:
            ScimAddress.insert_many(rows).execute()

    @property
    def told_notes(self) -> dict[str, str]:
        """The notes as sentences."""
        return {name: read(note) for name, note in self.notes.items()}

    @property
    def name(self) -> str:
        """What to call the person in a list."""
        said: dict[str, Any] = self.resource.get("name") or {}
        parts = [said.get("givenName"), said.get("familyName")]
        return " ".join(part for part in parts if part) or str(self.user_name)


def address_key(text: str) -> str:
    """An address as it is looked for."""
    return text.strip().casefold()[:LONGEST_ADDRESS]


class ScimAddress(BaseModel):
    """An email address of a person, by which a filter finds them. address: see address_key."""

    person = ForeignKeyField(ScimPerson, on_delete="CASCADE")
    client = ForeignKeyField(ScimClient, on_delete="CASCADE")
    address = CharField(max_length=LONGEST_ADDRESS)

    class Meta:
        indexes = ((("client", "address"), False),)


def waiting(organisation: Organisation) -> Any:
    """The clients that an Admin has to look at: the brake holds what they say, or a day of listening is over."""
    said = ScimPerson.select(ScimPerson.id).where(ScimPerson.client == ScimClient.id, ScimPerson.waits)
    listened = ScimClient.live_at.is_null() & (ScimClient.first_used_at <= now() - LEARNS_FOR)
    mine = (ScimClient.organisation == organisation) & ScimClient.paused_at.is_null()
    return ScimClient.select().where(mine, fn.EXISTS(said.where(ScimPerson.held)) | (listened & fn.EXISTS(said)))
