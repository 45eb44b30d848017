import socket
from ipaddress import ip_address

import pytest

from tests.receiver import allowed, authority  # noqa: F401

REAL = socket.getaddrinfo


def is_number(host):
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


@pytest.fixture
def names(monkeypatch):
    """names[host]: what looking it up finds, a list for each time; the last one stays. asked: what was."""

    class Names(dict):
        asked = []

    found = Names()
    found.asked = []

    def look_up(host, port, *arguments, **options):
        if is_number(host) or host not in found:
            return REAL(host, port, *arguments, **options)
        found.asked.append(host)
        times = found[host]
        addresses = times.pop(0) if len(times) > 1 else times[0]
        kinds = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in addresses]
        return [(kind, socket.SOCK_STREAM, 6, "", (each, port)) for kind, each in zip(kinds, addresses, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found
