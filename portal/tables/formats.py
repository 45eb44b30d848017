"""What a cell of a workbook shows of its number: the format 00000 shows 00417 of 417.

Numbers that identify a person are taken as the cell shows them. Amounts (thousands, decimals, powers of ten) are taken
as the plain number, because how they are shown depends on the language of the spreadsheet.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<power>[eE][+-])|(?P<other>.)',
    re.DOTALL,
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
TESTS = {
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "=": lambda a, b: a == b, "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b, "<>": lambda a, b: a != b,
}  # fmt: skip
DIGITS = "0#?"


@dataclass
class Section:
    """One of up to four sections of a format. parts: literal texts and, as single letters in `places`, digits."""

    parts: list[tuple[bool, str]] = field(default_factory=list)
    condition: tuple[str, float] | None = None
    plain: bool = False
    percent: int = 0
    decimals: int = 0
    grouped: bool = False

    @property
    def places(self) -> int:
        return sum(is_digit for is_digit, _ in self.parts)


def shown(number: float, code: str) -> str:
    """The number as the cell shows it; an amount without what makes it look like one."""
    sections = _sections(code[:255])
    section, sign = _chosen(number, sections)
    if section is None or section.plain or not section.places:
        return plain(number)
    if section.percent:
        return f"{sign}{plain(round(abs(number) * 100**section.percent, section.decimals))}{'%' * section.percent}"
    if section.grouped or section.decimals:
        return plain(number if float(number).is_integer() else round(number, section.decimals))
    return sign + _filled(section, str(round(abs(number))))


def text_shown(text: str, code: str) -> str:
    """The text as a cell of this format shows it: the format "N-"@ puts N- before it."""
    return "".join(text if part is None else part for part in _around_text(code[:255]))


@lru_cache(maxsize=1_000)
def _around_text(code: str) -> tuple[str | None, ...]:
    """The section for texts: literal parts, and None for the text itself."""
    parts: list[str | None] = []
    for token in TOKEN.finditer(code):
        if token["other"] == "@":
            parts.append(None)
        elif token["other"] == ";":
            if None in parts:
                break
            parts = []
        elif token["quoted"] or token["escaped"] or token["other"]:
            parts.append(token["quoted"] or token["escaped"] or token["other"])
    return tuple(parts) if None in parts else (None,)


def plain(number: float) -> str:
    """All digits of the number, and no power of ten."""
    if float(number).is_integer():
        return str(int(number))
    return f"{number:.15f}".rstrip("0") if abs(number) < 1 else f"{number:.15g}"


def _chosen(number: float, sections: tuple[Section, ...]) -> tuple[Section | None, str]:
    """The section that is for the number, and the sign to put before it."""
    minus = "-" if number < 0 else ""
    for section in sections:
        if section.condition and TESTS[section.condition[0]](number, section.condition[1]):
            return section, minus
    free = [section for section in sections if not section.condition]
    if any(section.condition for section in sections):
        return (free[0], minus) if free else (None, "")
    if number < 0 and len(free) > 1:
        return free[1], ""
    return (free[2] if number == 0 and len(free) > 2 else free[0]), minus


@lru_cache(maxsize=1_000)
def _sections(code: str) -> tuple[Section, ...]:
    found, section, after_point = [], Section(), False
    for token in TOKEN.finditer(code):
        other = token["other"] or ""
        if other == ";":
            found.append(section)
            section, after_point = Section(), False
        elif other and other in DIGITS:
            section.decimals += after_point
            if not after_point:
                section.parts.append((True, other))
        elif other == ".":
            after_point = section.places > 0
        elif other == ",":
            section.grouped = section.grouped or section.places > 0
        elif other == "%":
            section.percent += 1
        elif token["general"] or token["power"] or other in ("/", "@"):
            section.plain = (
                section.plain or bool(token["general"] or token["power"]) or other == "@" or section.places > 0
            )
        elif token["bracket"] is not None:
            _read_bracket(section, token["bracket"])
        else:
            words = token["quoted"] or token["escaped"] or other or (" " if token[0].startswith("_") else "")
            section.parts.append((False, words))
    return (*found, section)[:3]


def _read_bracket(section: Section, words: str) -> None:
    condition = CONDITION.fullmatch(words.strip())
    if condition:
        section.condition = (condition[1], float(condition[2]))
    elif words.startswith("$"):
        # A currency, and for which language: [$kr-414].
        section.parts.append((False, words[1:].partition("-")[0]))


def _filled(section: Section, digits: str) -> str:
    """The section with the digits in its places, from the right; those without a place precede the first."""
    made: list[str] = []
    places = section.places
    for is_digit, words in reversed(section.parts):
        if not is_digit:
            made.append(words)
            continue
        places -= 1
        if places == 0:
            made.append(digits or ("0" if words == "0" else ""))
            digits = ""
        else:
            made.append(digits[-1:] or ("0" if words == "0" else ""))
            digits = digits[:-1]
    return "".join(reversed(made))
