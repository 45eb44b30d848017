"""The sandbox as a process of its own, and what a test does with it."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import requests
import urllib3

from portal.sandbox.rules.permissions import DECLARED


@dataclass(frozen=True)
class SandboxUser:
    """A user as the sandbox holds it."""

    properties: dict[str, Any]

    @property
    def id(self) -> str:
        return self.properties["id"]

    @property
    def username(self) -> str:
        return self.properties["userPrincipalName"]

    @property
    def display_name(self) -> str:
        return self.properties["displayName"]

    @property
    def sign_in_blocked(self) -> bool:
        return not self.properties["accountEnabled"]

    @property
    def deleted(self) -> bool:
        return bool(self.properties.get("deletedDateTime"))

    @property
    def plans(self) -> list[str]:
        return [item["skuId"] for item in self.properties["assignedLicenses"]]

    @property
    def manager(self) -> str | None:
        return self.properties["_manager"]

    @property
    def reply(self) -> dict[str, Any]:
        """The automatic reply as Exchange keeps it; empty while nobody touched it."""
        return self.properties["_mailbox"]["settings"].get("automaticRepliesSetting") or {}

    @property
    def rules(self) -> list[dict[str, Any]]:
        return self.properties["_mailbox"]["rules"]

    @property
    def sessions_valid_from(self) -> datetime:
        return datetime.fromisoformat(self.properties["signInSessionsValidFromDateTime"].replace("Z", "+00:00"))


@dataclass(frozen=True)
class Request:
    """One line of the journal."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str
    fault: str | None
    request_id: str
    at: float


class ServiceProcess:
    """A stand-in for some service: its control address, journal, faults and clock."""

    SERVICE = ""

    def __init__(self, process: subprocess.Popen, line: dict[str, Any]):
        self.process = process
        self.control_url: str = line["control_url"]
        self.ca_file: str | None = line["ca_file"]
        self.client_id: str = line["client_id"]
        self.client_secret: str = line["client_secret"]
        self.session = requests.Session()
        self.session.trust_env = False
        # Whether nobody has steered it since it was reset.
        self.is_as_new = False
        # Tests steer the sandbox thousands of times: this is a third of the work of a session.
        self._pool = urllib3.PoolManager()

    @classmethod
    def start(cls, folder: Path, *, users: int = 0, tls: bool = False, redirect_uris: list[str] | None = None) -> Self:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "portal.sandbox", "--service", cls.SERVICE, "--port", "0"]
        command += ["--data", str(folder / "sandbox.sqlite3"), "--users", str(users)]
        command += ["--tls-dir", str(folder / "tls")] if tls else []
        for address in redirect_uris or []:
            command += ["--redirect-uri", address]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the sandbox ended with {process.wait(5)} before it listened"
        return cls(process, json.loads(line))

    def stop(self) -> None:
        self.session.close()
        self._pool.clear()
        self.process.terminate()
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()

    def _control(self, method: str, address: str, /, **values: Any) -> Any:
        asked = {"fields": values} if method == "GET" else {"json": values}
        self.is_as_new &= method == "GET"
        answer = self._pool.request(method, self.control_url + address, retries=False, **asked)
        assert answer.status < 400, f"{method} {address} {values}: {answer.status} {answer.data.decode()}"
        return answer.json()

    def requests(self, method: str | None = None, path: str | None = None) -> list[Request]:
        lines = [Request(**line) for line in self._control("GET", "/journal")]
        return [line for line in lines if method in (None, line.method) and (path is None or path in line.path)]

    def clear_requests(self) -> None:
        self._control("DELETE", "/journal")

    def fault(self, **rule: Any) -> None:
        """See faults.Fault for what a rule may say."""
        self._control("POST", "/faults", **rule)

    def faults(self) -> list[dict[str, Any]]:
        """The rules, with how often each has hit."""
        return self._control("GET", "/faults")

    def clear_faults(self) -> None:
        self._control("DELETE", "/faults")

    def timing(self, **seconds: float) -> None:
        """See the Timing of the service for what takes how long."""
        self._control("POST", "/timing", **seconds)

    def set_latency(self, milliseconds: float) -> None:
        self._control("POST", "/latency", seconds=milliseconds / 1000)

    def advance(self, seconds: float) -> None:
        self._control("POST", "/clock", seconds=seconds)

    def reset(self) -> None:
        self._control("POST", "/reset")
        self.is_as_new = True


class SandboxProcess(ServiceProcess):
    """Start it with `start`; all its addresses are attributes, from the line it prints."""

    SERVICE = "microsoft-365"

    def __init__(self, process: subprocess.Popen, line: dict[str, Any]):
        super().__init__(process, line)
        self.graph_url: str = line["graph_url"]
        self.login_url: str = line["login_url"]
        self.admin_centre_url: str = line["admin_centre_url"]
        self.outside_url: str = line["outside_url"]
        self.tenants: list[dict[str, str]] = line["tenants"]

    def user(self, name: str, tenant: str = "Acme") -> SandboxUser | None:
        found = self._control("GET", "/users", tenant=tenant, name=name)
        return SandboxUser(found) if found else None

    def users(self, tenant: str = "Acme") -> list[SandboxUser]:
        return [SandboxUser(found) for found in self._control("GET", "/users", tenant=tenant)]

    def patch_user(self, name: str, tenant: str = "Acme", **values: Any) -> None:
        """Change a user as an administrator in the Admin Centre would."""
        self._control("PATCH", "/users", tenant=tenant, name=name, values=values)

    def change_mailbox(self, name: str, tenant: str = "Acme", **values: Any) -> None:
        """As its owner would: purpose, settings, more rules."""
        self._control("PATCH", "/mailbox", tenant=tenant, name=name, **values)

    def picture(self, name: str, tenant: str = "Acme") -> bytes | None:
        """The picture that everything shows."""
        return base64.b64decode(self._control("GET", "/picture", tenant=tenant, name=name)) or None

    def set_picture(self, name: str, content: bytes, tenant: str = "Acme") -> None:
        """As its owner would."""
        self._control("PATCH", "/picture", tenant=tenant, name=name, content=base64.b64encode(content).decode())

    def conceal_names(self, concealed: bool, tenant: str = "Acme") -> None:
        """Whether usage reports hide names."""
        self._control("POST", "/report-settings", tenant=tenant, concealed=concealed)

    def give_role(self, name: str, role: str, tenant: str = "Acme") -> None:
        self._control("PATCH", "/users", tenant=tenant, name=name, role=role)

    def join(self, name: str, group: str, tenant: str = "Acme") -> None:
        """Into a group that Graph cannot write, say."""
        self._control("PATCH", "/users", tenant=tenant, name=name, join=group)

    def take_roles(self, name: str, tenant: str = "Acme") -> None:
        self._control("PATCH", "/users", tenant=tenant, name=name, roles=[])

    def delete_user(self, name: str, tenant: str = "Acme") -> None:
        self._control("PATCH", "/users", tenant=tenant, name=name, delete=True)

    def restore_user(self, name: str, tenant: str = "Acme") -> None:
        self._control("PATCH", "/users", tenant=tenant, name=name, restore=True)

    def sign_in(self, username: str, password: str) -> str:
        """ "ok", "must change password", "pass", "wrong password", "blocked" or "unknown"."""
        return self._control("POST", "/sign-in", username=username, password=password)["result"]

    def moment(self, seconds: float = 0) -> str:
        """The sandbox's time so many seconds from now, as Graph writes it."""
        now = datetime.fromisoformat(self._control("GET", "/clock")["now"].replace("Z", "+00:00"))
        return (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def grant_more(self, tenant: str, *permissions: str) -> None:
        """Besides what the application declares, as for what the portal does not ask for."""
        self.grant_consent(tenant, [*DECLARED, *permissions])

    def add_tenant(self, name: str) -> str:
        """One more tenant, which is Acme's like and has granted nothing yet; its id."""
        return self._control("POST", "/tenants", name=name)

    def grant_consent(self, tenant: str = "Acme", permissions: list[str] | None = None) -> None:
        values = {} if permissions is None else {"permissions": permissions}
        self._control("POST", "/consent", tenant=tenant, **values)

    def revoke_consent(self, tenant: str = "Acme") -> None:
        """The application is taken out of the tenant; grant_consent(tenant, []) only takes its permissions."""
        self._control("POST", "/consent", tenant=tenant, remove=True)

    def pass_policy(self, tenant: str = "Acme", **values: Any) -> None:
        """What the policy for Temporary Access Passes says from now on, where that is not what is usual."""
        self._control("POST", "/pass-policy", tenant=tenant, **values)

    def register_certificate(self, pem: str) -> None:
        """For client assertions."""
        self._control("POST", "/certificate", pem=pem)

    def expire_secret(self, expired: bool = True) -> None:
        self._control("POST", "/secret", expired=expired)

    def set_seats(self, sku: str, seats: int, tenant: str = "Acme", **more: Any) -> None:
        """sku: id or part number. more: status (capabilityStatus), warning, suspended, lockedOut seats."""
        self._control("POST", "/seats", tenant=tenant, sku=sku, seats=seats, **more)

    def give_app_roles(self, *roles: str, tenant: str = "Acme") -> None:
        """The application itself holds these directory roles."""
        self._control("POST", "/app-roles", tenant=tenant, roles=list(roles))

    def mails(self, tenant: str = "Acme") -> list[dict[str, Any]]:
        """What sendMail accepted."""
        return self._control("GET", "/mails", tenant=tenant)

    def set_lag(self, seconds: float) -> None:
        """New users stay unknown for this long."""
        self._control("POST", "/lag", seconds=seconds)

    def throttle(self, on: bool = True, **limits: float) -> None:
        """Microsoft's quotas; limits: other figures (units, unit_seconds, writes, write_seconds …)."""
        self._control("POST", "/throttle", on=on, **limits)

    def allow_for_people(self, *scopes: str, tenant: str = "Acme", policy: str = "") -> None:
        """What the application may do in the name of everybody; policy: what they may agree to themselves."""
        self._control("POST", "/delegated", tenant=tenant, scopes=list(scopes), policy=policy)

    def refuse_person(self, name: str, number: int, tenant: str = "Acme") -> None:
        """From now on they get no token, for the reason with this number; 0: they get one again."""
        self._control("POST", "/refuse-person", tenant=tenant, name=name, number=number)

    def messages(self, name: str, tenant: str = "Acme", folder: str = "") -> list[dict[str, Any]]:
        """What is in the mailbox, or in one folder of it, oldest first."""
        found = self._control("GET", "/messages", tenant=tenant, name=name)
        return [item for item in found if not folder or item["folder"] == folder]

    def move_message(self, name: str, message_id: str, folder: str, tenant: str = "Acme") -> str:
        """Returns its other id. An empty folder deletes it for good."""
        return self._control("PATCH", "/messages", tenant=tenant, name=name, id=message_id, folder=folder)

    def outside(self, address: str = "") -> list[dict[str, Any]]:
        """The mail of an address that belongs to no tenant, oldest first."""
        return self._control("GET", "/outside", **({"address": address} if address else {}))

    def events(self, name: str, tenant: str = "Acme") -> list[dict[str, Any]]:
        """What is in the calendar."""
        found = self._control("GET", "/events", tenant=tenant, name=name)
        return [event for event in found if not event["gone"]]

    def change_event(self, name: str, **changes: Any) -> str:
        """As its owner in Outlook: id, starts and ends (seconds); without them it is called off; without id, added."""
        return self._control("PATCH", "/events", tenant="Acme", name=name, **changes)

    def answer_meeting(self, uid: str, address: str, response: str, words: str = "") -> None:
        self._control("POST", "/meeting-answer", uid=uid, address=address, response=response, words=words)

    def allow_teams(self, name: str, allowed: bool) -> None:
        self._control("POST", "/teams", tenant="Acme", name=name, allowed=allowed)

    def write_from_outside(self, **mail: Any) -> str:
        """sender, to, subject, text and more; or answers (the seq of a mail), sender, text. Returns its message id."""
        return self._control("POST", "/outside", **mail)
