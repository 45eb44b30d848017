"""A port on which no program listens."""

import socket


def free_port() -> int:
    """One that was free a moment ago, for a program that has to be told its port before it starts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
        return found
