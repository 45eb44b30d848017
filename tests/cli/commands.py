"""`portal …` as a process of its own, forked from one that has read the libraries and most of the portal already.

Reading them takes longer than most commands. What reads its settings as it is loaded, and what needs that, is read by
each command, in its own environment.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

LIBRARIES = (
    "aiosmtpd.controller", "anyascii", "argon2", "babel.dates", "click", "cryptography.fernet", "cyrtranslit",
    "defusedxml.ElementTree", "flask", "flask_compress", "flask_htmx", "flask_limiter.util", "flask_login",
    "flask_wtf", "heroicons.jinja", "huey.api", "huey.consumer", "huey.storage", "idna", "jwt", "msal", "openpyxl",
    "PIL.Image", "playhouse.db_url", "playhouse.migrations", "prometheus_client", "psycopg", "psycopg_pool",
    "pydantic.fields", "pydantic_settings", "pyotp", "requests", "rich.traceback", "secure", "segno", "smtplib",
    "sqlite3", "structlog", "urllib3", "whitenoise", "wtforms",
)  # fmt: skip
# Of the portal, besides its pages.
FURTHER = ("imports.importing", "imports.options", "operating.doctor", "backup", "erasure.leaving")
_one_at_a_time = threading.Lock()


def run(
    *arguments: str, stdin: str = "", environment: dict[str, str], program: str = ""
) -> subprocess.CompletedProcess:
    """`portal …` until it ends; or `python -c program …`."""
    with tempfile.TemporaryDirectory() as folder, _one_at_a_time:
        paths = [Path(folder) / name for name in ("in", "out", "err")]
        paths[0].write_text(stdin)
        asked = {"arguments": arguments, "environment": environment, "files": [str(path) for path in paths]}
        asked["program"] = program
        status = int(_told(asked))
        return subprocess.CompletedProcess(arguments, status, *(path.read_text() for path in paths[1:]))


class Started:
    """A command that runs, as the leader of a process group of its own."""

    def __init__(self, pid: int):
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its status, or None while it runs."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int | None:
        """Its status, once it has ended: no other command can begin before."""
        return self._ended(0)

    def _ended(self, how: int) -> int | None:
        if self._status is None:
            with _one_at_a_time:
                self._status = json.loads(_told({"ended": self.pid, "how": how}))
        return self._status


def start(*arguments: str) -> Started:
    """`portal …` in this environment, for a test whose subject is what it serves and not how it begins."""
    with _one_at_a_time:
        return Started(int(_told({"arguments": arguments, "environment": dict(os.environ), "program": ""})))


def _told(asked: dict) -> str:
    """What the process that forks says to this."""
    parent = _parent()
    parent.stdin.write(json.dumps(asked) + "\n")
    parent.stdin.flush()
    return parent.stdout.readline()


@functools.cache
def _parent() -> subprocess.Popen:
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.commands"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(parent.communicate)
    return parent


def _serve() -> dict | None:
    """Fork a process for each line that comes; in that process, what it is to do is returned.

    The answer is how it ended; or its number, where it is to go on while others begin.
    """
    gc.disable()
    for name in LIBRARIES:
        # Some are only there for PostgreSQL.
        with suppress(ImportError):
            importlib.import_module(name)
    _load_portal()
    gc.freeze()
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if "ended" in asked:
            print(_status_of(asked["ended"], asked["how"]), flush=True)  # noqa: T201
            continue
        child = os.fork()
        if not child:
            _become(asked)
            return asked
        print(_status_of(child, 0) if "files" in asked else child, flush=True)  # noqa: T201
    return None


def _status_of(child: int, how: int) -> str:
    found, status = os.waitpid(child, how)
    return json.dumps(os.waitstatus_to_exitcode(status) if found else None)


def _load_portal() -> None:
    """All of it that can be loaded where there is no queue, which is of one database."""
    from portal import cli, subjects  # noqa: F401

    sys.modules["portal.worker"] = None
    for name in (*subjects.VERBS, *subjects.PAGES, *FURTHER):
        with suppress(ImportError):
            importlib.import_module(f"portal.{name}")
    del sys.modules["portal.worker"]


def _become(asked: dict) -> None:
    os.environ.clear()
    os.environ.update(asked["environment"])
    if "files" not in asked:
        # It goes on without us, and writes where the tests do.
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        gc.enable()
    for number, path in enumerate(asked.get("files", ())):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115


def _carry_out(asked: dict) -> int:
    """The status with which Python would end."""
    try:
        sys.argv = ["portal", *asked["arguments"]]
        if asked["program"]:
            exec(asked["program"], {"__name__": "__main__"})  # noqa: S102
        else:
            from portal.cli import main

            main(prog_name="portal")
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _end(status: int) -> None:
    """As Python ends, except that it does not take each object apart: that takes longer than most commands."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__" and (asked := _serve()) is not None:
    _end(_carry_out(asked))
