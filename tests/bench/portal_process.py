"""The portal inside the process that measures, against a sandbox of its own over TLS."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from portal import garbage
from tests.sandbox.process import SandboxProcess


@dataclass
class Bench:
    """app: the portal. sandbox: its Microsoft 365. folder: for whatever is measured there."""

    app: Any
    sandbox: SandboxProcess
    folder: Path


@contextmanager
def portal(*, users: int = 0, database_url: str = "") -> Iterator[Bench]:
    """A portal and a sandbox with so many invented users, both as new. database_url: without it, SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    sandbox = SandboxProcess.start(folder / "sandbox", tls=True, users=users)
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        del os.environ[name]
    # As installed: modules are compiled once, and Python looks for circles of objects as seldom as in the portal's own.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    garbage.look_seldom()
    os.environ.update(
        PORTAL_INSTANCE_DIR=str(folder),
        PORTAL_SECRET_KEY="not a secret, only for measuring",
        PORTAL_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        PORTAL_LOG_LEVEL="ERROR",
        PORTAL_PUBLIC_URL="http://localhost",
        PORTAL_M365_LOGIN_URL=sandbox.login_url,
        PORTAL_M365_GRAPH_URL=sandbox.graph_url,
        PORTAL_M365_CLIENT_ID=sandbox.client_id,
        PORTAL_M365_CLIENT_SECRET=sandbox.client_secret,
        REQUESTS_CA_BUNDLE=str(sandbox.ca_file),
    )
    if database_url:
        os.environ["PORTAL_DATABASE_URL"] = database_url
    from portal import config, create_app, database

    config.forget()
    try:
        app = create_app()
        with database.connection():
            database.upgrade()
            yield Bench(app, sandbox, folder)
    finally:
        sandbox.stop()
        shutil.rmtree(folder, ignore_errors=True)
