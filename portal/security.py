"""Sign-in sessions, form tokens, rate limits and response headers."""

import hashlib
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
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

login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://")


def _user() -> str:
    return f"user {current_user.id}" if current_user.is_authenticated else get_remote_address()


# For what costs the portal much more than a page: so often an hour for each user.
costly = limiter.limit("120 per hour", key_func=_user)

LARGEST_UPLOAD = 32 * 1024 * 1024


class SignedCookies(SecureCookieSessionInterface):
    """Signed with SHA-256; Flask by itself takes SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def headers_of(settings: Any) -> dict[str, str]:
    """The headers of every answer."""
    https, sign_ins = settings.secure_cookies, settings.sign_in_origins
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
    for extension in (login_manager, csrf, limiter):
        extension.init_app(app)
    login_manager.session_protection = None
    headers = headers_of(settings)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            if name != "Cache-Control" or request.endpoint != "static":
                response.headers[name] = value
        return response
