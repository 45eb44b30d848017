"""What is known about a request before a view sees it: where it came from, and whether it means this portal."""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

from portal import audit
from portal.bodies import Bodies
from portal.connectors.http import is_loopback

View = TypeVar("View", bound=Callable[..., Any])
OF_MACHINES = ("healthz", "readyz", "metrics")
# Addresses that pages had in earlier versions: bookmarks lead on.
MOVED = {"/settings/trail": "/settings/audit-log", "/provisioning/disagreements": "/provisioning/differences"}


def most_bytes(count: int) -> Callable[[View], View]:
    """Marks a view that takes no longer a request than this: it is refused before it is read."""

    def mark(view: View) -> View:
        view.most_bytes = count  # type: ignore[attr-defined]
        return view

    return mark


def _hold_down() -> None:
    """Before anything reads the request."""
    view = current_app.view_functions.get(request.endpoint or "")
    if (most := getattr(view, "most_bytes", 0)) > 0:
        request.max_content_length = most


def init_app(app: Flask, settings: Any) -> None:
    """Comes before access.py, so that a refusal is recorded with the right address."""
    app.wsgi_app = Bodies(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    own_host = urlsplit(settings.public_url).hostname or ""
    # A portal with a name of its own answers to no other.
    has_no_name = is_loopback(settings.public_url)

    @app.before_request
    def note_address() -> None:
        audit.coming_from.set(request.remote_addr or "")

    @app.teardown_request
    def forget_address(_error: BaseException | None) -> None:
        audit.coming_from.set("")

    app.before_request(_hold_down)

    @app.before_request
    def check_host() -> None:
        """Refuse what means another machine; load balancers may ask for the portal's health by address."""
        if has_no_name or request.endpoint in OF_MACHINES:
            return
        asked = re.sub(r"\.(?=:\d+$|$)", "", request.environ.get("HTTP_HOST", "").lower())
        if not host_is_trusted(asked, [own_host, "localhost", "127.0.0.1", "[::1]"]):
            raise BadRequest()

    @app.before_request
    def lead_on() -> Response | None:
        """Send a bookmark of an earlier version to where its page is now."""
        if request.method not in ("GET", "HEAD") or request.path not in MOVED:
            return None
        query = request.query_string.decode(errors="replace")
        return redirect(MOVED[request.path] + (f"?{query}" if query else ""), 308)
