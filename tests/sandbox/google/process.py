"""The stand-in for Google Workspace as a process of its own, and what a test does with it."""

import base64
import subprocess
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.sandbox.process import ServiceProcess

PREFIX = "https://www.googleapis.com/auth/"


@dataclass(frozen=True)
class GoogleUser:
    """A user as the stand-in holds them."""

    properties: dict[str, Any]

    @property
    def id(self) -> str:
        return self.properties["id"]

    @property
    def address(self) -> str:
        return self.properties["primaryEmail"]

    @property
    def name(self) -> str:
        return self.properties["name"]["fullName"]

    @property
    def suspended(self) -> bool:
        return self.properties["suspended"]

    @property
    def archived(self) -> bool:
        return self.properties["archived"]

    @property
    def deleted(self) -> bool:
        return self.properties["_deleted"]

    @property
    def org_unit(self) -> str:
        return self.properties["orgUnitPath"]

    @property
    def licences(self) -> list[str]:
        """SKU ids."""
        return self.properties["_licences"]

    @property
    def must_change(self) -> bool:
        return self.properties["changePasswordAtNextLogin"]

    @property
    def signed_out_at(self) -> float:
        """The sandbox's time of the last sign-out, 0 for none."""
        return self.properties["_signedOutAt"]

    def entries(self, name: str, kind: str = "") -> list[dict[str, Any]]:
        """Entries of externalIds, relations, phones …; kind: of this type alone."""
        return [item for item in self.properties.get(name, ()) if not kind or item.get("type") == kind]


class GoogleProcess(ServiceProcess):
    """Start it with `start`; all its addresses are attributes, from the line it prints."""

    SERVICE = "google-workspace"

    def __init__(self, process: subprocess.Popen, line: dict[str, Any]):
        super().__init__(process, line)
        self.accounts_url: str = line["accounts_url"]
        self.token_url: str = line["token_url"]
        self.api_url: str = line["api_url"]
        self.licensing_url: str = line["licensing_url"]
        self.admin_console_url: str = line["admin_console_url"]
        self.customers: list[dict[str, str]] = line["customers"]

    def customer(self, name: str = "Acme") -> dict[str, Any]:
        """Its id, domains, policy, and how many of each SKU are held."""
        return next(item for item in self._control("GET", "/customers") if item["name"] == name)

    def user(self, name: str) -> GoogleUser | None:
        """By id or any address; a deleted one too. None for nobody."""
        answer = self.session.get(f"{self.control_url}/users", params={"name": name})
        return GoogleUser(answer.json()) if answer.ok else None

    def users(self, customer: str = "Acme") -> list[GoogleUser]:
        return [GoogleUser(found) for found in self._control("GET", "/users", customer=customer)]

    def patch_user(self, name: str, **values: Any) -> None:
        """Change a user as somebody in the Admin console would, without any rule: suspended=True, name={…} …"""
        self._control("PATCH", "/users", name=name, values=values)

    def make_user(self, address: str, first: str = "New", last: str = "Person", **more: Any) -> GoogleUser:
        """By hand. more: customer, or customer="personal" for a consumer account; values as for patch_user."""
        return GoogleUser(self._control("POST", "/users", address=address, first=first, last=last, **more))

    def delete_user(self, name: str) -> None:
        self._control("PATCH", "/users", name=name, delete=True)

    def restore_user(self, name: str) -> None:
        self._control("PATCH", "/users", name=name, restore=True)

    def purge_user(self, name: str) -> None:
        """Gone for good, as after twenty days."""
        self._control("PATCH", "/users", name=name, purge=True)

    def picture(self, name: str) -> bytes | None:
        """The picture that reads show, as large as it was sent."""
        return base64.b64decode(self._control("GET", "/picture", name=name)) or None

    def set_picture(self, name: str, content: bytes) -> None:
        """As its owner would."""
        self._control("PATCH", "/picture", name=name, content=base64.b64encode(content).decode())

    def sign_in(self, username: str, password: str) -> str:
        """ "ok", "must change password", "wrong password", "blocked" or "unknown"."""
        return self._control("POST", "/sign-in", username=username, password=password)["result"]

    def policy(self, customer: str = "Acme", **values: Any) -> dict[str, Any]:
        """What the customer has set: app="blocked", automatic_licence="", seats={sku: 3}, unmanaged="invite" …"""
        return self._control("POST", "/policy", customer=customer, **values)

    def application(self, **values: Any) -> None:
        """The state of the application: testing, deleted, policy_comes_back, reauth, issuer, disabled_apis, secret …"""
        self._control("POST", "/application", **values)

    def grants(self) -> dict[str, Any]:
        """For each address: the granted scopes, and how many refresh tokens live."""
        return self._control("GET", "/grants")

    def end_grant(self, name: str, *, access: bool = False) -> None:
        """The person revokes the application. access: only access tokens end."""
        self._control("DELETE", "/grants", name=name, access=access)

    def narrow_grant(self, name: str, *scopes: str) -> None:
        """Live tokens keep only these scopes."""
        self._control("PATCH", "/grants", name=name, scopes=list(scopes))

    def timing(self, **seconds: float) -> None:
        """Of store.Timing: new_user, denied, whole, complete, reads, flips, search, rename, freed, mailbox, log,
        licence, pictures.
        """
        self._control("POST", "/timing", **seconds)

    def throttle(self, on: bool = True, **limits: float) -> None:
        """Google's quotas; limits: other figures of quotas.Limits."""
        self._control("POST", "/throttle", on=on, **limits)

    def events(self, customer: str = "Acme") -> list[dict[str, Any]]:
        """The admin log, oldest first."""
        return self._control("GET", "/events", customer=customer)

    def groups(self, customer: str = "Acme") -> dict[str, list[str]]:
        """The ids of the members of each group, by its address."""
        return {item["email"]: item["members"] for item in self._control("GET", "/groups", customer=customer)}

    def hold(self, address: str, of: str, kind: str = "alias") -> None:
        """Give a user an alias, or with kind="group alias" a group."""
        self._control("POST", "/hold", address=address, of=of, kind=kind)

    def channels(self, customer: str = "Acme") -> list[dict[str, Any]]:
        """Who is told of changes: id, event, address, expires."""
        return self._control("GET", "/channels", customer=customer)

    def clock(self) -> float:
        """The sandbox's time in seconds."""
        return datetime.fromisoformat(self._control("GET", "/clock")["now"].replace("Z", "+00:00")).timestamp()

    def consent(
        self, address: str, pick: str = "grace.hopper@acme.example", *, untick: tuple[str, ...] = (),
        answer: str = "allow", browser: requests.Session | None = None,
    ) -> str:  # fmt: skip
        """Sign in at an authorization address, tick all boxes but those, and press the button.

        untick: ends of scopes, like "apps.licensing". Returns the address the browser is sent back to, or "" when
        Google's own page stays.
        """
        asked = parse_qs(urlsplit(address).query)["scope"][0].split()
        ticked = [scope for scope in asked if not scope.endswith(untick or ("\0",))]
        form = {"pick": pick, "answer": answer, "scope": ticked}
        answered = (browser or self.session).post(address, data=form, allow_redirects=False)
        return answered.headers.get("Location", "")
