"""An installation of its own: its commands, its web server and its worker, as processes."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import requests
from cryptography.fernet import Fernet

from tests import schema
from tests.cli import commands
from tests.ports import free_port
from tests.provisioning.test_killed import eventually


class Installation:
    """On SQLite in `folder`, or on a PostgreSQL database of its own where the tests run on PostgreSQL."""

    def __init__(self, folder, template=None):
        self.folder, self.instance = folder, folder / "instance"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | {
            "PORTAL_INSTANCE_DIR": str(self.instance),
            "PORTAL_SECRET_KEY": "for this test",
            "PORTAL_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        if os.environ.get("TEST_DATABASE") == "postgresql":
            from tests.postgresql import new_database, programs

            self.environment |= {
                "PORTAL_DATABASE_URL": new_database(template),
                "PATH": f"{programs()}{os.pathsep}{os.environ['PATH']}",
            }
        self.on_postgresql = "PORTAL_DATABASE_URL" in self.environment
        self.processes = []

    def copy(self, folder):
        """Another one with the same rows and keys, which is quicker than making it by commands."""
        other = Installation(folder, template=self.environment.get("PORTAL_DATABASE_URL"))
        other.environment["PORTAL_ENCRYPTION_KEYS"] = self.environment["PORTAL_ENCRYPTION_KEYS"]
        if not self.on_postgresql:
            shutil.copytree(self.instance, other.instance)
        return other

    def run(self, *arguments, stdin="", **changes):
        """`portal …` until it ends."""
        return commands.run(*arguments, stdin=stdin, environment={**self.environment, **changes})

    def init(self):
        """`portal init`, which finds the tables there."""
        if self.on_postgresql:
            schema.copy_into(self.environment["PORTAL_DATABASE_URL"])
        else:
            schema.copy_to(self.instance / "portal.sqlite3")
        return self.must("init")

    def must(self, *arguments, **options):
        """What the command says; it has to succeed."""
        done = self.run(*arguments, **options)
        assert done.returncode == 0, done
        return done.stdout

    def sql(self, statement):
        """What one statement says, asked past the portal."""
        if self.on_postgresql:
            import psycopg

            with psycopg.connect(self.environment["PORTAL_DATABASE_URL"], autocommit=True) as opened:
                done = opened.execute(statement)
                return done.fetchall() if done.description else []
        with closing(sqlite3.connect(self.instance / "portal.sqlite3", timeout=30, isolation_level=None)) as opened:
            return opened.execute(statement).fetchall()

    def start(self, *arguments, **changes):
        """`portal serve` or `portal worker` in the background; what it writes goes to files."""
        number = len(self.processes)
        written = [(self.folder / f"{number}.{name}").open("w") for name in ("out", "err")]
        command = [sys.executable, "-m", "portal", *arguments]
        process = subprocess.Popen(
            command, stdout=written[0], stderr=written[1], env={**self.environment, **changes}, start_new_session=True
        )
        for file in written:
            file.close()
        self.processes.append(process)
        return process

    def serve(self, *options, **changes):
        """The address of a web server that is ready."""
        port = free_port()
        process = self.start("serve", "--port", str(port), *options, **changes)
        address = f"http://127.0.0.1:{port}"
        eventually(lambda: process.poll() is not None or is_ready(address))
        assert process.poll() is None, self.lines()
        return address

    def stop(self):
        """SIGTERM to all that was started; their exit statuses."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        return [process.wait(30) for process in self.processes]

    def lines(self):
        """Every line that the processes wrote, on either stream, read as JSON."""
        texts = [path.read_text() for path in sorted(self.folder.glob("*.out")) + sorted(self.folder.glob("*.err"))]
        return [json.loads(line) for text in texts for line in text.splitlines()]


def is_ready(address):
    try:
        return requests.get(f"{address}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False
