"""Copies of the whole database in one file: making one, putting it back, and rehearsing that."""

from pathlib import Path

from portal.config import settings
from portal.problems import Problem


class CannotBackUp(Problem):
    """The copy cannot be made, or cannot be put back."""


def sqlite_path() -> Path:
    return Path(settings().database.removeprefix("sqlite:///"))
