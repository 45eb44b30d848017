"""Microsoft Graph v1.0, one method per call. Each names the page it follows."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import requests

from portal.config import settings
from portal.connectors import http
from portal.connectors.base import Call
from portal.connectors.errors import BadCredentials, TryLater
from portal.connectors.microsoft365 import oauth
from portal.connectors.microsoft365.payloads import SELECT
from portal.connectors.microsoft365.refusals import from_graph

# https://learn.microsoft.com/graph/throttling-limits: 3,000 writes in any 150 seconds per application and tenant.
WRITES, WINDOW = 2_950, 150.0
PATIENCE = 4.0
LARGEST_PAGE = 999

_session = http.new_session()
_pacers: dict[str, http.Pacer] = {}
_lock = threading.Lock()


def _pacer(tenant_id: str) -> http.Pacer:
    with _lock:
        return _pacers.setdefault(tenant_id, http.Pacer(writes=WRITES, seconds=WINDOW))


def user_path(id_or_username: str) -> str:
    """/users/{id}; a name that begins with $ needs the form with brackets."""
    if id_or_username.startswith("$"):
        return f"/users('{quote(id_or_username, safe='@')}')"
    return f"/users/{quote(id_or_username, safe='@')}"


def quoted(text: str) -> str:
    """The text as a literal of a $filter."""
    return "'" + text.replace("'", "''") + "'"


class GraphClient:
    """Calls to one tenant. calls: the exchanges so far, secrets masked. patience: seconds for repeats of one call."""

    def __init__(self, tenant_id: str, *, patience: float = PATIENCE):
        self.tenant_id = tenant_id
        self.patience = patience
        self.calls: list[Call] = []

    def get_user(self, id_or_username: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-get"""
        return self._call("GET", f"{user_path(id_or_username)}?$select={SELECT}")

    def find_users(self, condition: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list with $filter"""
        return self._call("GET", f"/users?$filter={quote(condition)}&$select={SELECT}&$top=25")["value"]

    def search_users(self, expression: str, *, top: int) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/search-query-parameter; the index behind it lags a little."""
        path = f"/users?$search={quote(expression)}&$select={SELECT}&$top={top}&$count=true"
        return self._call("GET", path, headers={"ConsistencyLevel": "eventual"})["value"]

    def all_users(self) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/paging"""
        return self._pages(f"/users?$select={SELECT}&$top={LARGEST_PAGE}")

    def deleted_users(self) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/directory-deleteditems-list"""
        select = "id,userPrincipalName,displayName,mail,deletedDateTime"
        return self._pages(f"/directory/deletedItems/microsoft.graph.user?$select={select}&$top={LARGEST_PAGE}")

    def create_user(self, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-post-users"""
        return self._call("POST", "/users", body)

    def update_user(self, user_id: str, body: dict[str, Any]) -> None:
        """https://learn.microsoft.com/graph/api/user-update"""
        self._call("PATCH", user_path(user_id), body)

    def revoke_sessions(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-revokesigninsessions; repeating it does no harm."""
        self._call("POST", f"{user_path(user_id)}/revokeSignInSessions")

    def assign_licences(self, user_id: str, *, add: list[str], remove: list[str]) -> None:
        """https://learn.microsoft.com/graph/api/user-assignlicense; both lists must be sent."""
        body = {"addLicenses": [{"skuId": sku, "disabledPlans": []} for sku in add], "removeLicenses": remove}
        self._call("POST", f"{user_path(user_id)}/assignLicense", body)

    def manager(self, user_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-list-manager; 404 when there is none."""
        return self._call("GET", f"{user_path(user_id)}/manager?$select=id,displayName,userPrincipalName")

    def set_manager(self, user_id: str, manager_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-post-manager"""
        # The reference names Microsoft's own address of the cloud, whichever address we reach it by.
        graph = oauth.scope().removesuffix("/.default")
        self._call("PUT", f"{user_path(user_id)}/manager/$ref", {"@odata.id": f"{graph}/v1.0/users/{manager_id}"})

    def clear_manager(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/user-delete-manager"""
        self._call("DELETE", f"{user_path(user_id)}/manager/$ref")

    def member_of(self, user_id: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-memberof"""
        return list(self._pages(f"{user_path(user_id)}/memberOf"))

    def restore(self, user_id: str) -> None:
        """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
        self._call("POST", f"/directory/deletedItems/{quote(user_id)}/restore")

    def organization(self) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/organization-list"""
        return self._call("GET", "/organization")["value"][0]

    def domains(self) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/domain-list"""
        return list(self._pages("/domains"))

    def subscribed_skus(self) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/subscribedsku-list"""
        return list(self._pages("/subscribedSkus"))

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a listing. The link to the next page is followed as it is given."""
        page = self._call("GET", path)
        while True:
            yield from page.get("value") or []
            link = page.get("@odata.nextLink")
            if not link:
                return
            page = self._call("GET", re.sub(r"^https?://[^/]+/v1\.0", "", link))

    def _call(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Any:
        """The JSON of a good answer (None for none). Raises a ConnectorError for everything else."""
        token = oauth.app_token(self.tenant_id)
        response = self._send(method, path, body, {**(headers or {}), "Authorization": f"Bearer {token}"})
        if response.status_code == 401:
            token = self._fresh_token(response, token)
            response = self._send(method, path, body, {**(headers or {}), "Authorization": f"Bearer {token}"})
        if response.ok:
            return self._good(method, response)
        error = from_graph(
            response.status_code, http.body_of(response), request_id=response.headers.get("request-id", ""),
            retry_after=http.retry_after(response),
        )  # fmt: skip
        # A write that ended in a server error may have been carried out all the same.
        error.unknown = response.status_code >= 500 and method != "GET"
        raise error

    def _good(self, method: str, response: requests.Response) -> Any:
        body = http.body_of(response)
        if body is None and response.content:
            raise TryLater("Microsoft 365 is not answering properly at the moment.", unknown=method != "GET",
                           code=f"{response.status_code} not JSON")  # fmt: skip
        return body

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> requests.Response:
        return http.exchange(
            _session, method, f"{settings().graph_url}/v1.0{path}", headers=lambda: headers, json=body,
            path=f"/v1.0{path}", calls=self.calls, pacer=_pacer(self.tenant_id), patience=self.patience,
        )  # fmt: skip

    def _fresh_token(self, response: requests.Response, old: str) -> str:
        """After a 401: a new token, with the claims that Graph asks for. Raises BadCredentials when it is the same."""
        challenge = response.headers.get("WWW-Authenticate", "")
        claims = re.search(r'claims="([^"]+)"', challenge)
        oauth.forget(self.tenant_id)
        token = oauth.app_token(self.tenant_id, claims_challenge=_decoded(claims.group(1)) if claims else None)
        if token == old:
            raise BadCredentials("Microsoft 365 did not accept the portal's own sign-in.", code="401",
                                 request_id=response.headers.get("request-id", ""))  # fmt: skip
        return token


def _decoded(claims: str) -> str | None:
    try:
        text = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode()
        json.loads(text)
    except ValueError:
        return None
    return text
