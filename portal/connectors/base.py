"""The two protocols of an application: `Connector`, what it does at one tenant, and `Service`, the application as such.

Nothing outside a connector's own package may know which application it is talking to. The rest of the portal sees these
protocols, the values in `values.py`, what an application says of itself in `capabilities.py`, and the errors in
`errors.py`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from portal.connectors.capabilities import Capabilities, Words
from portal.connectors.groups import Groups
from portal.connectors.last_use import LastUses
from portal.connectors.mailboxes import Mailboxes
from portal.connectors.passes import Passes
from portal.connectors.pictures import Pictures
from portal.connectors.values import (
    Administrator,
    Alike,
    Call,
    Changes,
    Credential,
    FieldPlace,
    Holder,
    Kept,
    Licence,
    Manager,
    NewAccount,
    Permission,
    Protection,
    RemoteAccount,
    Tenant,
    Wanted,
)

if TYPE_CHECKING:
    from portal.connectors.personal import PersonalMail


class Connector(Groups, Mailboxes, LastUses, Passes, Pictures, Protocol):
    """Our verbs at one tenant. Every method may raise a ConnectorError; `calls` holds the exchanges so far.

    An account that was made moments ago may be denied for a while: by a process that made it itself, or that was told
    by `expect` (or `find(…, just_created=True)`), this is TryLater and not NotFound. A deleted account that is still
    kept is NotFound to every method but `restore`, `holders`, `alike` and `protections`. What the service's
    capabilities deny is never asked of it.
    """

    @property
    def calls(self) -> list[Call]: ...

    def tenant(self) -> Tenant:
        """The tenant's name, its verified domains and its country."""

    def licences(self) -> list[Licence]:
        """What the tenant has bought, with its seats, by name."""

    def units(self) -> list[str]:
        """The parts of the tenant that an account can be made in, the usual one first."""

    def with_licences(self, remote: RemoteAccount, also: Sequence[str] = ()) -> RemoteAccount:
        """The account with its licences, for an application that tells them apart from the account.

        also: licences to ask about, whatever else the tenant offers.
        """

    def granted(self) -> frozenset[str]:
        """The names of the permissions that the connection has now. Raises BadCredentials where it has ended."""

    def signs_in_as(self) -> str:
        """Whose sign-in the connection uses, as a sentence; empty where the portal has its own. Raises as `granted`."""

    def is_tenant_administrator(self, person: Administrator) -> bool:
        """Whether the person who signed in may connect this tenant."""

    def find(self, account_id: str, *, just_created: bool = False) -> RemoteAccount:
        """The account with its manager, as it is now. Raises NotFound."""

    def expect(self, account_id: str) -> None:
        """Remember that the account was made moments ago, so that an answer without it is TryLater."""

    def find_by_username(self, username: str) -> RemoteAccount | None: ...
    def find_made(self, username: str, marker: str) -> RemoteAccount | None:
        """The account that was made with this username and marker; None where none shows, which is no proof.

        Somebody may have renamed it meanwhile.
        """

    def holders(self, username: str) -> list[Holder]:
        """Who holds the address, in whatever way; nobody when it is free."""

    def holders_of(self, usernames: Sequence[str]) -> dict[str, list[Holder]]:
        """As `holders`, for several at once: each username, as it was given -> its holders."""

    def search(self, text: str, *, limit: int = 20) -> list[RemoteAccount]:
        """Accounts whose name or username has words that begin so, or whose employee number is the text."""

    def alike(self, wanted: Wanted) -> Alike: ...
    def protections(self, account_id: str) -> frozenset[Protection]:
        """Why the portal leaves the account alone, beyond what `find` says. Raises NotFound."""

    def create(self, new: NewAccount) -> RemoteAccount:
        """Raises AlreadyExists when somebody has the username."""

    def update(self, account_id: str, fields: Mapping[str, Any]) -> None:
        """Write these fields, by the portal's names; all others stay as they are."""

    def block(self, account_id: str) -> None:
        """Nobody can sign in to it from now on. Open sessions go on until `revoke_sessions`."""

    def unblock(self, account_id: str) -> None: ...
    def revoke_sessions(self, account_id: str) -> None: ...
    def set_password(self, account_id: str, password: str) -> None:
        """Set a password that must be changed at the first sign-in."""

    def rename(self, account_id: str, username: str, names: Mapping[str, str]) -> None:
        """Give the account another username, and with it these of display_name, first_name and last_name."""

    def manager_of(self, account_id: str) -> Manager:
        """The account's manager, or NOBODY."""

    def set_manager(self, account_id: str, manager_id: str | None) -> None:
        """manager_id: another account of the tenant, or None to have no manager. Raises NotFound for either account."""

    def assign_licences(
        self, account_id: str, *, add: list[str], remove: list[str], without: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Give and take licences, by their ids, in one go.

        without: parts of the licences that are not given, as RemoteAccount.switched_off names them.
        """

    def restore(self, account_id: str, *, username: str | None = None) -> RemoteAccount:
        """Take a deleted account back. username: another one than before. Raises NotFound when it is not deleted."""

    def delete(self, account_id: str) -> None:
        """Put the account where deleted ones are kept for a while. Asked only where the application restores them."""

    def all_accounts(self) -> Iterator[RemoteAccount]: ...
    def deleted_accounts(self) -> Iterator[RemoteAccount]: ...
    def changes(self, link: str | None = None) -> Iterator[Changes]:
        """What changed since the link; without one, all accounts. Raises TooOld for a link that leads nowhere now."""

    def admin_url(self, account_id: str | None = None) -> str:
        """Where an administrator sees the account, or all of them, in the application's own pages."""


class Service(Protocol):
    """An application that can be connected: how to sign in to it, and how to get a Connector for a tenant.

    permissions: what each feature of the portal needs there. places: where each field of the HR record that can flow
    goes. Of `connector`: patience is the seconds that the repeats of one call may take together, by default what suits
    a person who waits; credential that of the connection, decrypted, empty where it has none; kept where a credential
    goes that the application gives in the place of this one.
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

    def configured(self) -> bool:
        """Whether the operator has set all that is needed."""

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

    def finish_sign_in(self, flow: dict[str, Any], answer: Mapping[str, str]) -> Administrator:
        """Who signed in, proven. flow: what was kept. answer: the parameters the browser came back with."""

    def consent_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str: ...
    def check_consent(self, tenant_id: str, answer: Mapping[str, str]) -> None:
        """Raises a ConnectorError unless the answer says that this tenant consented."""

    def take_key(self, key: str) -> Administrator:
        """Whose tenant a typed key opens. Raises BadCredentials, and others."""

    # Of a tenant.
    def connector(
        self, tenant_id: str, *, credential: str = "", kept: Kept | None = None, patience: float | None = None
    ) -> Connector: ...
    def forget(self, tenant_id: str) -> None:
        """Drop what this process remembers of the tenant's sign-in, so that the next call asks again."""

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
    def local_part_problem(self, local_part: str) -> str | None:
        """What is wrong with a username before its @, as a sentence; None when nothing is."""

    def temporary_password(self, username: str) -> str:
        """A fresh password that the application takes for this username."""

    def licence_name(self, licence_id: str) -> str: ...
    def licences_problem(self, licence_ids: Collection[str]) -> str:
        """Why no account can have these licences together, as a sentence; empty when one can."""

    def shown_as(self, field: str, value: str) -> tuple[str, str]:
        """The value as the application will show it, and a sentence about what it does not take."""

    def field_problem(self, field: str, value: str) -> str:
        """Why the application will not take the value, as a sentence; empty when it may."""
