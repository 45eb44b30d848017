"""`python -m portal.sandbox.hr FILE PORT`: the four HR systems over the people in a file, which may be edited."""

import json
import signal
import sys
import threading
from pathlib import Path

import click

from portal.sandbox.hr.app import make
from portal.sandbox.hr.company import Company, Worker
from portal.sandbox.server import Server


class FromFile(Company):
    """A company whose people are read from a file for every answer. file: JSON, a list of Worker fields."""

    file: Path

    @property
    def workers(self) -> list[Worker]:
        return [Worker(**values) for values in json.loads(self.file.read_text(encoding="utf-8"))]

    @workers.setter
    def workers(self, _workers: list[Worker]) -> None:
        """The file says who there is."""


def main(file: str, port: str) -> None:
    """Print one JSON line with the addresses once it listens, and answer until it is told to stop."""
    company = FromFile(key="demo-key")
    company.file = Path(file)
    server = Server(make(company), int(port))
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    click.echo(json.dumps({"url": server.url}))
    stop.wait()
    server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:3])
