"""Microsoft Graph v1.0, one method per call. Each names the page it follows."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import requests

from portal.connectors.errors import NotPermitted
from portal.connectors.http import Channel, Cost, RequestIds, body_of, parsed
from portal.connectors.microsoft365 import shapes, tokens
from portal.connectors.microsoft365.payloads import SELECT, SELECT_CHANGES, SELECT_DELETED
from portal.connectors.microsoft365.quota import cost_of, pacer_of
from portal.connectors.microsoft365.refusals import from_graph, not_as_described
from portal.connectors.microsoft365.settings import settings
from portal.connectors.microsoft365.shapes import NotAsDescribed, Page, Shape
from portal.connectors.pace import retry_after
from portal.connectors.values import Call

NAME = "Microsoft 365"
PATIENCE = 3.0
LARGEST_PAGE = 999
# Pages of one list: more accounts than any tenant has.
MOST_PAGES = 20_000
OF_MANAGER = "id,displayName,userPrincipalName"
# https://learn.microsoft.com/graph/best-practices-concept#reliability-and-support
IDS = RequestIds(sent="client-request-id", received="request-id")
# What decides whether Graph writes the members of a group, beside its name.
OF_GROUP = (
    "id,displayName,mail,mailEnabled,groupTypes,resourceProvisioningOptions,onPremisesSyncEnabled,isAssignableToRole,"
    "isManagementRestricted,assignedLicenses"
)
ADVANCED = {"ConsistencyLevel": "eventual"}


def user_path(id_or_username: str) -> str:
    """/users/{id}; a name that begins with $ needs the form with brackets."""
    name = quote(id_or_username, safe="@")
    if id_or_username.startswith("$"):
        doubled = name.replace("%27", "%27%27")
        return f"/users('{doubled}')"
    return f"/users/{name}"


def quoted(text: str) -> str:
    """The text as a literal of a $filter."""
    return "'" + text.replace("'", "''") + "'"


def with_query(path: str, **options: Any) -> str:
    """The path with OData options: with_query("/users", select="id", top=5)."""
    return f"{path}?{urlencode({f'${name}': value for name, value in options.items()}, quote_via=quote, safe='$,')}"


def own_path(link: str) -> str:
    """A nextLink or deltaLink without its host: tokens of ours go to the configured address and nowhere else.

    Raises TryLater for what is no link of Graph.
    """
    path = re.sub(r"^https?://[^/]+/v1\.0(?=/)", "", link)
    if not path.startswith("/") or path.startswith("//"):
        raise not_as_described("GET", "no link of Graph")
    return path


class GraphClient:
    """Calls to one tenant. patience: seconds that the repeats of one call may take together."""

    def __init__(self, tenant_id: str, *, patience: float = PATIENCE):
        self.tenant_id = tenant_id
        self.channel = Channel(NAME, pacer_of(tenant_id), patience=patience, ids=IDS)

    @property
    def calls(self) -> list[Call]:
        return self.channel.calls

    def get_user(self, id_or_username: str, *, select: str = SELECT, with_manager: bool = False) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-get; with_manager: "manager" is "" when there is none."""
        path = with_query(user_path(id_or_username), select=select)
        if with_manager:
            path = with_query(user_path(id_or_username), select=select, expand=f"manager($select={OF_MANAGER})")
        user = self.call("GET", path, shape=shapes.Account)
        if id_or_username.casefold() not in (user["id"].casefold(), user["userPrincipalName"].casefold()):
            raise not_as_described("GET", "another account")
        return {"manager": "", **user} if with_manager else user

    def other_mails(self, user_id: str) -> list[str]:
        """https://learn.microsoft.com/graph/api/user-get: the alternate addresses."""
        path = with_query(user_path(user_id), select="otherMails")
        return self.call("GET", path, shape=shapes.OtherMails).get("otherMails") or []

    def find_users(self, condition: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list with $filter; one page of it."""
        path = with_query("/users", filter=condition, select=SELECT, top=25)
        return self.call("GET", path, shape=Page[shapes.User])["value"]

    def search_users(self, expression: str, *, top: int) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/search-query-parameter; the index behind it lags a little."""
        path = with_query("/users", search=expression, select=SELECT, top=top, count="true")
        return self.call("GET", path, headers=ADVANCED, shape=Page[shapes.User])["value"]

    def all_users(self) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/paging, with the largest pages, which cost as much as small ones."""
        return self.items(with_query("/users", select=SELECT, top=LARGEST_PAGE), shapes.User)

    def changed_users(self, link: str | None) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-delta; link: the last deltaLink, or None for everything.

        Yields whole pages; the last one has "@odata.deltaLink". Raises TooOld for such a link.
        """
        path, page = own_path(link) if link else with_query("/users/delta", select=SELECT_CHANGES), {}
        for page in self._pages(path, shapes.User):
            if page.get("@odata.deltaLink"):
                own_path(page["@odata.deltaLink"])
            elif not page.get("@odata.nextLink"):
                raise not_as_described("GET", "no link")
            yield page

    def deleted_users(self) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
        path = "/directory/deletedItems/graph.user"
        return self.items(with_query(path, select=SELECT_DELETED, top=LARGEST_PAGE), shapes.User)

    def create_user(self, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-post-users"""
        user = self.call("POST", "/users", body, shape=shapes.User)
        if (user.get("userPrincipalName") or "").casefold() != body["userPrincipalName"].casefold():
            raise not_as_described("POST", "another account")
        return user

    def update_user(self, user_id: str, body: dict[str, Any]) -> None:
        """https://learn.microsoft.com/graph/api/user-update"""
        self.call("PATCH", user_path(user_id), body)

    def delete_user(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-delete: into the recycle bin, for 30 days."""
        self.call("DELETE", user_path(user_id))

    def revoke_sessions(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
        self.call("POST", f"{user_path(user_id)}/revokeSignInSessions", shape=shapes.Revoked)

    def assign_licences(
        self, user_id: str, *, add: list[str], remove: list[str], without: Mapping[str, Sequence[str]]
    ) -> None:
        """https://learn.microsoft.com/graph/api/user-assignlicense; both lists must be sent."""
        added = [{"skuId": sku, "disabledPlans": list(without.get(sku, ()))} for sku in add]
        body = {"addLicenses": added, "removeLicenses": remove}
        self.call("POST", f"{user_path(user_id)}/assignLicense", body)

    def manager(self, user_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-list-manager; NotFound when there is none."""
        return self.call("GET", with_query(f"{user_path(user_id)}/manager", select=OF_MANAGER), shape=shapes.Manager)

    def set_manager(self, user_id: str, manager_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-post-manager"""
        self.call(
            "PUT", f"{user_path(user_id)}/manager/$ref", {"@odata.id": f"{tokens.graph()}/v1.0/users/{manager_id}"}
        )

    def clear_manager(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-delete-manager"""
        self.call("DELETE", f"{user_path(user_id)}/manager/$ref")

    def member_of(self, user_id: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-memberof: groups, directory roles, administrative units."""
        return list(self.items(f"{user_path(user_id)}/memberOf", shapes.Member))

    def groups(self, text: str = "") -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/group-list; text: beginnings of words of the name."""
        words = " ".join(text.replace('"', " ").replace("\\", " ").split())
        if not words:
            return self.items(with_query("/groups", select=OF_GROUP, top=LARGEST_PAGE), shapes.Group)
        search = f'"displayName:{words}"'
        path = with_query("/groups", search=search, select=OF_GROUP, top=LARGEST_PAGE, count="true")
        return iter(self.call("GET", path, headers=ADVANCED, shape=Page[shapes.Group])["value"])

    def group(self, group_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/group-get"""
        group = self.call("GET", with_query(f"/groups/{quote(group_id)}", select=OF_GROUP), shape=shapes.Group)
        if group["id"].casefold() != group_id.casefold():
            raise not_as_described("GET", "another group")
        return group

    def groups_of(self, user_id: str) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-memberof: the groups, not those that these are in."""
        path = f"{user_path(user_id)}/memberOf/graph.group"
        return self.items(with_query(path, select=OF_GROUP, top=LARGEST_PAGE), shapes.Group)

    def owned_groups(self, user_id: str) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-ownedobjects"""
        path = f"{user_path(user_id)}/ownedObjects/graph.group"
        return self.items(with_query(path, select=OF_GROUP, top=LARGEST_PAGE), shapes.Group)

    def members(self, group_id: str) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/group-list-members: accounts, and the groups and devices in it."""
        path = with_query(f"/groups/{quote(group_id)}/members", select="id", top=LARGEST_PAGE)
        return self.items(path, shapes.Linked)

    def owners(self, group_id: str) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/group-list-owners"""
        return self.items(with_query(f"/groups/{quote(group_id)}/owners", select="id"), shapes.Linked)

    def link(self, path: str, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/group-post-members and group-post-owners. path: …/members."""
        self.call("POST", f"{path}/$ref", {"@odata.id": f"{tokens.graph()}/v1.0/directoryObjects/{user_id}"})

    def unlink(self, path: str, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/group-delete-members and group-delete-owners.

        Without $ref this could delete the person and not the link.
        """
        self.call("DELETE", f"{path}/{quote(user_id)}/$ref")

    def restore(self, user_id: str, *, new_name: str | None = None) -> None:
        """https://learn.microsoft.com/graph/api/directory-deleteditems-restore; new_name: when the old one is taken."""
        body = {"newUserPrincipalName": new_name, "autoReconcileProxyConflict": True} if new_name else None
        self.call("POST", f"/directory/deletedItems/{quote(user_id)}/restore", body)

    def organization(self) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/organization-list: always one."""
        found = self.call("GET", "/organization", shape=Page[shapes.Organization])["value"]
        if [item["id"].casefold() for item in found] != [self.tenant_id.casefold()]:
            raise not_as_described("GET", "another tenant")
        return found[0]

    def domains(self) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/domain-list"""
        return list(self.items("/domains", shapes.Domain))

    def subscribed_skus(self) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/subscribedsku-list"""
        return list(self.items("/subscribedSkus", shapes.Sku))

    def items(self, path: str, of: type[Shape]) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/paging: what is on all pages of a list."""
        for page in self._pages(path, of):
            yield from page["value"]

    def _pages(self, path: str, of: type[Shape]) -> Iterator[dict[str, Any]]:
        """Page by page. The link to the next one is followed as it is given; one that leads in a circle is refused."""
        seen: set[str] = set()
        while path:
            if path in seen or len(seen) == MOST_PAGES:
                raise not_as_described("GET", "a list without end")
            seen.add(path)
            page = self.call("GET", path, shape=Page[of])  # type: ignore[valid-type]
            yield page
            path = next_path(page)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        cost: Cost | None = None,
        shape: type[Shape] = shapes.Anything,
    ) -> Any:
        """The JSON of a good answer, of this shape (None for none). path: as after /v1.0.

        Raises a ConnectorError for everything else. A refused token is replaced once: when it is too old, when Graph
        asks for other claims, and when the tenant's grants have changed since it was made.
        """
        response = self._answer(method, path, body, headers, cost or cost_of(method, path))
        request_id = response.headers.get("request-id", "")
        if 200 <= response.status_code < 300:
            return described(method, body_of(response), shape, empty=not response.content, request_id=request_id)
        raise not_as_described(method, f"{response.status_code}: sent elsewhere", request_id=request_id)

    def sent_on(self, path: str) -> str:
        """Where Graph sends the caller on to, for a file that lies elsewhere. Raises ConnectorError."""
        response = self._answer("GET", path, None, None, cost_of("GET", path))
        link = response.headers.get("Location", "")
        if response.status_code != 302 or not link:
            raise not_as_described("GET", f"{response.status_code}: not sent on")
        return link

    def file(self, path: str) -> bytes:
        """What a file at Graph holds. Raises ConnectorError."""
        response = self._answer("GET", path, None, None, cost_of("GET", path), alone=True)
        if response.status_code != 200 or not response.content:
            raise not_as_described("GET", f"{response.status_code}: no file")
        return response.content

    def send_file(self, path: str, content: bytes, kind: str) -> None:
        """Put a file there. kind: its media type. Raises ConnectorError."""
        headers, cost = {"Content-Type": kind}, cost_of("PUT", path)
        response = self._answer("PUT", path, None, headers, cost, content=content, alone=True)
        if response.status_code >= 300:
            raise not_as_described("PUT", f"{response.status_code}: sent elsewhere")

    def _answer(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None, cost: Cost, **options: Any
    ) -> requests.Response:
        """The answer, if it is no refusal. options: as Channel.request takes them. Raises ConnectorError."""
        token = tokens.app_token(self.tenant_id)
        response = self._send(method, path, body, headers, token, cost, **options)
        if response.status_code in (401, 403):
            better = self._better_token(response, token)
            response = self._send(method, path, body, headers, better, cost, **options) if better else response
        if response.status_code < 400:
            return response
        raise from_graph(
            response.status_code,
            body_of(response),
            method=method,
            request_id=response.headers.get("request-id", ""),
            retry_after=retry_after(response.headers),
        )

    def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None, token: str, cost: Cost, **options: Any
    ) -> requests.Response:
        return self.channel.request(
            method,
            f"{settings().graph}/v1.0{path}",
            path=f"/v1.0{path}",
            headers={**(headers or {}), "Authorization": f"Bearer {token}"},
            json=body,
            cost=cost,
            **options,
        )

    def _better_token(self, response: requests.Response, token: str) -> str | None:
        claims = wanted_claims(response.headers.get("WWW-Authenticate", ""))
        if claims or response.status_code == 401:
            return tokens.fresh_token(self.tenant_id, claims_challenge=claims)
        try:
            return tokens.token_with_other_grants(self.tenant_id, token)
        except NotPermitted:
            return None


def next_path(page: dict[str, Any]) -> str:
    """The link to the rest of a list; empty at its end. Raises TryLater for what is no link of Graph."""
    return own_path(page["@odata.nextLink"]) if page.get("@odata.nextLink") else ""


def described(method: str, answer: Any, shape: type[Shape], *, empty: bool = False, request_id: str = "") -> Any:
    """A good answer, if it is of this shape; a write may have none. Raises TryLater, `unknown` for a write."""
    if empty and method != "GET" and shape.may_be_empty:
        return None
    try:
        return shapes.check(answer, shape)
    except NotAsDescribed as error:
        raise not_as_described(method, str(error), request_id=request_id) from error


def wanted_claims(challenge: str) -> str | None:
    """The claims that Graph asks a new token to have, as JSON, from a WWW-Authenticate header; None when none.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    found = re.search(r'claims="([^"]+)"', challenge) if "insufficient_claims" in challenge else None
    if found is None:
        return None
    coded = found.group(1)
    try:
        text = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    except ValueError:
        return None
    claims = parsed(text)
    wanted = claims.get("access_token") if isinstance(claims, dict) else None
    return text.decode() if isinstance(wanted, dict) else None
