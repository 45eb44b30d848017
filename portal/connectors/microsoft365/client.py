"""Microsoft Graph v1.0, one method per call. Each names the page it follows."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import requests

from portal.config import settings
from portal.connectors.base import Call
from portal.connectors.errors import NotPermitted, TryLater
from portal.connectors.http import Channel, Cost, body_of, retry_after
from portal.connectors.microsoft365 import tokens
from portal.connectors.microsoft365.payloads import SELECT, SELECT_CHANGES, SELECT_DELETED
from portal.connectors.microsoft365.quota import cost_of, pacer_of
from portal.connectors.microsoft365.refusals import from_graph

NAME = "Microsoft 365"
PATIENCE = 3.0
LARGEST_PAGE = 999
OF_MANAGER = "id,displayName,userPrincipalName"
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
    """A nextLink or deltaLink without its host: tokens of ours go to the configured address and nowhere else."""
    return re.sub(r"^https?://[^/]+/v1\.0", "", link)


class GraphClient:
    """Calls to one tenant. patience: seconds that the repeats of one call may take together."""

    def __init__(self, tenant_id: str, *, patience: float = PATIENCE):
        self.tenant_id = tenant_id
        self.channel = Channel(NAME, pacer_of(tenant_id), patience=patience)

    @property
    def calls(self) -> list[Call]:
        return self.channel.calls

    def get_user(self, id_or_username: str, *, select: str = SELECT, with_manager: bool = False) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-get; with_manager: "manager" is "" when there is none."""
        if not with_manager:
            return self.call("GET", with_query(user_path(id_or_username), select=select))
        path = with_query(user_path(id_or_username), select=select, expand=f"manager($select={OF_MANAGER})")
        return {"manager": "", **self.call("GET", path)}

    def find_users(self, condition: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list with $filter; one page of it."""
        return self.call("GET", with_query("/users", filter=condition, select=SELECT, top=25))["value"]

    def search_users(self, expression: str, *, top: int) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/search-query-parameter; the index behind it lags a little."""
        path = with_query("/users", search=expression, select=SELECT, top=top, count="true")
        return self.call("GET", path, headers=ADVANCED)["value"]

    def all_users(self) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/paging, with the largest pages, which cost as much as small ones."""
        return self._items(with_query("/users", select=SELECT, top=LARGEST_PAGE))

    def changed_users(self, link: str | None) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-delta; link: the last deltaLink, or None for everything.

        Yields whole pages; the last one has "@odata.deltaLink". Raises TryLater (410) for a link that is too old.
        """
        return self._pages(own_path(link) if link else with_query("/users/delta", select=SELECT_CHANGES))

    def deleted_users(self) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
        path = "/directory/deletedItems/graph.user"
        return self._items(with_query(path, select=SELECT_DELETED, top=LARGEST_PAGE))

    def create_user(self, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-post-users"""
        return self.call("POST", "/users", body)

    def update_user(self, user_id: str, body: dict[str, Any]) -> None:
        """https://learn.microsoft.com/graph/api/user-update"""
        self.call("PATCH", user_path(user_id), body)

    def revoke_sessions(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
        self.call("POST", f"{user_path(user_id)}/revokeSignInSessions")

    def assign_licences(self, user_id: str, *, add: list[str], remove: list[str]) -> None:
        """https://learn.microsoft.com/graph/api/user-assignlicense; both lists must be sent."""
        body = {"addLicenses": [{"skuId": sku, "disabledPlans": []} for sku in add], "removeLicenses": remove}
        self.call("POST", f"{user_path(user_id)}/assignLicense", body)

    def manager(self, user_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-list-manager; NotFound when there is none."""
        return self.call("GET", with_query(f"{user_path(user_id)}/manager", select=OF_MANAGER))

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
        return list(self._items(f"{user_path(user_id)}/memberOf"))

    def restore(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
        self.call("POST", f"/directory/deletedItems/{quote(user_id)}/restore")

    def organization(self) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/organization-list: always one."""
        return self.call("GET", "/organization")["value"][0]

    def domains(self) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/domain-list"""
        return list(self._items("/domains"))

    def subscribed_skus(self) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/subscribedsku-list"""
        return list(self._items("/subscribedSkus"))

    def _items(self, path: str) -> Iterator[dict[str, Any]]:
        for page in self._pages(path):
            yield from page.get("value") or ()

    def _pages(self, path: str | None) -> Iterator[dict[str, Any]]:
        """Page by page. The link to the next one is followed as it is given."""
        while path:
            page = self.call("GET", path)
            yield page
            path = own_path(page.get("@odata.nextLink") or "")

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        cost: Cost | None = None,
    ) -> Any:
        """The JSON of a good answer (None for none). path: as after /v1.0. Raises a ConnectorError for everything else.

        A refused token is replaced once: when it is too old, when Graph asks for other claims, and when the tenant's
        grants have changed since it was made.
        """
        cost = cost or cost_of(method, path)
        token = tokens.app_token(self.tenant_id)
        response = self._send(method, path, body, headers, token, cost)
        if response.status_code in (401, 403):
            better = self._better_token(response, token)
            response = self._send(method, path, body, headers, better, cost) if better else response
        if response.ok:
            return _good(method, response)
        error = from_graph(
            response.status_code,
            body_of(response),
            request_id=response.headers.get("request-id", ""),
            retry_after=retry_after(response.headers),
        )
        # A write that ended in a server error may have been carried out all the same.
        error.unknown = response.status_code >= 500 and method != "GET"
        raise error

    def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None, token: str, cost: Cost
    ) -> requests.Response:
        return self.channel.request(
            method,
            f"{settings().graph_url}/v1.0{path}",
            path=f"/v1.0{path}",
            headers={**(headers or {}), "Authorization": f"Bearer {token}"},
            json=body,
            cost=cost,
        )

    def _better_token(self, response: requests.Response, token: str) -> str | None:
        claims = wanted_claims(response.headers.get("WWW-Authenticate", ""))
        if claims or response.status_code == 401:
            return tokens.fresh_token(self.tenant_id, claims_challenge=claims)
        try:
            return tokens.token_with_other_grants(self.tenant_id, token)
        except NotPermitted:
            return None


def _good(method: str, response: requests.Response) -> Any:
    body = body_of(response)
    if isinstance(body, dict) or (not response.content and method != "GET"):
        return body
    raise TryLater(
        "Microsoft 365 is not answering properly at the moment.",
        unknown=method != "GET",
        code=f"{response.status_code} not JSON",
        request_id=response.headers.get("request-id", ""),
    )


def wanted_claims(challenge: str) -> str | None:
    """The claims that Graph asks a new token to have, as JSON, from a WWW-Authenticate header; None when none.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    found = re.search(r'claims="([^"]+)"', challenge) if "insufficient_claims" in challenge else None
    if found is None:
        return None
    coded = found.group(1)
    try:
        text = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        json.loads(text)
    except ValueError:
        return None
    return text
