from typing import Any

from peewee import SQL, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.asking import kept
from portal.auth.models import Session, User
from portal.connectors import SERVICES
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation


class Connection(BaseModel):
    """An organisation's link to its tenant at a connected application. It outlives Disconnect as history.

    domains: names of the verified domains in which we can create, the default one first.
    licences: [{id, name, free}], as last read. units: the parts of the tenant that accounts can be made in, the usual
    one first; empty where there are none. permissions: what the tenant granted, as last read.
    changes_link: where the next reading of changes continues. held_changes: how many wait for an Admin's approval.
    synced_fields: HR fields that flow to the accounts; None until the organisation has chosen.
    encrypted_credential: what it signs in with, where the portal's own credential is not enough; else empty.
    ending_until: the application may still be ending what the connection signed in with before; None once it has.
    """

    # The services of all live connections it was loaded with, in the order of connecting.
    siblings: tuple[str, ...] = ()
    organisation_id: int
    organisation = ForeignKeyField(Organisation, backref="connections", on_delete="CASCADE")
    service = CharField(max_length=40)
    tenant_id = CharField(max_length=64)
    tenant_name = CharField(max_length=256)
    domains = JSONField(default=list)
    licences = JSONField(default=list)
    units = JSONField(default=list)
    permissions = JSONField(default=list)
    connected_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    connected_as = CharField(max_length=320, default="")
    connected_at = UtcDateTimeField(default=now)
    disconnected_at = UtcDateTimeField(null=True)
    problem = SentenceField(default="")
    problem_next_step = SentenceField(default="")
    checked_at = UtcDateTimeField(default=now)
    changes_link = TextField(default="")
    held_changes = IntegerField(default=0)
    synced_at = UtcDateTimeField(null=True)
    synced_fields = JSONField(null=True)
    encrypted_credential = TextField(default="")
    ending_until = UtcDateTimeField(null=True)

    @property
    def service_name(self) -> str:
        """What the application is called."""
        return SERVICES[self.service].name

    @property
    def is_live(self) -> bool:
        return self.disconnected_at is None

    @classmethod
    def live_of(cls, organisation: Organisation, service: str) -> "Connection | None":
        """The organisation's live connection to the named service."""
        live = (cls.organisation == organisation) & (cls.service == service) & cls.disconnected_at.is_null()
        return _with(organisation, cls.select().where(live).order_by(cls.id.desc()).first())

    @classmethod
    def all_live_of(cls, organisation: Organisation) -> "list[Connection]":
        """The organisation's live connections, one for each connected service, in the order of connecting."""
        connections = [_with(organisation, found) for found in _live.rows(organisation=organisation.id)]
        for connection in connections:
            connection.siblings = tuple(one.service for one in connections)
        return connections

    def credential_now(self) -> str:
        """The encrypted credential as the database has it now; empty where the connection was ended."""
        found = Connection.select(Connection.encrypted_credential).where(Connection.id == self.id).tuples().first()
        return found[0] if found else ""

    def replace_credential(self, seen: str, new: str) -> bool:
        """Write this encrypted credential in the place of one that was seen. False when another is there."""
        mine = (Connection.id == self.id) & Connection.disconnected_at.is_null()
        update = Connection.update(encrypted_credential=new)
        return bool(update.where(mine, Connection.encrypted_credential == seen).execute())

    @property
    def gives_company_email(self) -> bool:
        """Whether the company email follows this application: it was chosen, or none was and it was connected first."""
        services = self.siblings or tuple(one.service for one in Connection.all_live_of(self.organisation))
        chosen = self.organisation.company_email_from
        return self.service == (chosen if chosen in services else next(iter(services), self.service))


@kept
def _live(*, organisation: Any) -> Any:
    live = (Connection.organisation == organisation) & Connection.disconnected_at.is_null()
    return Connection.select().where(live).order_by(Connection.id)


def _with(organisation: Organisation, connection: Any) -> Any:
    """The connection, with the organisation that is loaded already."""
    if connection is not None:
        connection.organisation = organisation
    return connection


# Two admins who connect in the same second, or two organisations that claim one tenant, are stopped by the database.
Connection.add_index(
    Connection.index(Connection.organisation, Connection.service, unique=True, name="connection_one_live")
    .where(SQL("disconnected_at IS NULL"))
)  # fmt: skip
Connection.add_index(
    Connection.index(Connection.service, Connection.tenant_id, unique=True, name="connection_tenant_once")
    .where(SQL("disconnected_at IS NULL"))
)  # fmt: skip


class ConnectAttempt(BaseModel):
    """A sign-in that is under way: what must come back with it, kept here and never in the browser."""

    organisation_id: int
    session = ForeignKeyField(Session, on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    service = CharField(max_length=40)
    state = CharField(unique=True, max_length=100)
    step = CharField(max_length=20)
    encrypted_flow = TextField()
    created_at = UtcDateTimeField(default=now)
