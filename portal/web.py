"""Pages and fragments. The only module that reads or writes HX-* headers.

`page` answers with a whole page. `swap` answers a form: with the fragment when htmx asked, and without JavaScript with
a redirect (what was asked is done) or with the whole page around the fragment (there is something to correct).
"""

import io
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
)
from flask_htmx import HTMX
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response

from portal.compiling import PortalEnvironment
from portal.config import settings


class LateRule(Rule):
    """The rule of an address. What puts the address together is compiled when it is first asked for.

    Werkzeug compiles two functions for each rule, which takes a seventh of the start.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        name, compiled = "_build_unknown" if append_unknown else "_build", super()._compile_builder

        def build(rule: Rule, /, **values: Any) -> Any:
            made = compiled(append_unknown).__get__(rule, None)
            setattr(rule, name, made)
            return made(**values)

        return build


class PortalRequest(Request):
    """A request. A browser sends the same cookies with each of them."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        return _cookies(self.environ.get("HTTP_COOKIE", ""))


@lru_cache(maxsize=2_000)
def _cookies(header: str) -> ImmutableMultiDict[str, str]:
    return parse_cookie(header, cls=ImmutableMultiDict)  # type: ignore[return-value]


class Portal(Flask):
    """The portal. All that it calls is plain Python, so nothing looks each time whether it is to be awaited."""

    request_class = PortalRequest
    jinja_environment = PortalEnvironment
    url_rule_class = LateRule

    def ensure_sync(self, func: Any) -> Any:
        return func


class Htmx(HTMX):
    """flask-htmx, where it misreads what htmx 4 sends: HX-Source instead of HX-Trigger, both as `tag#id`."""

    @property
    def target(self) -> str | None:
        return _id_of(request.headers.get("HX-Target"))

    @property
    def trigger(self) -> str | None:
        return _id_of(request.headers.get("HX-Source"))


class RowNumber(IntegerConverter):
    """A row's number in an address: what no database column can hold is an address that does not exist."""

    def __init__(self, url_map: Any, **options: Any):
        super().__init__(url_map, max=2**31 - 1, **options)


def _id_of(header: str | None) -> str | None:
    return header.rpartition("#")[2] or None if header and "#" in header else None


htmx = Htmx()
# What every view returns.
Answer = Response


def csv_download(lines: Iterable[str], filename: str) -> Response:
    """The lines of CSV as a file to save. It begins with a byte order mark: without one Excel takes UTF-8 for Latin."""
    headers = {"Content-Disposition": f"attachment; filename={filename}"}
    marked = stream_with_context(chain(["\ufeff"], lines))
    return Response(marked, content_type="text/csv; charset=utf-8", headers=headers)


def file_download(content: bytes, filename: str) -> Response:
    """A file that strangers sent, to be saved and never shown: whatever is in it, the browser runs nothing of it."""
    response = send_file(io.BytesIO(content), "application/octet-stream", as_attachment=True, download_name=filename)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def wants_fragment() -> bool:
    """True when htmx asked, and not for a whole page (boosted, or restoring history)."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def wants_fragment_of(element_id: str) -> bool:
    """True when htmx asked for the part of a page that has this id."""
    return wants_fragment() and htmx.target == element_id


def asked_by(element_id: str) -> bool:
    """True when htmx asked because of the element that has this id, such as a list's filter."""
    return wants_fragment() and htmx.trigger == element_id


def own_path(address: str, otherwise: str) -> str:
    """The address if it is a path of this portal, else the other one: no link leads out of the portal."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and not any(c < " " for c in address)
    try:
        parts = urlsplit(address)
    except ValueError:
        return otherwise
    return address if plain and not parts.scheme and not parts.netloc else otherwise


def page_in_sight(otherwise: str) -> str:
    """The path of the page the person is looking at: this one, or the one with the form or link that was pressed."""
    if request.method in ("GET", "HEAD") and not wants_fragment():
        return request.full_path.rstrip("?")
    try:
        seen = urlsplit((wants_fragment() and htmx.current_url) or request.headers.get("Referer", ""))
    except ValueError:
        return otherwise
    return own_path(seen.path + (f"?{seen.query}" if seen.query else ""), otherwise)


def is_from_own_page() -> bool:
    """Whether the browser says that the form was on a page of the portal."""
    return request.headers.get("Origin", "") in (request.host_url.rstrip("/"), settings().public_url.rstrip("/"))


def page(template: str, *, status: int = 200, **context: Any) -> Response:
    """A whole page."""
    response = current_app.response_class(render_template(template, **context), status)
    # It is new, and says nothing else yet.
    response.headers.add("Vary", "HX-Request")
    return response


def fragment(template: str, *, status: int = 200, push: str = "", **context: Any) -> Response:
    """A fragment alone, for a request that only htmx makes. push: the address the browser should show for it."""
    response = page(template, status=status, **context)
    if push:
        response.headers["HX-Push-Url"] = push
    return response


def swap(template: str, *, back_to: str | None, in_page: str, status: int = 200, **context: Any) -> Response:
    """The answer to a form: fragment `template` for htmx; else 303 to `back_to`, or page `in_page` when it is refused.

    back_to: None for an answer that is shown only now and cannot be asked for again. push: as `fragment` takes it.
    """
    if wants_fragment():
        return fragment(template, status=status, **context)
    if status < 400 and request.method == "POST" and back_to is not None:
        return redirect(back_to, 303)
    return page(in_page, status=status, **context)


def leave_to(url: str) -> Response:
    """Send the browser to another page, from a plain form or from htmx."""
    if not wants_fragment():
        return redirect(url, 303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def leave_to_sign_in(url: str, service: Any) -> Response:
    """Send the browser to the page on which people sign in to `service`."""
    if any(url.startswith(f"{origin}/") for origin in service.sign_in_origins):
        return leave_to(url)
    # A redirect would be blocked: browsers hold a form's redirects to the addresses the policy names.
    answer = page("sign_in/sign_in_elsewhere.html", service=service, url=url)
    answer.headers["Refresh"] = f"0; url={url}"
    return answer


def in_notice(response: Response) -> Response:
    """The same answer, shown by htmx in the page's notice region instead of where the request came from."""
    response.headers["HX-Retarget"] = "#notice"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def init_app(app: Flask, settings: Any) -> None:
    app.url_map.converters["int"] = RowNumber
    htmx.init_app(app)
