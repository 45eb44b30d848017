"""One structured line per request and per job, with an id that error pages show."""

import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

SECRET_NAMES = re.compile(r"password|secret|token|cookie|authorization|assertion|code_verifier", re.IGNORECASE)

log = structlog.get_logger("portal")


def _hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: "***" if SECRET_NAMES.search(name) else value for name, value in event.items()}


def configure(level: str) -> None:
    """JSON lines on standard error, the request's or the job's id on every one of them."""
    # Libraries that say more would write down values of the database and addresses that were asked.
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for name in ("portal", "huey"):
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _hide_secrets,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask, settings: Any) -> None:
    configure(settings.log_level)

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(6)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        if request.endpoint != "static":
            milliseconds = round((time.perf_counter() - g.began) * 1000, 1)
            log.info(
                "request", method=request.method, path=request.path, status=response.status_code, ms=milliseconds,
                address=request.remote_addr, user=getattr(g.get("_login_user"), "id", None),
            )  # fmt: skip
        return response
