"""Reads an uploaded file into rows of text, within limits."""

from portal.tables.budget import TooMuch
from portal.tables.encodings import NAMES, HowRead
from portal.tables.kinds import Kind, kind_of, opened, raw_lines
from portal.tables.layout import Table
from portal.tables.lines import WHOLE, Day, Line, Unreadable

__all__ = [
    "NAMES",
    "WHOLE",
    "Day",
    "HowRead",
    "Kind",
    "Line",
    "Table",
    "TooMuch",
    "Unreadable",
    "kind_of",
    "opened",
    "raw_lines",
]
