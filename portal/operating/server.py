"""The web server and the worker as processes."""

import ctypes
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from portal import create_app, database, garbage, logs, presence
from portal.bodies import THREADS
from portal.config import settings
from portal.logs import log
from portal.problems import Problem

PR_SET_PDEATHSIG = 1
# Connections that send nothing cost a little memory each, and keep no others out until there are so many.
MOST_CONNECTIONS = 4096
HEADERS_WITHIN = 15_000
# Seconds that work under way gets to end when the worker is told to stop; the journal takes care of the rest.
LAST_SECONDS = 20
STARTS_AGAIN_AFTER = 2.0
# The lines of the web server go where ours go.
GRANIANS_LINES: dict[str, Any] = {"formatters": {}, "handlers": {}, "loggers": {"_granian": {"propagate": True}}}


def serve(*, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the portal until told to stop. with_worker: also run the worker, as a child that ends with this process.

    Raises OtherVersion and BeingReplaced; Problem when the port is not to be had.
    """
    logs.take_over(settings().log_level)
    _try_port(host, port)
    database.initialise(settings().database)
    with database.connection(), presence.held("web"):
        presence.check_version()
    # A fresh folder each time, in which all web processes count together: see metrics.py.
    with tempfile.TemporaryDirectory(prefix="portal-metrics-") as folder, _beside("worker" if with_worker else ""):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _allow_connections()
        # Until the web server minds it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        load()
        _let_web_processes_be_stopped()
        Granian(
            "portal.operating.server:application",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=THREADS,
            backpressure=MOST_CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
            respawn_failed_workers=True,
            log_level=LogLevels.error,
            log_dictconfig=GRANIANS_LINES,
        ).serve()


def _try_port(host: str, port: int) -> None:
    """Ask for the port before anything starts: what the web server itself says of one that is taken is no sentence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as asked:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            asked.bind(address)
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror
        raise Problem(f"Port {port} on {host} cannot be used: {why}.", "Choose another one with --port.") from error


@cache
def load() -> Flask:
    """The portal, loaded by the first process: those that are forked from it share its memory and serve at once."""
    with garbage.loading():
        return create_app()


def application() -> Flask:
    """What each web process serves; it ends with a line in the log when it cannot."""
    logs.take_over(settings().log_level)
    try:
        database.initialise(settings().database)
        presence.start_watch("web")
        return load()
    except Exception:
        log.exception("the web process cannot start")
        sys.exit(1)


@contextmanager
def _beside(command: str) -> Iterator[None]:
    """Run `portal <command>` as a child until the end of the block, and start it again whenever it ends early."""
    if not command:
        yield
        return
    stopping, starting = threading.Event(), threading.Lock()
    child = start_child(command)

    def mind() -> None:
        nonlocal child
        while not stopping.is_set():
            status = child.wait()
            if stopping.wait(STARTS_AGAIN_AFTER):
                return
            with starting:
                if not stopping.is_set():
                    log.error("a child ended and is started again", command=command, status=status)
                    child = start_child(command)

    minding = threading.Thread(target=mind, daemon=True)
    minding.start()
    try:
        yield
    finally:
        # A child that is being started is there when it has to be stopped, and none is started after that.
        with starting:
            stopping.set()
        stop_child(child, patience=LAST_SECONDS + 5)
        minding.join()


def _let_web_processes_be_stopped() -> None:
    """Have a web process end at once when it is told to stop before it serves.

    It is forked with the handler of the first process, which would do nothing there, and the first one waits for it.
    """
    told = {signal.SIGTERM}

    def take_default() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, told)

    # Blocked in between, so that no signal comes while the handler is still there.
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, told),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, told),
        after_in_child=take_default,
    )


def _allow_connections() -> None:
    """Have as many open files as there may be connections, if the system lets us."""
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 512 if most == resource.RLIM_INFINITY else min(MOST_CONNECTIONS + 512, most)
    if given != resource.RLIM_INFINITY and given < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def work(*, threads: int) -> None:
    """Carry out what is due until told to stop; then finish what is under way, and begin nothing more.

    Raises OtherVersion and BeingReplaced; ends with status 1 when the tables become those of another version.
    """
    from portal import subjects
    from portal.mail import lane
    from portal.runs import jobs
    from portal.worker import queue

    logs.take_over(settings().log_level)
    database.initialise(settings().database, keep=True)
    watch = presence.start_watch("worker", on_misfit=presence.stop_this_process)
    jobs.open_room()
    jobs.keep_asking()
    with garbage.loading():
        subjects.register_jobs()
    consumer = queue.create_consumer(
        workers=threads, periodic=True, check_worker_health=True, backoff=1.0,
        graceful_signal="TERM", shutdown_timeout=LAST_SECONDS,
    )  # fmt: skip
    consumer.run()
    jobs.room.join(LAST_SECONDS)
    # Another process finishes a mail that a slow server holds up, or reports it as unknown.
    lane.join(LAST_SECONDS / 4)
    if watch.problem is not None:
        sys.exit(1)


def start_child(*arguments: str, module: str = "portal", **options: Any) -> subprocess.Popen:
    """Start `portal …` (or another module) as a child that ends when this process ends, however it ends."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, preexec_fn=_end_with_parent, start_new_session=True, **options)


def stop_child(child: subprocess.Popen, *, patience: float = 10) -> None:
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
