"""Lines of CSV that a spreadsheet shows and does not carry out."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from portal.languages import current, in_language

# What makes a spreadsheet read a cell as a formula, and where a cell may begin: at the start of the text, and behind
# every sign that some spreadsheet splits lines at. Wide signs count in East Asian versions, see
# https://owasp.org/www-community/attacks/CSV_Injection. Excel in German splits at semicolons and then knows no quotes.
_BEGINS = r"(^|[;|\t\r\n])([^\S\t\r\n]*+)"
_FORMULA = re.compile(_BEGINS + r"(?='*[=+\-@＝＋－＠\t\r])")
_GUARDED = re.compile(_BEGINS + r"'(?='*[=+\-@＝＋－＠\t\r])")


def csv_line(values: Iterable[object]) -> str:
    """The values as one line, sentences in the language that is spoken.

    An apostrophe precedes what a spreadsheet would take for a formula.
    """
    text, language = io.StringIO(), current()
    cells = ("" if value is None else in_language(value, language) for value in values)
    csv.writer(text).writerow([_FORMULA.sub(r"\1\2'", cell) for cell in cells])
    return text.getvalue()


def words_of(names: Mapping[str, str]) -> Iterator[str]:
    """The headings of an export: as programs know them in English, and in other languages as the pages say it.

    names: {name that programs know: what the pages say}.
    """
    return (word_of(name, shown) for name, shown in names.items())


def word_of(kept: str, shown: str) -> str:
    """A word that is kept, as programs know it, in English; in other languages what the pages show for it."""
    return kept if current() == "en" else shown


def unguarded(cell: str) -> str:
    """The cell without the apostrophes that `csv_line` put into it."""
    return _GUARDED.sub(r"\1\2", cell)
