"""The settings for Google Workspace that an operator makes, under PORTAL_GOOGLE_ in the environment."""

from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal import config

CLIENT_ID, CLIENT_SECRET = "PORTAL_GOOGLE_CLIENT_ID", "PORTAL_GOOGLE_CLIENT_SECRET"


class GoogleSettings(BaseSettings):
    """Each setting, without its PORTAL_GOOGLE_."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_GOOGLE_", extra="ignore")

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    accounts_url: str = "https://accounts.google.com"
    token_url: str = "https://oauth2.googleapis.com"  # noqa: S105 - an address
    api_url: str = "https://admin.googleapis.com"
    licensing_url: str = "https://licensing.googleapis.com"
    admin_console_url: str = "https://admin.google.com"
    sign_in_url: str = "https://accounts.google.com"

    @field_validator("accounts_url", "token_url", "api_url", "licensing_url", "admin_console_url", "sign_in_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be a whole address, such as https://accounts.google.com")
        return value.rstrip("/")

    @property
    def sign_in_origin(self) -> str:
        parts = urlsplit(self.accounts_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of what is not set, and without which nobody can sign in."""
        has = {CLIENT_ID: self.client_id, CLIENT_SECRET: self.client_secret.get_secret_value()}
        return tuple(name for name, value in has.items() if not value)


def settings() -> GoogleSettings:
    """The settings of this process. Raises ConfigurationError naming each that cannot be used."""
    return config.read(GoogleSettings)
