"""The web server and the worker as processes."""

import ctypes
import signal
import subprocess
import sys
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

PR_SET_PDEATHSIG = 1


def serve(*, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the portal until told to stop. with_worker: also run the worker, as a child that ends with this process."""
    child = start_child("worker") if with_worker else None
    try:
        Granian(
            "portal:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=16,
            backpressure=256,
            respawn_failed_workers=True,
            log_level=LogLevels.error,
        ).serve()
    finally:
        if child is not None:
            stop_child(child)


def work(*, threads: int) -> None:
    """Carry out what is due until told to stop."""
    from portal.auth import jobs as auth_jobs
    from portal.matching import jobs as matching_jobs
    from portal.provisioning import jobs
    from portal.runs import jobs as run_jobs
    from portal.runs import turns

    turns.leave_room(threads)
    # Importing them is what makes their tasks known.
    assert auth_jobs.queue is matching_jobs.queue is run_jobs.queue is jobs.queue  # noqa: S101
    consumer = jobs.queue.create_consumer(workers=threads, periodic=True, check_worker_health=True, backoff=1.0)
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
