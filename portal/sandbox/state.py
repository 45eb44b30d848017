"""Everything the sandbox knows, in memory, and written through to one SQLite file so that a restart keeps it."""

import json
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Clock:
    """The sandbox's own time, which tests can move forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def now(self) -> str:
        """The moment as Graph writes it: 2026-11-24T09:00:00Z."""
        return datetime.fromtimestamp(self.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Tenant:
    """One directory: its users by object id, those in the recycle bin, domains, products, roles and grants."""

    def __init__(self, values: dict[str, Any]):
        self.id: str = values["id"]
        self.name: str = values["name"]
        self.country: str = values.get("country", "GB")
        self.domains: list[dict] = values["domains"]
        self.skus: list[dict] = values["skus"]
        self.granted: list[str] = values.get("granted", [])
        # Once somebody consented, the application stays known, and its tokens come without roles after a withdrawal.
        self.known: bool = values.get("known", False)
        self.groups: list[dict] = values.get("groups", [])
        self.users: dict[str, dict] = {}
        self.by_name: dict[str, str] = {}

    @property
    def default_domain(self) -> str:
        return next(domain["id"] for domain in self.domains if domain["isDefault"])

    def head(self) -> dict[str, Any]:
        """All of the tenant but its users, for the file."""
        names = ("id", "name", "country", "domains", "skus", "granted", "known", "groups")
        return {name: getattr(self, name) for name in names}

    def live(self) -> list[dict]:
        return [user for user in self.users.values() if not user.get("deletedDateTime")]

    def deleted(self) -> list[dict]:
        return [user for user in self.users.values() if user.get("deletedDateTime")]

    def find(self, id_or_name: str) -> dict | None:
        """A live user by object id or user principal name."""
        user = self.users.get(id_or_name.lower()) or self.users.get(self.by_name.get(id_or_name.lower(), ""))
        return user if user is not None and not user.get("deletedDateTime") else None

    def sku(self, sku_id: str) -> dict | None:
        return next((sku for sku in self.skus if sku["skuId"] == sku_id.lower()), None)


class State:
    """All tenants, and the file behind them. Whoever changes something holds `lock` and calls `keep`."""

    def __init__(self, path: Path | None, seed: list[dict[str, Any]]):
        self.lock = threading.RLock()
        self.clock = Clock()
        self.seed = seed
        self.tenants: dict[str, Tenant] = {}
        self.changes = 0
        self.lag = 0.0
        self.file = sqlite3.connect(str(path) if path else ":memory:", check_same_thread=False)
        self.file.executescript(
            "PRAGMA journal_mode=wal; PRAGMA synchronous=off;"
            "CREATE TABLE IF NOT EXISTS tenant (id TEXT PRIMARY KEY, body TEXT);"
            "CREATE TABLE IF NOT EXISTS user (id TEXT PRIMARY KEY, tenant TEXT, body TEXT);"
        )
        if not self._load():
            self.reset()

    def _load(self) -> bool:
        for (body,) in self.file.execute("SELECT body FROM tenant ORDER BY rowid"):
            tenant = Tenant(json.loads(body))
            self.tenants[tenant.id] = tenant
        for tenant_id, body in self.file.execute("SELECT tenant, body FROM user ORDER BY rowid"):
            user = json.loads(body)
            self._index(self.tenants[tenant_id], user)
            self.changes = max(self.changes, user.get("_changed", 0))
        return bool(self.tenants)

    def _index(self, tenant: Tenant, user: dict) -> None:
        tenant.users[user["id"]] = user
        tenant.by_name[user["userPrincipalName"].lower()] = user["id"]

    def reset(self) -> None:
        """Everything as it was at the very beginning."""
        with self.lock:
            self.clock.ahead = self.lag = 0.0
            self.tenants.clear()
            self.file.execute("DELETE FROM tenant")
            self.file.execute("DELETE FROM user")
            for values in json.loads(json.dumps(self.seed)):
                tenant = Tenant(values)
                self.tenants[tenant.id] = tenant
                self.keep_tenant(tenant)
                rows = []
                for user in values["users"]:
                    self._index(tenant, user)
                    rows.append((user["id"], tenant.id, json.dumps(user)))
                self.file.executemany("INSERT OR REPLACE INTO user VALUES (?, ?, ?)", rows)
            self.file.commit()

    def keep_tenant(self, tenant: Tenant) -> None:
        self.file.execute("INSERT OR REPLACE INTO tenant VALUES (?, ?)", (tenant.id, json.dumps(tenant.head())))
        self.file.commit()

    def keep(self, tenant: Tenant, user: dict, *, old_name: str | None = None) -> None:
        """Remember a new or changed user, in memory and in the file."""
        if old_name:
            tenant.by_name.pop(old_name.lower(), None)
        self.changes += 1
        user["_changed"] = self.changes
        self._index(tenant, user)
        self.file.execute("INSERT OR REPLACE INTO user VALUES (?, ?, ?)", (user["id"], tenant.id, json.dumps(user)))
        self.file.commit()

    def is_shown(self, user: dict[str, Any]) -> bool:
        """False while a new user is not known everywhere yet."""
        return user.get("_born", 0.0) + self.lag <= self.clock.time()

    def tenant_named(self, name: str) -> Tenant:
        """By id, name or any domain. Raises KeyError."""
        for tenant in self.tenants.values():
            domains = [domain["id"] for domain in tenant.domains]
            if name.lower() in (tenant.id, tenant.name.lower(), *domains):
                return tenant
        raise KeyError(name)


def new_id() -> str:
    return str(uuid.uuid4())
