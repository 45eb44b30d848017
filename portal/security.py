"""Sign-in sessions, form tokens, rate limits and response headers."""

from functools import cache
from typing import Any

from flask import Flask, Response, current_app, g, request
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
from werkzeug.exceptions import NotFound

from portal.connectors import SERVICES
from portal.rate_limits import DatabaseStorage
from portal.signing import SignedCookies


class Limits(Limiter):
    """Flask-Limiter, which goes through all that could be limited before each request, though most have no limit."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        """Before a request, look only at what limits all of its blueprint; a view that has a limit asks for its own."""
        if not in_middleware or self._limits_all_of(request.blueprint):
            g.is_limited = True
            super()._check_request_limit(callable_name, in_middleware)

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        # What it has just added. Most requests have nothing to tell or to forget.
        tell, forget = app.after_request_funcs[None].pop(), app.teardown_request_funcs[None].pop()

        @app.after_request
        def tell_limits(response: Response) -> Response:
            """Flask-Limiter says on every answer how long to wait, and some programs then do; only 429 means it."""
            if "is_limited" not in g:
                return response
            own_wait = response.headers.get("Retry-After")
            response = tell(response)  # type: ignore[assignment]
            if own_wait:
                response.headers["Retry-After"] = own_wait
            elif response.status_code != 429:
                response.headers.pop("Retry-After", None)
            return response

        @app.teardown_request
        def forget_limits(error: BaseException | None) -> None:
            if "is_limited" in g:
                forget(error)

    @cache  # noqa: B019 - there is one for the process
    def _limits_all_of(self, blueprint: str | None) -> bool:
        return bool(blueprint and self.limit_manager.blueprint_limits(current_app, blueprint))


class SignIns(LoginManager):
    """Flask-Login, which works out a hash of the browser before it sees that nothing is held against it."""

    def __init__(self) -> None:
        super().__init__()
        self.session_protection = None

    def _session_protection_failed(self) -> bool:
        return False


login_manager = SignIns()
csrf = CSRFProtect()
limiter = Limits(
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
    for extension in (login_manager, csrf, limiter):
        extension.init_app(app)
    headers = [(name, name.lower(), value) for name, value in headers_of(settings).items()]

    @app.after_request
    def add_headers(response: Response) -> Response:
        # To set one, werkzeug looks through all that are there.
        there, own = {name.lower() for name, _ in response.headers}, response.headers
        for name, lower, value in headers:
            if name == "Cache-Control" and request.endpoint in CACHED:
                continue
            if lower not in there:
                own.add(name, value)
            elif name != POLICY:
                # A download has a stricter policy of its own.
                own[name] = value
        return response
