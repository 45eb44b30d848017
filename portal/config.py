"""The environment, read once and typed. docs/operating.md has a line for every setting.

A connected application keeps its settings in its own package, and reads them in the same way: `read(ItsSettings)`.
"""

import os
import re
from email.utils import getaddresses
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Found = TypeVar("Found", bound=BaseSettings)


class ConfigurationError(Exception):
    """A setting is missing or cannot be read; the message names it."""


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


class Settings(BaseSettings):
    """Every setting, under PORTAL_ in the environment; NAME_FILE reads the value from a file instead."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    database_url: str = ""
    secret_key: SecretStr = SecretStr("")
    encryption_keys: Annotated[list[SecretStr], NoDecode] = Field(default_factory=list)
    public_url: str = "http://127.0.0.1:8080"
    instance_dir: Path = Path("instance")
    log_level: str = "INFO"
    trusted_proxies: int = Field(default=0, ge=0)
    metrics_token: SecretStr = SecretStr("")
    # Of one uploaded file, and of one organisation.
    most_lines: int = Field(default=100_000, ge=1)
    most_employees: int = Field(default=200_000, ge=1)

    mail_url: SecretStr = SecretStr("")
    mail_from: str = "HR portal <no-reply@localhost>"
    # Seconds for one whole conversation with the mail server, two thirds of them for the answer to the last dot.
    mail_deadline: float = Field(default=900.0, gt=0)
    # Machines inside that the portal may call when an Admin enters their address: names and networks.
    outgoing_allowed: Annotated[list[str], NoDecode] = Field(default_factory=list)
    sales_url: str = "mailto:sales@localhost?subject=Upgrade"

    keep_receipts_days: int = Field(default=0, ge=0)

    demo_admin_centre_url: str = ""
    demo_admin_console_url: str = ""
    demo_inbox_url: str = ""
    demo_outside_url: str = ""
    demo_systems_url: str = ""
    # A file that says how far the demo's time is ahead, and the control addresses whose clocks move with it.
    demo_clock_file: str = ""
    demo_controls: str = ""

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        return [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value

    @field_validator("outgoing_allowed", mode="before")
    @classmethod
    def _split_allowed(cls, value: Any) -> Any:
        return value.replace(",", " ").casefold().split() if isinstance(value, str) else value

    @field_validator("outgoing_allowed")
    @classmethod
    def _names_or_networks(cls, value: list[str]) -> list[str]:
        for item in value:
            if _network(item) is None and not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", item):
                raise ValueError(f"“{item}” is neither a name, such as splunk.example.com, nor a network")
        return value

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The names in outgoing_allowed."""
        return frozenset(item for item in self.outgoing_allowed if _network(item) is None)

    def allows_machine(self, address: str) -> bool:
        """Whether the machine with this number is in one of the networks in outgoing_allowed."""
        machine = ip_address(address)
        machine = getattr(machine, "ipv4_mapped", None) or machine
        networks = [network for item in self.outgoing_allowed if (network := _network(item)) is not None]
        return any(machine.version == network.version and machine in network for network in networks)

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        """Cookies, links in mails and the addresses of sign-ins are made of it."""
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be a whole address, such as https://hr.example.com")
        return value.rstrip("/")

    @field_validator("mail_from")
    @classmethod
    def _one_sender(cls, value: str) -> str:
        found = getaddresses([value])
        if len(found) != 1 or not re.fullmatch(r"[^@\s]+@[^@\s]+", found[0][1]):
            raise ValueError("must be one address, such as HR portal <no-reply@example.com>")
        return value

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not re.match(r"smtps?://[^/]", text):
            raise ValueError("must begin with smtp:// or smtps:// and name a server")
        try:
            _ = urlsplit(text).port
        except ValueError:
            raise ValueError("names a port that there cannot be: one is between 1 and 65535") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgres:")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.instance_dir / 'portal.sqlite3').absolute()}"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    def require_secrets(self) -> "Settings":
        """Return self, or raise ConfigurationError naming the secrets that nothing can run without."""
        missing = [
            name
            for name, value in (
                ("PORTAL_SECRET_KEY", self.secret_key.get_secret_value()),
                ("PORTAL_ENCRYPTION_KEYS", self.encryption_keys),
            )
            if not value
        ]
        if missing:
            raise ConfigurationError(
                f"{' and '.join(missing)} must be set. `portal doctor --new-keys` prints fresh values for both."
            )
        return self


_known: dict[type[BaseSettings], Any] = {}


def settings() -> Settings:
    """The settings of this process. Raises ConfigurationError naming each setting that cannot be used."""
    return read(Settings)


def read(kind: type[Found]) -> Found:
    """The settings of this kind, from the environment: read once. Raises ConfigurationError as `settings` does."""
    if kind not in _known:
        _known[kind] = _read(kind)
    return _known[kind]


def forget() -> None:
    """Have the next caller read the environment again."""
    _known.clear()


def _read(kind: type[Found]) -> Found:
    prefix = str(kind.model_config.get("env_prefix"))
    try:
        return kind(**_read_files(kind, prefix, dict(os.environ)))  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{prefix}{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
        raise ConfigurationError("; ".join(lines)) from None


def _read_files(kind: type[BaseSettings], prefix: str, environ: dict[str, str]) -> dict[str, str]:
    """Values given as PORTAL_NAME_FILE, under their plain setting names."""
    values = {}
    for name, path in environ.items():
        setting = name.removeprefix(prefix).removesuffix("_FILE").lower()
        is_pointer = name.startswith(prefix) and name.endswith("_FILE") and setting in kind.model_fields
        if is_pointer and f"{setting}_file" not in kind.model_fields:
            try:
                values[setting] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigurationError(f"{name} names {path}, which cannot be read: {error.strerror}.") from error
    return values
