"""Static files: addresses that change with the content, compressed once, kept by browsers for a year."""

import hashlib
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_compress import Compress
from whitenoise import WhiteNoise

from portal.places import STATIC
from portal.rendering import url_for
from portal.security import headers_of

A_YEAR = 31_536_000


@lru_cache(maxsize=64)
def _version(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]


def asset(path: str) -> str:
    """The address of a static file; it changes when the file does, so that browsers may keep it."""
    return url_for("static", filename=path, v=_version(path))


def init_app(app: Flask, settings: Any) -> None:
    # Vendor files lie beside a .gz of themselves, made at install; pages and fragments are compressed as they go.
    given = {name: value for name, value in headers_of(settings).items() if name != "Cache-Control"}

    def add_headers(headers: Any, _path: str, _url: str) -> None:
        for name, value in given.items():
            headers[name] = value

    files = WhiteNoise(app.wsgi_app, max_age=A_YEAR, allow_all_origins=False, add_headers_function=add_headers)
    files.add_files(str(STATIC), prefix="static/")
    app.wsgi_app = files  # type: ignore[method-assign]
    app.config.update(
        # Browsers take the first over https: in half the time it makes pages smaller than gzip does.
        COMPRESS_ALGORITHM=["zstd", "gzip"],
        COMPRESS_ZSTD_LEVEL=1,
        COMPRESS_LEVEL=1,
        COMPRESS_MIMETYPES=["text/html"],
        # Of bytes that fit into one packet nothing is saved.
        COMPRESS_MIN_SIZE=1_000,
        COMPRESS_STREAMS=False,
        # No page is kept by a browser, so none is asked for on a condition.
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    Compress(app)
    app.jinja_env.globals["asset"] = asset
