"""The settings for Microsoft 365 that an operator makes, under PORTAL_M365_ in the environment."""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal import config

# https://learn.microsoft.com/graph/deployments
CLOUDS = {
    "global": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "us-gov": ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "us-dod": ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": ("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
CLIENT_ID, CREDENTIAL = "PORTAL_M365_CLIENT_ID", "PORTAL_M365_CLIENT_SECRET or PORTAL_M365_CERTIFICATE_FILE"


class Microsoft365Settings(BaseSettings):
    """Each setting, without its PORTAL_M365_."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_M365_", extra="ignore")

    cloud: str = "global"
    client_id: str = ""
    client_secret: SecretStr | None = None
    client_secret_expires: date | None = None
    certificate_file: Path | None = None
    login_url: str = ""
    graph_url: str = ""
    admin_centre_url: str = "https://admin.microsoft.com/Adminportal/Home"
    sign_in_url: str = "https://m365.cloud.microsoft"

    @field_validator("cloud")
    @classmethod
    def _known_cloud(cls, value: str) -> str:
        if value not in CLOUDS:
            raise ValueError(f"must be one of {', '.join(CLOUDS)}")
        return value

    @property
    def login(self) -> str:
        """Where people and the portal sign in, without a slash at its end."""
        return (self.login_url or CLOUDS[self.cloud][0]).rstrip("/")

    @property
    def graph(self) -> str:
        """Where Graph is reached, without its version."""
        return (self.graph_url or CLOUDS[self.cloud][1]).rstrip("/").removesuffix("/v1.0")

    @property
    def sign_in_origin(self) -> str:
        parts = urlsplit(self.login)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of the settings that are empty, and without which no sign-in works."""
        secret = self.client_secret.get_secret_value() if self.client_secret else ""
        has = {CLIENT_ID: self.client_id, CREDENTIAL: self.certificate_file or secret}
        return tuple(name for name, value in has.items() if not value)


def settings() -> Microsoft365Settings:
    """The settings of this process. Raises ConfigurationError naming each that cannot be used."""
    return config.read(Microsoft365Settings)
