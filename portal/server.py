"""The web server and the worker as processes."""

import ctypes
import resource
import signal
import subprocess
import sys
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

PR_SET_PDEATHSIG = 1
# Connections that send nothing cost a little memory each, and keep nobody else out until there are so many.
MOST_CONNECTIONS = 4096
HEADERS_WITHIN = 15_000
# Seconds that what is in hand gets to end when the worker is told to stop; the journal takes care of the rest.
LAST_SECONDS = 20


def serve(*, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the portal until told to stop. with_worker: also run the worker, as a child that ends with this process."""
    child = start_child("worker") if with_worker else None
    _allow_connections()
    try:
        Granian(
            "portal:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=16,
            backpressure=MOST_CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
            respawn_failed_workers=True,
            log_level=LogLevels.error,
        ).serve()
    finally:
        if child is not None:
            stop_child(child, patience=LAST_SECONDS + 5)


def _allow_connections() -> None:
    """Have as many open files as there may be connections, if the system lets us."""
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 512 if most == resource.RLIM_INFINITY else min(MOST_CONNECTIONS + 512, most)
    if given != resource.RLIM_INFINITY and given < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def work(*, threads: int) -> None:
    """Carry out what is due until told to stop; then end what is in hand, and begin nothing more."""
    from portal.auth import jobs as auth_jobs
    from portal.matching import jobs as matching_jobs
    from portal.people import import_jobs, succession_jobs
    from portal.provisioning import jobs
    from portal.runs import jobs as run_jobs
    from portal.runs import turns

    turns.leave_room(threads)
    # Importing them is what makes their tasks known.
    for others in (auth_jobs, matching_jobs, import_jobs, succession_jobs, run_jobs):
        assert others.queue is jobs.queue  # noqa: S101
    consumer = jobs.queue.create_consumer(
        workers=threads, periodic=True, check_worker_health=True, backoff=1.0,
        graceful_signal="TERM", shutdown_timeout=LAST_SECONDS,
    )  # fmt: skip
    consumer.run()


def start_child(*arguments: str, module: str = "portal.cli", **options: Any) -> subprocess.Popen:
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
