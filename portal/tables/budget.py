"""What reading one file may cost. Bytes alone do not bound the work that they cause."""

import time
from dataclasses import dataclass, field

from portal.languages import gettext as _
from portal.languages import number as figures
from portal.tables.lines import Unreadable

# Unpacked bytes of all parts of a workbook; how many parts; bytes of their list.
LARGEST, MOST_PARTS, LARGEST_LIST = 256 * 1024 * 1024, 1_000, 1024 * 1024
# No list of people goes beyond these.
MOST_LINES, MOST_COLUMNS, MOST_CELLS, MOST_STRINGS = 100_000, 500, 5_000_000, 1_000_000
LONGEST_CELL, LONGEST_LINE = 131_072, 262_144
# Characters of all cells together: many of them may show one long text.
MOST_TEXT = 100_000_000
# Of a sheet in any spreadsheet.
LAST_ROW = 1_048_576
# After so many empty rows a sheet is over; and so many it may have between the people.
MOST_EMPTY, MOST_EMPTY_IN_ALL = 1_000, 100_000
# Of a workbook: its number formats and the names of its sheets, in characters, and how many formats it may have.
LONGEST_FORMAT, LONGEST_NAME, MOST_FORMATS = 255, 100, 10_000
# Of XML: elements of a part beside sheet and texts, how deep they lie, and bytes without an end in sight.
MOST_ELEMENTS, DEEPEST, LONGEST_TAG = 500_000, 64, 1024 * 1024
MOST_MERGED = 10_000
# Of the processor, in this thread: a busy machine takes nothing away from a file.
SECONDS = 45.0
TOO_MUCH = _("Take out what does not belong to the list of people, or split the file up.")


class TooMuch(Unreadable):
    message = _("The file takes too much work to read.")


@dataclass
class Budget:
    """What is left for one file. Raises TooMuch once it is used up."""

    most_lines: int = MOST_LINES
    seconds: float = field(default_factory=lambda: SECONDS)
    lines: int = 0
    cells: int = 0
    text: int = 0
    bytes: int = 0
    begun: float = field(default_factory=time.thread_time)

    def take_bytes(self, count: int) -> None:
        self.bytes += count
        if self.bytes > LARGEST:
            raise TooMuch(_("The workbook is too large."), TOO_MUCH)
        self.check_time()

    def take_line(self, cells: int, number: int) -> None:
        """For a line with something in it."""
        self.lines += 1
        self.cells += cells
        # Above the people there are headings and a few titles, and below them a footer.
        if self.lines > self.most_lines + 20:
            raise TooMuch(
                _("The file has more than %(most_lines)s lines.", most_lines=figures(self.most_lines)),
                _("Split it up."),
                number,
            )
        if self.cells > MOST_CELLS:
            raise TooMuch(_("The file has more than %(most)s cells.", most=figures(MOST_CELLS)), TOO_MUCH, number)
        if self.lines % 1_000 == 0:
            self.check_time(number)

    def take_text(self, length: int, number: int) -> None:
        """For the text of a cell."""
        self.text += length
        if length > LONGEST_CELL or self.text > MOST_TEXT:
            raise TooMuch(_("The sheet has more text than a list of people would have."), TOO_MUCH, number)

    def check_time(self, number: int = 0) -> None:
        if time.thread_time() - self.begun > self.seconds:
            raise TooMuch(_("Reading the file takes too long."), TOO_MUCH, number)
