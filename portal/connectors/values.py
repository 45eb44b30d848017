"""What a connector takes and answers: accounts, licences, holders of addresses and calls, as plain values.

`base.py` has the protocols whose methods hand them over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Protection(StrEnum):
    """Why the portal leaves an account alone."""

    ADMINISTRATOR = "administrator"
    SYNCED = "synced"
    GUEST = "guest"
    DELETED = "deleted"
    OURSELVES = "ourselves"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be created.

    username: the whole sign-in name, "mary.obrien@acme.example".
    marker: a random word of ours, kept on the account, by which an unanswered create is recognised later.
    country: ISO 3166 two-letter code.
    unit: the part of the tenant it is made in, where an application has such parts; None for the usual one.
    enabled: False for an account that nobody can sign in to until `unblock`.
    fields: further values under the portal's names for them, as in `Service.places`.
    """

    username: str
    display_name: str
    password: str
    marker: str
    country: str | None = None
    unit: str | None = None
    enabled: bool = True
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manager:
    """The account that another one has as its manager."""

    id: str
    name: str
    username: str


NOBODY = Manager("", "", "")
# The kind of a Holder whom the application does not show: somebody outside the tenant, or an account that is very new.
NOT_SHOWN = "elsewhere"
# What is refused when the name may be held by something that the portal is not allowed to look at.
NOT_SEEN = "not seen"
# What is refused, now and for good, when the application seems to give the licence by its own rules.
BY_ITSELF = "its own rules"


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    """An account as the application shows it. `enabled` is None only for a deleted one that is still kept.

    licence_ids: every licence it has; None where they are asked for apart, by `with_licences`. own_licence_ids: those
    given to it alone, group_licence_ids: those that come from a group; a licence can be both. None where an answer does
    not tell them apart. switched_off: parts of its own licences that
    it is given without, licence id -> ids. manager: NOBODY when there is none,
    None when it was not asked for. unit: as of NewAccount. state_note: what else there is to know of its state, as a
    sentence. closed_by_itself: the application has blocked it, and no administrator.
    """

    id: str
    username: str
    display_name: str
    enabled: bool | None
    email: str | None = None
    aliases: tuple[str, ...] = ()
    marker: str | None = None
    country: str | None = None
    created_at: datetime | None = None
    deleted_at: datetime | None = None
    protections: frozenset[Protection] = frozenset()
    licence_ids: frozenset[str] | None = frozenset()
    own_licence_ids: frozenset[str] | None = None
    group_licence_ids: frozenset[str] | None = None
    switched_off: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sessions_valid_from: datetime | None = None
    manager: Manager | None = None
    unit: str | None = None
    state_note: str = ""
    closed_by_itself: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What accounts are looked for by: any of it is enough.

    addresses: of the account itself. personal: other addresses that it keeps. names: whole. words: beginnings of words
    of a name, "mona manag". families: family names, of which the first hundred accounts are enough. usernames:
    beginnings of usernames.
    """

    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """The accounts that were found. unchecked: a sentence about what could not be searched by; empty when all was."""

    accounts: tuple[RemoteAccount, ...]
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an address: kind is "account", "alias", "group", "deleted" or NOT_SHOWN. account: None for a group."""

    kind: str
    name: str
    account: RemoteAccount | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A verified domain of the tenant. A federated one has its passwords elsewhere, so we cannot set them."""

    name: str
    is_default: bool = False
    federated: bool = False


@dataclass(frozen=True, slots=True)
class Tenant:
    """The customer's own directory at the application."""

    id: str
    name: str
    domains: tuple[Domain, ...]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """What the tenant has bought. `qualifies`: it satisfies the add-on's requirement.

    total and used count seats; total is None where the application does not say how many were bought, used where they
    are too many to be counted.
    """

    id: str
    name: str
    part_number: str
    total: int | None
    used: int | None
    assignable: bool
    qualifies: bool

    @property
    def free(self) -> int | None:
        """Seats that are left; None when nobody can say, which keeps nobody from giving one."""
        return None if self.total is None or self.used is None else max(0, self.total - self.used)


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission a feature of the portal needs: any one of `names` is enough.

    only_if_used: a tenant may leave it out, so nobody is warned while the organisation does not use the feature.
    """

    names: tuple[str, ...]
    feature: str
    required: bool
    only_if_used: bool = False

    def met_by(self, granted: frozenset[str]) -> bool:
        return any(name in granted for name in self.names)


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """Where an application keeps a field of the HR record.

    note: what an administrator should know before it flows. at_first: it flows until the organisation has chosen.
    never_empty: an empty field of the record leaves it as it is. permission: what it needs beyond all other fields.
    """

    label: str
    note: str = ""
    at_first: bool = False
    never_empty: bool = False
    permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """What the portal itself signs in with. expires_at: None when it is not known; `problem` then says why."""

    kind: str
    expires_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who signed in, to connect a tenant or to the portal, and the proven tenant. `roles`: those the sign-in stated.

    credential: what the connection signs in with from then on, where the portal's own credential is not enough.
    domain: a verified domain of the tenant, where a sign-in to the portal states no tenant: then tenant_id is empty.
    """

    tenant_id: str
    person_id: str
    name: str
    email: str
    roles: frozenset[str] = frozenset()
    credential: str = field(default="", repr=False)
    domain: str = ""


class Kept:
    """Where the credential of a connection is kept, which an application may replace by another while it is used.

    This one keeps it in memory: of a connection that is being made.
    """

    def __init__(self, credential: str):
        self._credential = credential

    def now(self) -> str:
        """The credential as it is now; another process may have replaced it."""
        return self._credential

    def replace(self, old: str, new: str) -> None:
        """Keep the new one in the place of the old one; one that another process has put there already stays."""
        if self._credential == old:
            self._credential = new


@dataclass(frozen=True, slots=True)
class Call:
    """One exchange with the application, for the receipt. `sent` and `received` never hold a secret.

    arrived: False when no connection came about, so that the request certainly had no effect.
    """

    method: str
    path: str
    status: int | None
    request_id: str
    at: datetime
    seconds: float
    sent: Any = None
    received: Any = None
    arrived: bool = True

    @property
    def may_have_changed(self) -> bool:
        """Whether the application may be different after it: it was carried out, or nobody knows."""
        if self.method == "GET" or not self.arrived:
            return False
        return self.status is None or self.status < 300 or self.status >= 500


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of what changed at the tenant since a link. removed: account id -> whether it can still be restored.

    An account may come in several parts: the last one counts. The same change may come again next time, so it must do
    no harm to apply it twice. link: where to go on next time; empty in all parts but the last, and there too where an
    application can only ever be read whole. complete: true in the last part of a whole reading: these parts together
    are all the accounts there are, so that one which is missing in them is gone.
    """

    accounts: tuple[RemoteAccount, ...]
    removed: Mapping[str, bool]
    link: str
    complete: bool = False
