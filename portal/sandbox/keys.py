"""Tokens are signed here, and read again."""

import json
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_ID = "sandbox-key"
MOST_REMEMBERED = 1000


class Signer:
    """Signs tokens with the key in this PEM text, or with a new one, which is published by this id."""

    def __init__(self, pem: str | None = None, key_id: str = KEY_ID) -> None:
        self.key_id = key_id
        self.key: Any = (
            serialization.load_pem_private_key(pem.encode(), None)
            if pem
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        self._read: dict[str, dict[str, Any]] = {}

    def pem(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})

    def read(self, token: str) -> dict[str, Any]:
        """The claims of one of our tokens, whatever its age. Raises jwt.InvalidTokenError."""
        if token not in self._read:
            if len(self._read) >= MOST_REMEMBERED:
                self._read.clear()
            options: Any = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
            self._read[token] = jwt.decode(token, self.key.public_key(), algorithms=["RS256"], options=options)
        return self._read[token]

    def published(self) -> dict[str, Any]:
        """The keys to check signatures with, as a JWK set: https://datatracker.ietf.org/doc/html/rfc7517."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}


def fresh_code(prefix: str = "0.A") -> str:
    return prefix + secrets.token_urlsafe(32)
