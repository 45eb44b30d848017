"""Where the parts of the demo listen."""

import socket
from typing import Any

HOST = "127.0.0.1"


def free_port(wanted: int) -> Any:
    """The first free port from the wanted one on."""
    for port in range(wanted, wanted + 200):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {wanted} on")
