"""The demo's time, which can be moved on: a file that all of its processes read says how far it is ahead."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import requests

_read: dict[Path, tuple[float, timedelta]] = {}


def read(file: Path) -> timedelta:
    """How far the demo is ahead of the machine's clock; nothing before it was moved for the first time."""
    written = 0.0
    with suppress(FileNotFoundError):
        written = file.stat().st_mtime
    known = _read.get(file)
    if known is None or known[0] != written:
        known = _read[file] = written, timedelta(seconds=float(file.read_text()) if written else 0.0)
    return known[1]


def move(file: Path, by: timedelta, controls: list[str]) -> None:
    """Move the demo on, its sandboxes first: the portal never lives after them. Raises OSError."""
    for control in controls:
        move_sandbox(control, by.total_seconds())
    fresh = file.with_suffix(".new")
    fresh.write_text(str((read(file) + by).total_seconds()))
    os.replace(fresh, file)


def move_sandbox(control: str, seconds: float) -> None:
    """Move the clock of the sandbox behind this control address forward. Raises OSError."""
    requests.post(f"{control.rstrip('/')}/clock", json={"seconds": seconds}, timeout=10).raise_for_status()
