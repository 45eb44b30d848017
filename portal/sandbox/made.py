"""What a service hands to the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.sandbox.server import Application


@dataclass(frozen=True)
class Made:
    """web, control: the applications of the two ports. opened(url): told where web listens.

    line(url): what the line says besides the addresses that every service has. close: ends the state.
    """

    web: Application
    control: Application
    opened: Callable[[str], None]
    line: Callable[[str], dict[str, Any]]
    close: Callable[[], None]
