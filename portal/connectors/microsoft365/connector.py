"""Our verbs in Graph's terms."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.config import settings
from portal.connectors.base import (
    Administrator,
    Call,
    Holder,
    NewAccount,
    Plan,
    Protection,
    RemoteAccount,
    Tenant,
)
from portal.connectors.errors import NotFound, NotPermitted, TryLater
from portal.connectors.microsoft365 import oauth, payloads
from portal.connectors.microsoft365.client import GraphClient, quoted
from portal.connectors.microsoft365.licences import plan_of

# Who may connect a tenant: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
ADMINISTRATOR_ROLES = frozenset({
    "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814",  # Privileged Role Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1",  # User Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",  # Application Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7",  # Cloud Application Administrator
})  # fmt: skip
DIRECTORY_ROLE = "#microsoft.graph.directoryRole"


class GraphConnector:
    """The Connector of one Microsoft 365 tenant."""

    def __init__(self, tenant_id: str):
        self.tenant_id = tenant_id
        self.graph = GraphClient(tenant_id)

    @property
    def calls(self) -> list[Call]:
        return self.graph.calls

    def tenant(self) -> Tenant:
        return payloads.tenant(self.graph.organization(), self.graph.domains())

    def plans(self) -> list[Plan]:
        return sorted((plan_of(sku) for sku in self.graph.subscribed_skus()), key=lambda plan: plan.name)

    def granted(self) -> frozenset[str]:
        return oauth.granted(self.tenant_id)

    def is_tenant_administrator(self, person: Administrator) -> bool:
        """By the roles the sign-in stated, else by asking the directory."""
        if person.tenant_id != self.tenant_id:
            return False
        if person.roles & ADMINISTRATOR_ROLES:
            return True
        return any(role in ADMINISTRATOR_ROLES for role in self._roles(person.person_id))

    def _roles(self, account_id: str) -> list[str]:
        """Template ids of the directory roles the account holds."""
        found = self.graph.member_of(account_id)
        return [item.get("roleTemplateId", "") for item in found if item.get("@odata.type") == DIRECTORY_ROLE]

    def find(self, account_id: str, *, just_created: bool = False) -> RemoteAccount:
        try:
            return payloads.remote_account(self.graph.get_user(account_id))
        except NotFound as error:
            if just_created:
                raise TryLater(
                    "Microsoft 365 does not show the new account everywhere yet.",
                    code=error.code, status=error.status, request_id=error.request_id,
                ) from error  # fmt: skip
            raise

    def find_by_username(self, username: str) -> RemoteAccount | None:
        try:
            return payloads.remote_account(self.graph.get_user(username))
        except NotFound:
            return None

    def holders(self, username: str) -> list[Holder]:
        """Who has the address: as sign-in name, as an alias, or in the recycle bin, where ids stand before the name."""
        account = self.find_by_username(username)
        found = [Holder("account", account)] if account else []
        for user in self.graph.find_users(f"proxyAddresses/any(p:p eq {quoted('smtp:' + username)})"):
            if account is None or user["id"] != account.id:
                found.append(Holder("alias", payloads.remote_account(user)))
        wanted = username.casefold()
        for user in self.graph.deleted_users():
            name = (user.get("userPrincipalName") or "").casefold()
            before = user["id"].replace("-", "").casefold()
            if name in (wanted, before + wanted) or (user.get("mail") or "").casefold() == wanted:
                found.append(Holder("deleted", payloads.remote_account(user, deleted=True)))
        return found

    def search(self, text: str, *, limit: int = 20) -> list[RemoteAccount]:
        words = text.replace('"', " ").replace("\\", " ").strip()
        if not words:
            return []
        terms = [f'"{name}:{words}"' for name in ("displayName", "userPrincipalName", "mail")]
        users = {user["id"]: user for user in self.graph.search_users(" OR ".join(terms), top=limit)}
        if " " not in words and len(words) <= 16:
            for user in self.graph.find_users(f"employeeId eq {quoted(words)}"):
                users.setdefault(user["id"], user)
        return [payloads.remote_account(user) for user in users.values()][:limit]

    def protections(self, account_id: str) -> frozenset[Protection]:
        """An account that holds any directory role counts as an administrator's."""
        found = self.graph.member_of(account_id)
        holds_role = any(item.get("@odata.type") == DIRECTORY_ROLE for item in found)
        return frozenset({Protection.ADMINISTRATOR}) if holds_role else frozenset()

    def manager_of(self, account_id: str) -> str | None:
        try:
            return self.graph.manager(account_id)["id"]
        except NotFound:
            return None

    def create(self, new: NewAccount) -> RemoteAccount:
        return payloads.remote_account(self.graph.create_user(payloads.new_user(new)))

    def update(self, account_id: str, fields: Mapping[str, Any]) -> None:
        self.graph.update_user(account_id, payloads.changed_user(fields))

    def block(self, account_id: str) -> None:
        self.graph.update_user(account_id, {"accountEnabled": False})

    def unblock(self, account_id: str) -> None:
        self.graph.update_user(account_id, {"accountEnabled": True})

    def revoke_sessions(self, account_id: str) -> None:
        self.graph.revoke_sessions(account_id)

    def set_password(self, account_id: str, password: str) -> None:
        """Raises NotPermitted with its own words: a reset needs a grant beyond the consent."""
        profile = {"password": password, "forceChangePasswordNextSignIn": True}
        try:
            self.graph.update_user(account_id, {"passwordProfile": profile})
        except NotPermitted as error:
            raise NotPermitted(
                "The tenant does not let the portal set a new password for an existing account.",
                next_step="An administrator of the tenant must grant User-PasswordProfile.ReadWrite.All, or give the "
                "portal's application the role User Administrator.",
                code=error.code, status=error.status, request_id=error.request_id,
            ) from error  # fmt: skip

    def set_manager(self, account_id: str, manager_id: str | None) -> None:
        if manager_id is not None:
            self.graph.set_manager(account_id, manager_id)
            return
        try:
            self.graph.clear_manager(account_id)
        except NotFound:
            return

    def assign_plans(self, account_id: str, *, add: list[str], remove: list[str]) -> None:
        self.graph.assign_licences(account_id, add=add, remove=remove)

    def restore(self, account_id: str) -> RemoteAccount:
        self.graph.restore(account_id)
        return self.find(account_id, just_created=True)

    def all_accounts(self) -> Iterator[RemoteAccount]:
        return (payloads.remote_account(user) for user in self.graph.all_users())

    def admin_url(self, account_id: str | None = None) -> str:
        base = settings().m365_admin_centre_url
        return f"{base}#/users/:/UserDetails/{account_id}" if account_id else base
