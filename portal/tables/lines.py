"""A line of a file, and why a file or a part of it cannot be taken."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from portal.problems import Problem

# The place of what is wrong with a whole line.
WHOLE = -1
NO_FAULTS: Mapping[int, str] = MappingProxyType({})


class Unreadable(Problem):
    """The file cannot be read. line: where, 0 for the whole file."""

    status = 422

    def __init__(self, message: str = "", next_step: str = "", line: int = 0):
        super().__init__(message, next_step)
        self.line = line


class Day(str):
    """A cell that a workbook keeps as a day, as in 2026-03-31: whatever order of day and month it shows."""

    __slots__ = ()


class Since1904(str):
    """A number of a workbook that counts its days from 1904. since_1900: the same day as other workbooks count it."""

    __slots__ = ()

    @property
    def since_1900(self) -> str:
        return str(int(self) + 1462)


class Line(NamedTuple):
    """A line of a file. number: as a spreadsheet counts it. faults: why cells cannot be taken, by their place from 0;
    WHOLE for the line itself.
    """

    number: int
    cells: tuple[str, ...]
    faults: Mapping[int, str] = NO_FAULTS

    @property
    def is_blank(self) -> bool:
        return not self.faults and not any(self.cells)


def column_name(place: int) -> str:
    """The name that a spreadsheet gives to the column at this place, from 0: A, B, C …"""
    # A large library, which is loaded when the first workbook is read.
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)
