"""One structured line per request and per job, with an id that error pages show; every other line is JSON too."""

import json
import logging
import re
import secrets
import sys
import threading
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, Response, g, request

SECRET_NAMES = re.compile(r"password|secret|token|cookie|authorization|assertion|code_verifier", re.IGNORECASE)

log_name = "portal"
log = structlog.get_logger(log_name)


def _hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: "***" if SECRET_NAMES.search(name) else value for name, value in event.items()}


class JsonLines(logging.Formatter):
    """What the portal says is JSON already; what libraries, warnings and the web server say becomes the like of it."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.name == log_name and message.startswith("{"):
            return message
        line: dict[str, Any] = {
            **structlog.contextvars.get_contextvars(), "event": message, "logger": record.name,
            "level": record.levelname.lower(), "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }  # fmt: skip
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(_hide_secrets(None, "", line), default=str)


def take_over(level: str) -> None:
    """For a process that serves: whatever it would write on standard error becomes a line of the log."""
    configure(level)
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: _uncaught("process ended by an error", error)
    threading.excepthook = lambda found: _uncaught("thread ended by an error", found.exc_value, found.thread)
    sys.unraisablehook = lambda found: _uncaught("uncaught error", found.exc_value, found.object)


def _uncaught(event: str, error: BaseException | None, where: Any = None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        log.error(event, where=str(where or ""), exc_info=error)


def configure(level: str) -> None:
    """JSON lines on standard error, the request's or the job's id on every one of them."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    # Libraries that say more would write down values of the database and addresses that were asked.
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
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


def path_asked() -> str:
    """The address that is asked for, without a token in it that works without a sign-in."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path


def init_app(app: Flask, settings: Any) -> None:
    configure(settings.log_level)
    # Bound once: to find out how it is configured takes longer than a line.
    lines = log.bind()

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(6)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        # Nothing else sets it, and to set one werkzeug looks through all the others.
        response.headers.add("X-Request-Id", g.request_id)
        if request.endpoint != "static":
            milliseconds = round((time.perf_counter() - g.began) * 1000, 1)
            lines.info(
                "request", method=request.method, path=path_asked(), status=response.status_code, ms=milliseconds,
                address=request.remote_addr, user=getattr(g.get("_login_user"), "id", None),
            )  # fmt: skip
        return response
