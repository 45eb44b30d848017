"""Encrypts secrets before they are written down, and opens them again. The first key encrypts, every key opens."""

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.config import ConfigurationError, settings


def keyed_hash(text: str) -> str:
    """A code in place of a text that must name nobody: only with PORTAL_SECRET_KEY can it be computed."""
    key = settings().secret_key.get_secret_value().encode()
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()


class CannotOpen(Exception):
    """The value was encrypted with a key that PORTAL_ENCRYPTION_KEYS no longer holds."""


@lru_cache(maxsize=1)
def _keys() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.get_secret_value()) for key in settings().require_secrets().encryption_keys])
    except ValueError as error:
        raise ConfigurationError(f"PORTAL_ENCRYPTION_KEYS: {error}") from None


def new_key() -> str:
    """A fresh key for PORTAL_ENCRYPTION_KEYS."""
    return Fernet.generate_key().decode()


def encrypt(secret: str) -> str:
    """The secret as text that only a holder of the keys can read."""
    return _keys().encrypt(secret.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The secret again. Raises CannotOpen when no present key opens it."""
    try:
        return _keys().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("Encrypted with a key that is no longer in PORTAL_ENCRYPTION_KEYS.") from error


def encrypt_again(encrypted: str) -> str:
    """The same secret encrypted with the first key. Raises CannotOpen when no present key opens it."""
    try:
        return _keys().rotate(encrypted.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("Encrypted with a key that is no longer in PORTAL_ENCRYPTION_KEYS.") from error
