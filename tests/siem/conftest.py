import contextlib
import socket
import ssl
import threading

import pytest

from portal.guard import addresses
from portal.siem import actions, sending
from portal.siem.models import SCHEMES, Kind, Target
from tests.api.conftest import payroll, system  # noqa: F401
from tests.receiver import Receiver as Listening
from tests.receiver import allowed, authority  # noqa: F401


class Collector:
    """A syslog server behind TLS on this machine, which can be stopped and started on the same port."""

    def __init__(self, authority):  # noqa: F811
        self.frames: list[bytes] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.port = 0
        self.start()

    def start(self):
        self.server = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, args=(self.server,), daemon=True)
        self.thread.start()

    def stop(self):
        # Who waits in accept wakes up only by a shutdown.
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(5)

    def _serve(self, server):
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True) as opened:
                data = b""
                while part := opened.recv(65536):
                    data += part
                self._take(data)
                opened.unwrap()

    def _take(self, data):
        while data:
            length, _, rest = data.partition(b" ")
            self.frames.append(rest[: int(length)])
            data = rest[int(length) :]


@pytest.fixture
def collector(authority, allowed):  # noqa: F811
    allowed("localhost")
    made = Collector(authority)
    yield made
    made.stop()


@pytest.fixture
def listening(authority, allowed):  # noqa: F811
    """A collector by HTTPS on this machine."""
    allowed("localhost")
    with Listening(authority) as receiver:
        yield receiver


@pytest.fixture
def target(alice):
    """target(kind, address, …): a target of Acme."""

    def make(kind, address, **options):
        found = addresses.read(address, SCHEMES[kind])
        made = actions.make(
            alice.user.organisation, kind=Kind(kind), name="SOC", address=found, by=alice.user, **options
        )  # fmt: skip
        return Target.get_by_id(made.id)

    return make


@pytest.fixture
def push(app):
    """push(target): what the worker does each minute; the target as it is then."""

    def send(target):
        with app.app_context():
            sending.send_all(target.id)
        return Target.get_by_id(target.id)

    return send
