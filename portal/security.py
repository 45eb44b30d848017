"""Sign-in sessions, form tokens, rate limits and response headers."""

import hashlib
from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from secure import (
    CacheControl,
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from werkzeug.exceptions import NotFound

from portal.clock import over
from portal.connectors import SERVICES
from portal.database import now
from portal.rate_limits import DatabaseStorage

login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(
    get_remote_address, storage_uri=f"{DatabaseStorage.STORAGE_SCHEME[0]}://", strategy="moving-window"
)  # fmt: skip


def user_or_address() -> str:
    return f"user {current_user.id}" if current_user.is_authenticated else get_remote_address()


# For what costs the portal much more than a page: so often an hour for each user.
costly = limiter.limit("120 per hour", key_func=user_or_address)

# They say themselves how long a browser keeps them; nothing else is kept.
CACHED = ("static", "photos.show")
POLICY = "Content-Security-Policy"
LARGEST_UPLOAD = 32 * 1024 * 1024


class Signer(TimestampSigner):
    """Takes a cookie that another machine signed, or that was signed before the clock was set back a little."""

    def get_timestamp(self) -> int:
        """The portal's time, which a demo moves on, and not the machine's."""
        return int(now().timestamp())

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and over(signed_at, timedelta(seconds=max_age)):
            raise SignatureExpired("Too old, or from ahead.", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


# Signed with SHA-256; Flask's own default is SHA-1.
SIGNING: dict[str, Any] = {"digest_method": hashlib.sha256}


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own session in a cookie, signed by Signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        kwargs = {"key_derivation": self.key_derivation, **SIGNING}
        return URLSafeTimedSerializer(
            app.secret_key or "", salt=self.salt, serializer=self.serializer, signer=Signer, signer_kwargs=kwargs
        )


def headers_of(settings: Any) -> dict[str, str]:
    """The headers of every answer."""
    https = settings.secure_cookies
    usable = (service for service in SERVICES.values() if service.configured())
    sign_ins = [origin for service in usable for origin in service.sign_in_origins]
    policy = ContentSecurityPolicy().default_src("'none'").script_src("'self'").style_src("'self'")
    policy = policy.img_src("'self'", "data:").font_src("'self'").connect_src("'self'")
    # A form may lead to the sign-in of an add-on.
    policy = policy.form_action("'self'", *sign_ins).base_uri("'none'").frame_ancestors("'none'")
    secure = Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().camera("()").microphone("()").geolocation("()"),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
        hsts=StrictTransportSecurity().max_age(31_536_000).include_subdomains() if https else None,
        cache=CacheControl().no_store(),
    )
    return dict(secure.headers)


def _refuse_nul() -> None:
    """No address of the portal has a NUL, and PostgreSQL fails at one."""
    if "\0" in request.path:
        raise NotFound()


def _note_own_wait(response: Response) -> Response:
    g.own_wait = response.headers.get("Retry-After")
    return response


def _keep_own_wait(response: Response) -> Response:
    """Flask-Limiter says on every answer how long to wait, and some programs then do; only 429 means it."""
    if response.status_code != 429:
        response.headers.pop("Retry-After", None)
        if own := g.get("own_wait"):
            response.headers["Retry-After"] = own
    return response


def init_app(app: Flask, settings: Any) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        # The prefix holds the cookie to this very host; browsers take it with https only.
        SESSION_COOKIE_NAME="__Host-portal" if settings.secure_cookies else "portal",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.session_interface = SignedCookies()
    app.before_request(_refuse_nul)
    # What comes first here runs last: one before the limiter, one after it.
    app.after_request(_keep_own_wait)
    for extension in (login_manager, csrf, limiter):
        extension.init_app(app)
    app.after_request(_note_own_wait)
    login_manager.session_protection = None
    headers = headers_of(settings)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            if name == POLICY:
                # A download has a stricter one of its own.
                response.headers.setdefault(name, value)
            elif name != "Cache-Control" or request.endpoint not in CACHED:
                response.headers[name] = value
        return response
