"""Harbour: a second application that exists only in tests, with rules unlike those of the first.

It has no licences, needs no country, cannot end sessions and keeps nothing that was deleted. It knows its people by
address, takes 32 characters before the @, and tells no changes: it is read whole. It is connected with a typed key.
"""

import json
import re
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.connectors.capabilities import Capabilities, LocalPartRules, Way, Words
from portal.connectors.errors import (
    AlreadyExists,
    BadCredentials,
    ConnectorError,
    Declined,
    NotFound,
    Refused,
    TryLater,
)
from portal.connectors.http import Channel, Cost, RequestIds, body_of
from portal.connectors.last_use import LastUse, Source
from portal.connectors.mailboxes import WithoutMailboxes
from portal.connectors.pace import Pacer, Window
from portal.connectors.passes import WithoutPasses
from portal.connectors.pictures import WithoutPictures
from portal.connectors.values import (
    NOBODY,
    Administrator,
    Alike,
    Call,
    Changes,
    Domain,
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

KEY, NAME, LONGEST, PAGE = "harbour", "Harbour", 32, 5
# The portal's name of a field -> Harbour's.
FIELDS = {
    "display_name": "name", "first_name": "given", "last_name": "family", "job_title": "title",
    "department": "team", "employee_number": "number",
}  # fmt: skip


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nothing: a test says what matters."""


@dataclass
class HarbourServer(AbstractContextManager["HarbourServer"]):
    """The directory of one company, in memory, behind real HTTP.

    people: address -> what is kept of a person. keys: those that open it. asked: method and path of every request.
    down: it answers nothing but 503. deaf: so many creates are carried out and not answered. cut_off_at: a list of all
    people breaks off there.
    """

    id: str = "berth-7"
    name: str = "Acme Harbour"
    domains: tuple[str, ...] = ("acme-harbour.example",)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=lambda: [secrets.token_hex(8)])
    asked: list[str] = field(default_factory=list)
    down: bool = False
    deaf: int = 0
    cut_off_at: int | None = None

    def __enter__(self) -> "HarbourServer":
        self.add("captain", name="Cora Captain", family="Captain", given="Cora")
        self._server = make_server("127.0.0.1", 0, self._application, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def key(self) -> str:
        return self.keys[0]

    def add(self, local_part: str, **values: Any) -> str:
        """A person whom the portal did not add; returns the address."""
        address = f"{local_part}@{self.domains[0]}"
        self.people[address] = {"address": address, "locked": False, "boss": None, "reference": "", **values}
        return address

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(f"{request.method} {request.path}")
        status, body = self._answer(request)
        headers = {"harbour-request": request.headers.get("harbour-request", "none")}
        return Response(json.dumps(body), status, headers, mimetype="application/json")(environ, start_response)

    def _answer(self, request: Request) -> tuple[int, Any]:
        if self.down:
            return 503, {}
        if request.headers.get("Authorization", "").removeprefix("Key ") not in self.keys:
            return 401, {"wrong": "key"}
        if request.path == "/directory":
            rights = ["people.read", "people.write"]
            return 200, {"id": self.id, "name": self.name, "domains": self.domains, "rights": rights}
        if request.path == "/berths":
            return 200, {"berths": ["Berth", "Mooring"]}
        if request.path == "/people" and request.method == "POST":
            return self._create(request.get_json())
        if request.path == "/people":
            first = request.args.get("from", 0, int)
            if first == self.cut_off_at:
                return 503, {}
            some = sorted(self.people.values(), key=lambda person: person["address"])
            more = first + PAGE if first + PAGE < len(some) else None
            return 200, {"people": some[first : first + PAGE], "next": more}
        person = self.people.get(request.path.removeprefix("/people/"))
        if person is None:
            return 404, {"wrong": "nobody"}
        person.update(request.get_json() if request.method == "PUT" else {})
        return 200, person

    def _create(self, wanted: dict[str, Any]) -> tuple[int, Any]:
        local_part = wanted["address"].partition("@")[0]
        if wanted["address"] in self.people:
            return 409, {"wrong": "taken"}
        if not re.fullmatch(rf"[a-z0-9.]{{1,{LONGEST}}}", local_part):
            return 422, {"wrong": "address"}
        self.people[wanted["address"]] = {"locked": False, "boss": None, **wanted}
        if self.deaf:
            self.deaf -= 1
            return 503, {}
        return 201, self.people[wanted["address"]]


class HarbourConnector(WithoutMailboxes, WithoutPasses, WithoutPictures):
    """The Connector of one Harbour."""

    def __init__(self, url: str, key: str, pacer: Pacer, patience: float):
        self.url, self._key = url, key
        ids = RequestIds(sent="harbour-request", received="harbour-request")
        self.channel = Channel(NAME, pacer, patience=patience, ids=ids)

    @property
    def calls(self) -> list[Call]:
        return self.channel.calls

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        headers, cost = {"Authorization": f"Key {self._key}"}, Cost(writes=int(method != "GET"))
        answer = self.channel.request(method, self.url + path, path=path, headers=headers, cost=cost, json=body)
        if answer.status_code < 300:
            return body_of(answer)
        kind, words = _REFUSALS.get(answer.status_code, (TryLater, "Harbour is not answering properly."))
        raise kind(
            words, next_step=_NEW_KEY if kind is BadCredentials else None,
            code=str(answer.status_code), status=answer.status_code,
            unknown=method != "GET" and answer.status_code >= 500, request_id=self.calls[-1].request_id,
        )  # fmt: skip

    def tenant(self) -> Tenant:
        found = self._call("GET", "/directory")
        return Tenant(found["id"], found["name"], tuple(Domain(name) for name in found["domains"]))

    def licences(self) -> list[Licence]:
        """Asked only of HarbourWithBerths. How many berths were bought is not told."""
        berths = self._call("GET", "/berths")["berths"]
        return [Licence(name.lower(), name, name, None, 3, assignable=True, qualifies=True) for name in berths]

    def units(self) -> list[str]:
        return []

    def with_licences(self, remote: RemoteAccount, also: Sequence[str] = ()) -> RemoteAccount:
        return remote

    def granted(self) -> frozenset[str]:
        return frozenset(self._call("GET", "/directory")["rights"])

    def signs_in_as(self) -> str:
        return ""

    def is_tenant_administrator(self, person: Administrator) -> bool:
        return person.tenant_id == self.tenant().id

    def find(self, account_id: str, *, just_created: bool = False) -> RemoteAccount:
        return self._account(self._call("GET", f"/people/{quote(account_id)}"))

    def expect(self, account_id: str) -> None:
        """Nothing: who was made is there at once."""

    def find_by_username(self, username: str) -> RemoteAccount | None:
        try:
            return self.find(username)
        except NotFound:
            return None

    def find_made(self, username: str, marker: str) -> RemoteAccount | None:
        found = self.find_by_username(username)
        return found if found is not None and found.marker == marker else None

    def holders(self, username: str) -> list[Holder]:
        found = self.find_by_username(username)
        return [Holder("account", found.display_name, found)] if found else []

    def holders_of(self, usernames: Sequence[str]) -> dict[str, list[Holder]]:
        return {username: self.holders(username) for username in usernames}

    def search(self, text: str, *, limit: int = 20) -> list[RemoteAccount]:
        words = text.casefold().split()
        found = (one for one in self.all_accounts() if all(word in one.display_name.casefold() for word in words))
        return list(found)[:limit]

    def alike(self, wanted: Wanted) -> Alike:
        return Alike(tuple(self.all_accounts()))

    def protections(self, account_id: str) -> frozenset[Protection]:
        return self.find(account_id).protections

    def create(self, new: NewAccount) -> RemoteAccount:
        body = {"address": new.username, "password": new.password, "reference": new.marker, "boss": None}
        return self._account(self._call("POST", "/people", {**body, "name": new.display_name, **_theirs(new.fields)}))

    def update(self, account_id: str, fields: Mapping[str, Any]) -> None:
        self._put(account_id, **_theirs(fields))

    def block(self, account_id: str) -> None:
        self._put(account_id, locked=True)

    def unblock(self, account_id: str) -> None:
        self._put(account_id, locked=False)

    def revoke_sessions(self, account_id: str) -> None:
        raise AssertionError("Harbour cannot end sessions")

    def set_password(self, account_id: str, password: str) -> None:
        self._put(account_id, password=password)

    def manager_of(self, account_id: str) -> Manager:
        return self.find(account_id).manager or NOBODY

    def set_manager(self, account_id: str, manager_id: str | None) -> None:
        self._put(account_id, boss=manager_id)

    def _put(self, account_id: str, **values: Any) -> None:
        self._call("PUT", f"/people/{quote(account_id)}", values)

    def assign_licences(
        self, account_id: str, *, add: list[str], remove: list[str], without: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Asked only of HarbourWithBerths."""
        held = self.find(account_id).licence_ids
        self._put(account_id, berths=sorted(held - set(remove) | set(add)))

    def restore(self, account_id: str, *, username: str | None = None) -> RemoteAccount:
        raise AssertionError("Harbour keeps nothing that was deleted")

    def delete(self, account_id: str) -> None:
        raise AssertionError("what Harbour deletes is gone")

    def all_accounts(self) -> Iterator[RemoteAccount]:
        for changes in self.changes():
            yield from changes.accounts

    def last_used(self) -> LastUse:
        return LastUse(Source.NOWHERE, why_not="Harbour keeps no record of it.", what_to_do="Ask the harbour master.")

    def deleted_accounts(self) -> Iterator[RemoteAccount]:
        return iter(())

    def changes(self, link: str | None = None) -> Iterator[Changes]:
        first: int | None = 0
        while first is not None:
            page = self._call("GET", f"/people?from={first}")
            first = page["next"]
            yield Changes(tuple(map(self._account, page["people"])), {}, "", complete=first is None)

    def admin_url(self, account_id: str | None = None) -> str:
        return f"{self.url}/console/{quote(account_id or '')}"

    def _account(self, person: dict[str, Any]) -> RemoteAccount:
        fields = {ours: person.get(theirs) or "" for ours, theirs in FIELDS.items() if ours != "display_name"}
        boss = person.get("boss")
        protections = frozenset({Protection.ADMINISTRATOR}) if person["address"].startswith("captain@") else frozenset()
        berths = frozenset(person.get("berths") or ())
        return RemoteAccount(
            person["address"], person["address"], person.get("name", ""), not person["locked"],
            licence_ids=berths, own_licence_ids=berths,
            email=person["address"], marker=person.get("reference"), protections=protections, fields=fields,
            manager=Manager(boss, boss, boss) if boss else NOBODY,
        )  # fmt: skip


_NEW_KEY = "Make a new key in the Harbour console. Then disconnect, and connect with it."
_REFUSALS: dict[int, tuple[type[ConnectorError], str]] = {
    401: (BadCredentials, "Harbour no longer accepts the key."),
    404: (NotFound, "Harbour does not know this person."),
    409: (AlreadyExists, "Harbour has somebody with this address."),
    422: (Refused, "Harbour does not take this address."),
}


def _theirs(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {FIELDS[name]: value for name, value in fields.items()}


class Harbour:
    """The Service of Harbour. url: where it is."""

    key = KEY
    name = NAME
    capabilities = Capabilities(
        has_groups=False,
        ways_to_connect=(Way.KEY,), signs_people_in=False, has_licences=False, has_sessions=False, restores=False,
        local_part=LocalPartRules(longest=LONGEST, allowed="a-z0-9."),
        account_id=re.compile(r"[a-z0-9.]{1,32}@[a-z0-9.-]{1,200}"),
    )  # fmt: skip
    words = Words(
        console="Harbour console", key="Harbour key",
        key_help="An administrator makes a key in the Harbour console, under Keys.", kept="Boats and berths",
    )  # fmt: skip
    permissions = (Permission(("people.write",), "create, deactivate and reactivate accounts", required=True),)
    places: Mapping[str, FieldPlace] = {
        **{name: FieldPlace(theirs.capitalize(), at_first=True) for name, theirs in FIELDS.items()},
        "manager": FieldPlace("Boss", at_first=True),
    }
    fields_in_changes = frozenset(FIELDS)
    credential = None
    sign_in_url = "https://harbour.example"
    sign_in_origins: tuple[str, ...] = ()
    settings_needed: tuple[str, ...] = ()
    begun = True

    def __init__(self, url: str):
        self.url = url
        self.given_up: list[str] = []
        self._pacer = Pacer(f"harbour {url}", writes=Window(1_000, 10), units=Window(1_000, 10))

    def configured(self) -> bool:
        return True

    def examine(self, tenant: str, connected: Any) -> str:
        if connected is None:
            return "No company has connected it."
        return f"{connected.tenant().name} accepts its key."

    def begin_sign_in(self, redirect_uri: str, *, to_connect: bool = False) -> tuple[str, dict[str, Any]]:
        raise AssertionError("nobody signs in to Harbour from here")

    def finish_sign_in(self, flow: dict[str, Any], answer: Mapping[str, str]) -> Administrator:
        raise AssertionError("nobody signs in to Harbour from here")

    def consent_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str:
        raise AssertionError("a key needs no consent")

    def check_consent(self, tenant_id: str, answer: Mapping[str, str]) -> None:
        raise AssertionError("a key needs no consent")

    def take_key(self, key: str) -> Administrator:
        tenant = self.connector("", credential=key).tenant()
        return Administrator(tenant.id, "key", "Cora Captain", f"captain@{tenant.domains[0].name}", credential=key)

    def connector(
        self, tenant_id: str, *, credential: str = "", kept: Kept | None = None, patience: float | None = None
    ) -> HarbourConnector:
        return HarbourConnector(self.url, credential, self._pacer, 0.2 if patience is None else patience)

    def forget(self, tenant_id: str) -> None:
        self._pacer.reopen()

    def give_up(self, credential: str, *, used: str = "") -> None:
        self.given_up.append(credential)

    def busy_for(self, tenant_id: str, changes: int = 1) -> float:
        return self._pacer.busy_for(changes)

    def changes_made(self, tenant_id: str) -> int:
        return self._pacer.taken

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    personal_mail = None

    def local_part_problem(self, local_part: str) -> str | None:
        if re.fullmatch(rf"[a-z0-9.]{{1,{LONGEST}}}", local_part):
            return None
        return f"Harbour takes {LONGEST} small letters, digits and full stops."

    def temporary_password(self, username: str) -> str:
        return secrets.token_hex(8)

    def licence_name(self, licence_id: str) -> str:
        return ""

    def licences_problem(self, licence_ids: Collection[str]) -> str:
        return ""

    def shown_as(self, name: str, value: str) -> tuple[str, str]:
        return value, ""

    def field_problem(self, name: str, value: str) -> str:
        return ""


class HarbourWithBerths(Harbour):
    """The same, where people need a berth: a licence without country, which does not tell how many are free."""

    capabilities = replace(Harbour.capabilities, has_licences=True)
    words = replace(Harbour.words, requirement="a Harbour with berths", licence="a berth")


class HarbourBySignIn(Harbour):
    """The same, connected by one sign-in that gives consent as well and brings the credential."""

    capabilities = replace(Harbour.capabilities, ways_to_connect=(Way.SIGN_IN,))
    words = replace(Harbour.words, sign_in="Sign in with Harbour")

    @property
    def sign_in_origins(self) -> tuple[str, ...]:  # type: ignore[override]
        return (self.url,)

    def begin_sign_in(self, redirect_uri: str, *, to_connect: bool = False) -> tuple[str, dict[str, Any]]:
        flow = {"state": secrets.token_hex(8), "to_connect": to_connect}
        return f"{self.url}/sign-in?state={flow['state']}", flow

    def finish_sign_in(self, flow: dict[str, Any], answer: Mapping[str, str]) -> Administrator:
        if answer.get("error"):
            raise Declined("Harbour was told no.", code=answer["error"])
        assert flow["to_connect"]
        return self.take_key(answer["code"])
