"""Seals secrets before they are written down, and opens them again. The first key seals, every key opens."""

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.config import ConfigurationError, settings


def keyed_hash(text: str) -> str:
    """What stands for the text where it shall name nobody: only with PORTAL_SECRET_KEY can it be computed."""
    key = settings().secret_key.get_secret_value().encode()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()


class CannotOpen(Exception):
    """A sealed value was sealed with a key that PORTAL_ENCRYPTION_KEYS no longer holds."""


@lru_cache(maxsize=1)
def _keys() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.get_secret_value()) for key in settings().encryption_keys])
    except ValueError as error:
        raise ConfigurationError(f"PORTAL_ENCRYPTION_KEYS: {error}") from None


def new_key() -> str:
    """A fresh key for PORTAL_ENCRYPTION_KEYS."""
    return Fernet.generate_key().decode()


def seal(secret: str) -> str:
    """The secret as text that only a holder of the keys can read."""
    return _keys().encrypt(secret.encode()).decode()


def open_sealed(sealed: str) -> str:
    """The secret again. Raises CannotOpen when no present key fits."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("Sealed with a key that is no longer in PORTAL_ENCRYPTION_KEYS.") from error


def reseal(sealed: str) -> str:
    """The same secret sealed with the first key. Raises CannotOpen when no present key fits."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("Sealed with a key that is no longer in PORTAL_ENCRYPTION_KEYS.") from error
