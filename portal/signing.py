"""What the portal signs in browsers: sessions, and the tokens of forms. The keys are worked out once for all."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from typing import Any

from flask import Flask, Response, current_app, g, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import Serializer, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

from portal.clock import over
from portal.database import now
from portal.varying import vary_by

# What Flask-WTF calls it.
FIELD = "csrf_token"
# How many of the latest sessions are remembered.
MOST = 2_000


class KeepsItsKey(TimestampSigner):
    """Works out the key once that it signs with, and not for each signature."""

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self._keys: dict[Any, bytes] = {}

    def derive_key(self, secret_key: Any = None) -> bytes:
        if secret_key not in self._keys:
            self._keys[secret_key] = super().derive_key(secret_key)
        return self._keys[secret_key]


class Signer(KeepsItsKey):
    """Signs at the portal's time, which a demo moves on, and not at the machine's."""

    def get_timestamp(self) -> int:
        return int(now().timestamp())


# Signed with SHA-256; Flask's own default is SHA-1.
SIGNING: dict[str, Any] = {"digest_method": hashlib.sha256}


class _OneSigner(URLSafeTimedSerializer):
    """Signs everything with the same signer."""

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self._signer: Any = super().make_signer()

    def make_signer(self, salt: Any = None) -> Any:
        return super().make_signer(salt) if salt not in (None, self.salt) else self._signer


class Sessions(_OneSigner):
    """Takes a cookie that another machine signed, or that was signed before the clock was set back a little."""

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        # A browser sends the same cookie with each request. How old it may be is looked at each time.
        self._checked = lru_cache(maxsize=MOST)(self._check)

    def _check(self, cookie: str) -> tuple[Callable[[], dict[str, Any]], datetime]:
        """What gives the session a dictionary of its own, and when it was signed. Raises BadSignature."""
        payload, signed_at = self._signer.unsign(cookie, return_timestamp=True)
        found: dict[str, Any] = self.load_payload(payload)
        is_flat = all(isinstance(value, str | int | None) for value in found.values())
        return found.copy if is_flat else partial(self.load_payload, payload), signed_at

    def loads(  # type: ignore[override]
        self, s: Any, max_age: int | None = None, return_timestamp: bool = False, salt: Any = None
    ) -> Any:
        """As itsdangerous' own: what the cookie holds. Raises BadSignature, and SignatureExpired."""
        read, signed_at = self._checked(s)
        if max_age is not None and over(signed_at, timedelta(seconds=max_age)):
            raise SignatureExpired("Too old, or from ahead.", date_signed=signed_at)
        return (read(), signed_at) if return_timestamp else read()


class _FormTokens(_OneSigner):
    """Of the form that Flask-WTF makes and checks. It tries each time whether compressing makes them shorter."""

    def dump_payload(self, obj: Any) -> bytes:
        """As it is, which Flask-WTF can read."""
        plain: bytes = Serializer.dump_payload(self, obj)
        return base64_encode(plain)


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own session in a cookie, signed by Signer."""

    def is_null_session(self, obj: object) -> bool:
        """There is none: the portal does not start without a key."""
        return False

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """As Flask's own, which collects all that a cookie needs also where none is to be set."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:
            vary_by(response, "Cookie")

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self._serializer(app.secret_key or "")

    @cache  # noqa: B019 - there is one for the process
    def _serializer(self, secret_key: Any) -> URLSafeTimedSerializer:
        kwargs = {"key_derivation": self.key_derivation, **SIGNING}
        return Sessions(secret_key, salt=self.salt, serializer=self.serializer, signer=Signer, signer_kwargs=kwargs)


@cache
def _form_tokens(secret_key: Any) -> _FormTokens:
    return _FormTokens(secret_key, salt="wtf-csrf-token", signer=KeepsItsKey)


def form_token() -> str:
    """Flask-WTF's token for the forms of this answer."""
    token: str | None = g.get(FIELD)
    if token is None:
        secret = session.get(FIELD)
        token = _form_tokens(current_app.secret_key).dumps(secret) if isinstance(secret, str) else generate_csrf()
        # Where Flask-WTF looks too.
        setattr(g, FIELD, token)
    return token
