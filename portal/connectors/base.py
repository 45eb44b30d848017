"""What every connected application can do for us, in the portal's words.

Nothing outside a connector's own package may know which application it is talking to: the rest of the portal sees the
dataclasses and the two protocols on this page, what an application says of itself in `capabilities.py`, and the errors
in `errors.py`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from portal.connectors.capabilities import Capabilities, Words
from portal.connectors.groups import Groups
from portal.connectors.last_use import LastUses
from portal.connectors.mailboxes import Mailboxes
from portal.connectors.passes import Passes
from portal.connectors.pictures import Pictures

if TYPE_CHECKING:
    from portal.connectors.personal import PersonalMail


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
    fields: further values under the portal's field names (see FIELDS of the connector's payloads).
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


class Connector(Groups, Mailboxes, LastUses, Passes, Pictures, Protocol):
    """Our verbs at one tenant. Every method may raise a ConnectorError; `calls` holds the exchanges so far.

    An account that was made moments ago may be denied for a while: by a process that made it itself, or that was told
    by `expect` (or `find(…, just_created=True)`), this is TryLater and not NotFound. A deleted account that is still
    kept is NotFound to every method but `restore`, `holders`, `alike` and `protections`. What the service's
    capabilities deny is never asked of it.
    `changes` raises TooOld for a link that leads nowhere any more.
    """

    @property
    def calls(self) -> list[Call]: ...

    def tenant(self) -> Tenant: ...
    def licences(self) -> list[Licence]: ...
    def units(self) -> list[str]:
        """The parts of the tenant that an account can be made in, the usual one first."""

    def with_licences(self, remote: RemoteAccount, also: Sequence[str] = ()) -> RemoteAccount:
        """The account with its licences, for an application that tells them apart from the account.

        also: licences to ask about, whatever else the tenant offers.
        """

    def granted(self) -> frozenset[str]: ...
    def signs_in_as(self) -> str:
        """Whose sign-in the connection uses, as a sentence; empty where the portal has its own. Raises as `granted`."""

    def is_tenant_administrator(self, person: Administrator) -> bool: ...

    def find(self, account_id: str, *, just_created: bool = False) -> RemoteAccount: ...
    def expect(self, account_id: str) -> None: ...
    def find_by_username(self, username: str) -> RemoteAccount | None: ...
    def find_made(self, username: str, marker: str) -> RemoteAccount | None:
        """The account that was made with this username and marker; None where none shows, which is no proof.

        Somebody may have renamed it meanwhile.
        """

    def holders(self, username: str) -> list[Holder]: ...
    def holders_of(self, usernames: Sequence[str]) -> dict[str, list[Holder]]: ...
    def search(self, text: str, *, limit: int = 20) -> list[RemoteAccount]: ...
    def alike(self, wanted: Wanted) -> Alike: ...
    def protections(self, account_id: str) -> frozenset[Protection]: ...

    def create(self, new: NewAccount) -> RemoteAccount: ...
    def update(self, account_id: str, fields: Mapping[str, Any]) -> None: ...
    def block(self, account_id: str) -> None: ...
    def unblock(self, account_id: str) -> None: ...
    def revoke_sessions(self, account_id: str) -> None: ...
    def set_password(self, account_id: str, password: str) -> None: ...
    def rename(self, account_id: str, username: str, names: Mapping[str, str]) -> None:
        """Give the account another username, and with it these of display_name, first_name and last_name."""

    def manager_of(self, account_id: str) -> Manager: ...
    def set_manager(self, account_id: str, manager_id: str | None) -> None: ...
    def assign_licences(
        self, account_id: str, *, add: list[str], remove: list[str], without: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """without: parts of the licences that are not given, as RemoteAccount.switched_off names them."""

    def restore(self, account_id: str, *, username: str | None = None) -> RemoteAccount: ...
    def delete(self, account_id: str) -> None:
        """Put the account where deleted ones are kept for a while. Asked only where the application restores them."""

    def all_accounts(self) -> Iterator[RemoteAccount]: ...
    def deleted_accounts(self) -> Iterator[RemoteAccount]: ...
    def changes(self, link: str | None = None) -> Iterator[Changes]: ...
    def admin_url(self, account_id: str | None = None) -> str: ...


class Service(Protocol):
    """An application that can be connected: how to sign in to it, and how to get a Connector for a tenant.

    permissions: what each feature of the portal needs there. places: where each field of the HR record that can flow
    goes. patience: seconds that the repeats of one call may take together; the default suits a person who waits, a
    worker may give more. credential (of a connector): that of the connection, decrypted; empty where it has none.
    kept: where a credential goes that the application gives in the place of this one.
    """

    key: str
    name: str
    capabilities: Capabilities
    words: Words

    @property
    def permissions(self) -> tuple[Permission, ...]: ...
    @property
    def places(self) -> Mapping[str, FieldPlace]: ...

    # Of the portal as such.
    @property
    def credential(self) -> Credential | None:
        """What the portal itself signs in with; None where only each connection has a credential."""

    @property
    def sign_in_url(self) -> str:
        """Where employees sign in."""

    @property
    def sign_in_origins(self) -> tuple[str, ...]:
        """Where a form may lead to, so that people can sign in or give consent."""

    @property
    def settings_needed(self) -> tuple[str, ...]:
        """Names of the settings that are still empty and without which nobody can sign in."""

    def configured(self) -> bool: ...
    @property
    def begun(self) -> bool:
        """Whether anything of its registration is set: where not, nobody wants to use it here."""

    def examine(self, tenant: str, connected: "Connector | None") -> str:
        """Try what the operator has set, and say how it went.

        tenant: where to try it, or empty. connected: the connection that was made last, or None. Raises ConnectorError.
        """

    # Of connecting.
    def begin_sign_in(self, redirect_uri: str, *, to_connect: bool = False) -> tuple[str, dict[str, Any]]:
        """Where to send the browser, and what to keep until it is back. to_connect: a tenant; else to sign in here."""

    def finish_sign_in(self, flow: dict[str, Any], answer: Mapping[str, str]) -> Administrator: ...
    def consent_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str: ...
    def check_consent(self, tenant_id: str, answer: Mapping[str, str]) -> None: ...
    def take_key(self, key: str) -> Administrator:
        """Whose tenant a typed key opens. Raises BadCredentials, and others."""

    # Of a tenant.
    def connector(
        self, tenant_id: str, *, credential: str = "", kept: Kept | None = None, patience: float | None = None
    ) -> Connector: ...
    def forget(self, tenant_id: str) -> None: ...
    def give_up(self, credential: str, *, used: str = "") -> None:
        """Tell the application that the credential of a connection is not used any more. Raises ConnectorError.

        used: one that is used still. Nothing is told where the one cannot end without the other.
        """

    @property
    def fields_in_changes(self) -> frozenset[str]:
        """The portal's names of the fields that `Connector.changes` brings for each account."""

    def busy_for(self, tenant_id: str, changes: int = 1) -> float:
        """Seconds until so many changes are taken in the tenant; 0.0 when they are now. Does not ask the tenant."""

    def changes_made(self, tenant_id: str) -> int:
        """How many changes this process has made in the tenant since it began."""

    def together(self) -> AbstractContextManager[None]:
        """Within it, calls that threads make side by side may share requests."""

    @property
    def personal_mail(self) -> "PersonalMail | None":
        """How the portal gets into people's own mailboxes; None where it cannot."""

    # Of what people type.
    def local_part_problem(self, local_part: str) -> str | None: ...
    def temporary_password(self, username: str) -> str: ...
    def licence_name(self, licence_id: str) -> str: ...
    def licences_problem(self, licence_ids: Collection[str]) -> str:
        """Why no account can have these licences together, as a sentence; empty when one can."""

    def shown_as(self, field: str, value: str) -> tuple[str, str]:
        """The value as the application will show it, and a sentence about what it does not take."""

    def field_problem(self, field: str, value: str) -> str:
        """Why the application will not take the value, as a sentence; empty when it may."""
