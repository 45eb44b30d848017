"""Lines of CSV that a spreadsheet shows and does not carry out."""

import csv
import io
from collections.abc import Iterable

FORMULA_BEGINS_WITH = ("=", "+", "-", "@", "\t", "\r")


def csv_line(values: Iterable[object]) -> str:
    """The values as one line. A cell that a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    csv.writer(text).writerow(["" if value is None else _no_formula(str(value)) for value in values])
    return text.getvalue()


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_BEGINS_WITH) else text
