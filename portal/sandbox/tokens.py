"""Tokens of the identity platform: signed, and read again."""

import base64
import json
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_ID = "sandbox-key"


class Signer:
    """Signs tokens with a key of this process."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})

    def read(self, token: str) -> dict[str, Any]:
        """The claims of one of our tokens, whatever its age. Raises jwt.InvalidTokenError."""
        options = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        return jwt.decode(token, self._key.public_key(), algorithms=["RS256"], options=options)  # type: ignore[arg-type]

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


def client_info(person_id: str, tenant_id: str) -> str:
    text = json.dumps({"uid": person_id, "utid": tenant_id})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def fresh_code() -> str:
    return "0.A" + secrets.token_urlsafe(32)
