"""Microsoft 365's state: tenants, and what time does to their users."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal.sandbox.state import models
from portal.sandbox.state.models import Tenant, User
from portal.sandbox.store import Delays, Store

RECYCLE_BIN_LIFE = 30 * 86400.0


@dataclass
class Timing(Delays):
    """Seconds that things take at Microsoft.

    new_user: until a new user is known to reads. search: until a change reaches advanced queries. mailbox: from a
    mailbox licence to mail and proxyAddresses. grants: until a consent is in the tokens. addresses: from another user
    principal name to the addresses that Exchange makes of it. old_stays_primary: 1 where Exchange only adds it to them.
    sent_items: from an accepted message to its copy in Sent Items. new_id_on_send: 1 where that copy has another id,
    also for those who ask for immutable ones. pictures: from a picture that is set to the reads that show it.
    answers_booked: 1 where an answer from outside is in the event at once, 0 where it is only in the mail.
    joined_properties: 0 where no extended property comes along once several are asked for with `or`, as some have seen.
    """

    new_user: float = 0.0
    search: float = 0.0
    mailbox: float = 0.0
    grants: float = 0.0
    addresses: float = 0.0
    old_stays_primary: float = 0.0
    pictures: float = 0.0
    sent_items: float = 0.0
    new_id_on_send: float = 1.0
    answers_booked: float = 1.0
    joined_properties: float = 1.0


class State(Store[Timing]):
    """All that is known of Microsoft 365."""

    def __init__(self, path: Path | None, seed: Callable[[], None]):
        self.tenants: dict[str, Tenant] = {}
        super().__init__(models, Timing, path, seed)

    def load(self) -> None:
        self.tenants = {tenant.id: tenant for tenant in Tenant.select().order_by(Tenant.name)}

    def is_empty(self) -> bool:
        return not self.tenants

    def next_due(self) -> float:
        """Mailboxes that come and go, the search index, the end of the recycle bin."""
        mailbox = User.select(models.SQL("min(mailbox_due)")).where(User.mailbox_due.is_null(False)).scalar()
        lag = models.Lag.select(models.SQL("min(until)")).scalar()
        gone = User.select(models.SQL("min(deleted_at)")).where(User.deleted_at.is_null(False)).scalar()
        ends = models.Mailbox.select(models.SQL("min(ends)")).where(models.Mailbox.ends.is_null(False)).scalar()
        renamed = User.select(models.SQL("min(addresses_due)")).where(User.addresses_due.is_null(False)).scalar()
        sent = models.MailItem.select(models.SQL("min(due)")).where(models.MailItem.due.is_null(False)).scalar()
        moments = (mailbox, ends, renamed, sent, lag, gone and gone + RECYCLE_BIN_LIFE)
        return min((value for value in moments if value is not None), default=float("inf"))

    def refuse_earlier_tokens(self, tenant: Tenant) -> None:
        """Every token of the tenant that was made before now meets a claims challenge."""
        # Tokens carry whole seconds, so one of this very second could not be told from its successor.
        self.advance(1)
        tenant.tokens_valid_from = float(int(self.clock.time()))
        self.keep_tenant(tenant)

    def tenant_named(self, name: str) -> Tenant:
        """By id, name or any domain. Raises KeyError."""
        wanted = name.lower()
        for tenant in self.tenants.values():
            if wanted in (tenant.id, tenant.name.lower()) or any(item["id"] == wanted for item in tenant.domains):
                return tenant
        raise KeyError(name)

    def keep_tenant(self, tenant: Tenant) -> None:
        tenant.save()
