"""Google's Directory, Licensing and Reports APIs, one method per call. Each names the page it follows."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import requests

from portal.connectors.errors import BadCredentials, ConnectorError, TryLater
from portal.connectors.google_workspace import odd, quota, shapes, suspended, tokens
from portal.connectors.google_workspace.held import Held
from portal.connectors.google_workspace.payloads import FIELDS_OF_ONE
from portal.connectors.google_workspace.refusals import from_google, not_as_described
from portal.connectors.google_workspace.settings import settings
from portal.connectors.http import FIRST_PAUSE, Channel, Cost, body_of, jittered
from portal.connectors.pace import retry_after
from portal.connectors.shape import NotAsDescribed, Shape, check
from portal.connectors.values import Call, Kept
from portal.languages import gettext as _

NAME = "Google Workspace"
PATIENCE = 3.0
LARGEST_PAGE, LARGEST_LICENCE_PAGE, LARGEST_LOG_PAGE, LARGEST_GROUP_PAGE = 500, 100, 1000, 200
# Pages of one list: more accounts than any customer has.
MOST_PAGES = 20_000
DIRECTORY, LICENSING, REPORTS = "/admin/directory/v1", "/apps/licensing/v1", "/admin/reports/v1"
ONE, CREATE = Cost(writes=1, units=0), Cost(writes=1, units=1)
NOBODY = _("%(name)s shows no account at all, which cannot be right. Nothing was changed.", name=NAME)
OF_SIGNER = "id,primaryEmail,isAdmin,isDelegatedAdmin,customerId,suspended"
# Google has refused for its quota: certainly nothing was done, whatever was asked.
NOT_DONE = frozenset({403, 429})


@dataclass(frozen=True)
class Where:
    """One of Google's APIs: where it is, and through which channel it is asked."""

    url: str
    channel: Channel


def key(text: str) -> str:
    """An id or address as a part of a path."""
    return quote(text, safe="@")


def with_query(path: str, **options: Any) -> str:
    """The path with those options that are not None."""
    given = {name: value for name, value in options.items() if value is not None}
    return f"{path}?{urlencode(given, quote_via=quote, safe='@,()/:')}" if given else path


class DirectoryClient:
    """Calls for one customer. patience: seconds that the repeats of one call may take together.

    kept: where a sign-in goes that Google gives in the place of this one. token: an access token to use as it is,
    before there is a connection.
    """

    def __init__(
        self, tenant_id: str, held: Held, *, kept: Kept | None = None, patience: float = PATIENCE, token: str = ""
    ):
        self._kept = kept or Kept(held.written())
        self.tenant_id, self.held, self._token, self._patience = tenant_id, held, token, patience
        self.channel = Channel(NAME, quota.pacer_of(tenant_id), patience=patience)
        licensing = Channel(NAME, quota.LICENSING, patience=patience)
        # One list, in the order in which they were made.
        licensing.calls = self.channel.calls
        self._directory = Where(settings().api_url, self.channel)
        self._licensing = Where(settings().licensing_url, licensing)

    @property
    def calls(self) -> list[Call]:
        return self.channel.calls

    def get_user(self, id_or_address: str) -> dict[str, Any]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/get

        An address may be another person's alias: the caller compares.
        """
        path = with_query(f"{DIRECTORY}/users/{key(id_or_address)}", fields=FIELDS_OF_ONE)
        user = self.call("GET", path, shape=shapes.User)
        return dict(self._checked(suspended.of_one(user, self._ids), shapes.Account))

    def _ids(self, query: str) -> set[str]:
        """Whom a query finds."""
        path = with_query(
            f"{DIRECTORY}/users", customer=self.tenant_id, maxResults=LARGEST_PAGE, query=query,
            fields="nextPageToken,users(id)",
        )  # fmt: skip
        pages = self._pages(path, shapes.Users)
        return {user["id"] for page in pages for user in odd.readable(page.get("users") or [], shapes.User)}

    def signer(self, person_id: str) -> dict[str, Any]:
        """The same of the administrator on whom the connection hangs: role and customer."""
        path = with_query(f"{DIRECTORY}/users/{key(person_id)}", fields=OF_SIGNER)
        user = self.call("GET", path, shape=shapes.User)
        if user["id"] != person_id:
            raise not_as_described("GET", "another account")
        return user

    def users(self, *, query: str | None = None, most: int | None = None) -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/list: each page as it comes.

        query: https://developers.google.com/workspace/admin/directory/v1/guides/search-users. most: of one page. Raises
        TryLater where there is nobody at all.
        """
        path = with_query(
            f"{DIRECTORY}/users", customer=self.tenant_id, maxResults=most or LARGEST_PAGE, query=query,
            orderBy=None if query else "email", fields=f"nextPageToken,users({FIELDS_OF_ONE})",
        )  # fmt: skip
        anybody, state = bool(query), suspended.Everybody(self._ids)
        for page in self._pages(path, shapes.Users):
            found = page.get("users") or []
            anybody = anybody or bool(found)
            if not (anybody or page.get("nextPageToken")):
                # The administrator who connected the company has an account there.
                raise TryLater(NOBODY, code="empty list", request_id=self._request_id)
            if not query:
                found = [state.of(user) for user in found]
            yield {**page, "users": list(odd.readable(found, shapes.Account, self.get_user))}

    def last_logins(self) -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users#User, lastLoginTime."""
        path = with_query(
            f"{DIRECTORY}/users", customer=self.tenant_id, maxResults=LARGEST_PAGE, orderBy="email",
            fields="nextPageToken,users(id,lastLoginTime)",
        )  # fmt: skip
        for page in self._pages(path, shapes.Users):
            yield from odd.readable(page.get("users") or [], shapes.LoggedIn)

    def deleted_users(self) -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/list, with showDeleted.

        Deleted users alone, for twenty days.
        """
        path = with_query(
            f"{DIRECTORY}/users", customer=self.tenant_id, maxResults=LARGEST_PAGE, showDeleted="true",
            fields=f"nextPageToken,users({FIELDS_OF_ONE})",
        )  # fmt: skip
        for page in self._pages(path, shapes.Users):
            yield from odd.readable(page.get("users") or [], shapes.User)

    def insert_user(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/insert

        None when Google made none, but invited somebody who has an account of their own with this address (202).
        """
        path = with_query(f"{DIRECTORY}/users", resolveConflictAccount="false")
        response = self._answer("POST", path, body, self._directory, CREATE)
        if response.status_code == 202:
            return None
        user = self._described("POST", response, shapes.User)
        if (user.get("primaryEmail") or "").casefold() != body["primaryEmail"].casefold():
            raise not_as_described("POST", "another account", request_id=self._request_id)
        return dict(user)

    def update_user(self, user_id: str, body: dict[str, Any]) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/update

        What is absent stays, null clears, and an array is replaced whole.
        """
        self.call("PUT", with_query(f"{DIRECTORY}/users/{key(user_id)}", fields="id"), body)

    def sign_out(self, user_id: str) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/signOut"""
        self.call("POST", f"{DIRECTORY}/users/{key(user_id)}/signOut")

    def delete_user(self, user_id: str) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/delete: for twenty days."""
        self.call("DELETE", f"{DIRECTORY}/users/{key(user_id)}")

    def undelete_user(self, user_id: str, org_unit: str) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/undelete"""
        self.call("POST", f"{DIRECTORY}/users/{key(user_id)}/undelete", {"orgUnitPath": org_unit})

    def get_photo(self, user_id: str) -> dict[str, Any]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos/get"""
        return self.call("GET", with_query(_photo(user_id), fields="photoData"), shape=shapes.Photo)

    def update_photo(self, user_id: str, body: dict[str, Any]) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos/update"""
        self.call("PUT", with_query(_photo(user_id), fields="id"), body)

    def delete_photo(self, user_id: str) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos/delete"""
        self.call("DELETE", _photo(user_id))

    def get_group(self, address: str) -> dict[str, Any]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups/get, by any address."""
        path = with_query(f"{DIRECTORY}/groups/{key(address)}", fields="id,email,name")
        return self.call("GET", path, shape=shapes.Group)

    def groups(self, user_id: str = "") -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups/list

        user_id: those that somebody is in; not those that these are in.
        """
        path = with_query(
            f"{DIRECTORY}/groups", maxResults=LARGEST_GROUP_PAGE, fields="nextPageToken,groups(id,email,name)",
            customer=None if user_id else self.tenant_id, userKey=user_id or None,
        )  # fmt: skip
        for page in self._pages(path, shapes.Groups):
            yield from page.get("groups") or []

    def members(self, group_id: str, role: str = "") -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list: of a role, or all."""
        path = with_query(
            f"{DIRECTORY}/groups/{key(group_id)}/members", roles=role or None, maxResults=LARGEST_GROUP_PAGE,
            fields="nextPageToken,members(id,role)",
        )  # fmt: skip
        for page in self._pages(path, shapes.Members):
            yield from (member for member in page.get("members") or () if member.get("id"))

    def get_member(self, group_id: str, user_id: str) -> dict[str, Any]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/get"""
        path = with_query(_member(group_id, user_id), fields="id,role,delivery_settings")
        return self.call("GET", path, shape=shapes.Member)

    def insert_member(self, group_id: str, body: dict[str, Any]) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/insert"""
        self.call("POST", f"{DIRECTORY}/groups/{key(group_id)}/members", body)

    def patch_member(self, group_id: str, user_id: str, body: dict[str, Any]) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/patch"""
        self.call("PATCH", _member(group_id, user_id), body)

    def delete_member(self, group_id: str, user_id: str) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/delete"""
        self.call("DELETE", _member(group_id, user_id))

    def customer(self) -> dict[str, Any]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/customers/get"""
        return self.call("GET", f"{DIRECTORY}/customers/{key(self.tenant_id)}", shape=shapes.Customer)

    def domains(self) -> list[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/domains/list"""
        path = f"{DIRECTORY}/customer/{key(self.tenant_id)}/domains"
        return list(self.call("GET", path, shape=shapes.Domains).get("domains") or [])

    def org_units(self) -> list[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/orgunits/list: all at once."""
        path = with_query(f"{DIRECTORY}/customer/{key(self.tenant_id)}/orgunits", type="all")
        return list(self.call("GET", path, shape=shapes.OrgUnits).get("organizationUnits") or [])

    def assignments(self, product: str) -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments/listForProduct"""
        path = with_query(
            f"{LICENSING}/product/{key(product)}/users", customerId=self.tenant_id, maxResults=LARGEST_LICENCE_PAGE
        )
        return self._pages(path, shapes.Assignments, self._licensing)

    def get_assignment(self, product: str, sku: str, username: str) -> dict[str, Any]:
        """https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments/get"""
        return self.call("GET", _assignment(product, sku, username), shape=shapes.Assignment, at=self._licensing)

    def insert_assignment(self, product: str, sku: str, username: str) -> None:
        """https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments/insert"""
        path = f"{LICENSING}/product/{key(product)}/sku/{key(sku)}/user"
        self.call("POST", path, {"userId": username}, at=self._licensing)

    def move_assignment(self, product: str, old: str, new: str, username: str) -> None:
        """https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments/update

        On the old one's path: of one product nobody has two.
        """
        body = {"productId": product, "skuId": new, "userId": username}
        self.call("PUT", _assignment(product, old, username), body, at=self._licensing)

    def delete_assignment(self, product: str, sku: str, username: str) -> None:
        """https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments/delete"""
        self.call("DELETE", _assignment(product, sku, username), at=self._licensing)

    def activities(self, since: str) -> Iterator[dict[str, Any]]:
        """https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list: the newest first.

        since: RFC 3339.
        """
        path = with_query(
            f"{REPORTS}/activity/users/all/applications/admin", startTime=since, maxResults=LARGEST_LOG_PAGE,
            fields="nextPageToken,items(id(time,uniqueQualifier),events(name,parameters(name,value)))",
        )  # fmt: skip
        for page in self._pages(path, shapes.Activities):
            yield from page.get("items") or []

    def _pages(self, path: str, shape: type[Shape], at: Where | None = None) -> Iterator[dict[str, Any]]:
        """Page by page; a list that leads in a circle is refused."""
        page_path, seen = path, set[str]()
        while True:
            page = self.call("GET", page_path, shape=shape, at=at)
            yield page
            following = page.get("nextPageToken")
            if not following:
                return
            if following in seen or len(seen) == MOST_PAGES:
                raise not_as_described("GET", "a list without end")
            seen.add(following)
            page_path = f"{path}&{urlencode({'pageToken': following})}"

    def call(
        self, method: str, path: str, body: Any = None, *, shape: type[Shape] = shapes.Anything, at: Where | None = None
    ) -> Any:
        """The JSON of a good answer, of this shape (None for none). Raises a ConnectorError for everything else."""
        return self._described(method, self._answer(method, path, body, at or self._directory, ONE), shape)

    def _answer(self, method: str, path: str, body: Any, at: Where, cost: Cost) -> requests.Response:
        """A good answer. A token that is not taken is renewed once; a refusal for the quota is waited for a little."""
        deadline, pause, renewed = time.monotonic() + self._patience, FIRST_PAUSE, False
        token = self._access_token()
        while True:
            response = self._send(method, path, body, at, cost, token)
            if 200 <= response.status_code < 300:
                return response
            if response.status_code < 400:
                raise not_as_described(method, f"{response.status_code}: sent elsewhere", request_id=self._request_id)
            error = self._refusal(method, response)
            if isinstance(error, BadCredentials) and error.status == 401 and not self._token:
                if renewed:
                    # The sign-in was renewed a moment ago, so it lives: what is refused here will pass.
                    raise error.worded(error.message, kind=TryLater) from error
                token, renewed = self._access_token(instead_of=token), True
                continue
            wait = max(jittered(pause), error.retry_after or 0.0)
            busy = isinstance(error, TryLater) and response.status_code in NOT_DONE
            if not busy or time.monotonic() + wait >= deadline:
                raise error
            time.sleep(wait)
            pause *= 2

    def _access_token(self, *, instead_of: str = "") -> str:
        return self._token or tokens.access(self.tenant_id, self.held, self._kept, instead_of=instead_of).token

    def _send(self, method: str, path: str, body: Any, at: Where, cost: Cost, token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return at.channel.request(method, at.url + path, path=path, headers=headers, json=body, cost=cost)

    @property
    def _request_id(self) -> str:
        return self.calls[-1].request_id if self.calls else ""

    def _refusal(self, method: str, response: requests.Response) -> ConnectorError:
        return from_google(
            response.status_code,
            body_of(response),
            text=response.content[:2000].decode("utf-8", "replace"),
            challenge=response.headers.get("WWW-Authenticate", ""),
            method=method,
            request_id=self._request_id,
            retry_after=retry_after(response.headers),
        )

    def _described(self, method: str, response: requests.Response, shape: type[Shape]) -> Any:
        """A good answer, if it is of this shape; a write may have none. Raises TryLater, `unknown` for a write."""
        if not response.content and method != "GET" and shape.may_be_empty:
            return None
        return self._checked(body_of(response), shape, method)

    def _checked(self, body: Any, shape: type[Shape], method: str = "GET") -> Any:
        try:
            return check(body, shape)
        except NotAsDescribed as error:
            raise not_as_described(method, str(error), request_id=self._request_id) from error


def _photo(user_id: str) -> str:
    return f"{DIRECTORY}/users/{key(user_id)}/photos/thumbnail"


def _member(group_id: str, user_id: str) -> str:
    return f"{DIRECTORY}/groups/{key(group_id)}/members/{key(user_id)}"


def _assignment(product: str, sku: str, username: str) -> str:
    return f"{LICENSING}/product/{key(product)}/sku/{key(sku)}/user/{key(username)}"
