"""Lists of people as no program should write them, by chance: strange text, and in workbooks.py strange workbooks."""

from random import Random

from tests.fuzz.routes import NASTY, NOT_QUITE
from tests.fuzz.seeds import FUZZ

HEADINGS = (
    "employee_number", "first_name", "last_name", "personal_email", "start_date", "end_date", "mobile", "country",
    "department", "manager_employee_number", "company_email", "job_title", "preferred_name",
)  # fmt: skip
ODD_HEADINGS = (
    "", " ", "Personalnummer", "Nom", "EMPLOYEE_NUMBER ", "employee_number", "Name", "Status", "Hire date", "社員番号",
    "\u202eeman", "a" * 5_000, "<script>alert(1)</script>", "=1+1", "first\nname", "ＮＡＭＥ", "é" * 300, "__proto__",
    "id", "organisation_id", "0", "a\0b", "Salary", "start_date", "Eintritt", "Дата", "E-mail", "N\u00ad\u200bame",
)  # fmt: skip
VALUES: dict[str, tuple[str, ...]] = {
    "first_name": ("Zoë", "李", "Wei", "Ægir", "می\u200cنا", "O’Brien", "J?rgen", "MÃ¼ller", "Anne Marie"),
    "last_name": ("Zhang", "Łódź", "Иванов", "de la Cruz", "Ekdal, Tove", 'the "Boss"', ""),
    "start_date": ("2026-03-01", "01.03.2026", "3/4/2026", "1 Mar 2026", "46082", "", "13/13/2026", "01/02/03"),
    "end_date": ("", "", "2027-01-01", "31.12.2026", "2020-01-01", "tomorrow"),
    "mobile": ("+47 991 23 456", "4,79912E+10", "0041", "", "47991234567.0", "call me"),
    "country": ("GB", "DE", "Norway", "", "Narnia", "gb"),
    "manager_employee_number": ("", "", "E0", "E1", "E2", "E999"),
    "Status": ("active", "left", "gone", "", "1"),
}  # fmt: skip
ENCODINGS = (
    "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "mac_roman",
    "cp850", "cp1251", "koi8_r", "shift_jis", "gb18030", "euc_kr", "big5", "iso2022_jp", "utf-7", "cp037", "cp1255",
)  # fmt: skip
DELIMITERS = (",", ",", ";", "\t", "|", ":", " ", "\x1f", "¬", ",;", "\0")
LINE_ENDS = ("\n", "\r\n", "\r", "\n\r", "\r\r\n", "\u2028", "\x0b", "\x85")
# What is too much by far takes its time: the suite has its own tests of that, so it is less here.
MANY = 3_600_000 if FUZZ else 90_000
# Characters.
LARGEST = 30_000_000
LONG = (4_000, 70_000, 131_072, 131_073, 300_000)


def nasty(rng: Random) -> str:
    """An unexpected cell."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice("xé𐍈\u0301,\n") * rng.choice(LONG)
    if kind == 1:
        return "".join(chr(rng.choice((rng.randrange(0x80), rng.randrange(0xD800)))) for _ in range(rng.randrange(40)))
    value = rng.choice([*NASTY, *NOT_QUITE])
    return value if isinstance(value, str) else value.decode("latin-1")


def table(rng: Random) -> list[list[str]]:
    """The heading and some rows of a list of people; about half of all lists can be imported."""
    odd = rng.choice((0.0, 0.0, 0.02, 0.3))
    names = ["employee_number", "first_name", *rng.sample(HEADINGS[2:], rng.randrange(6))]
    if odd:
        names = [rng.choice(ODD_HEADINGS) if rng.random() < odd else name for name in names]
    rng.shuffle(names)
    rows = [[_cell(rng, name, number, odd) for name in names] for number in range(rng.choice((0, 1, 3, 12)))]
    for row in rows:
        if rng.random() < odd:
            row[rng.randrange(len(row)) :] = [nasty(rng) for _ in range(rng.choice((0, 1, 9, 600)))]
    titles = [["People of Acme"], []] if rng.random() < 0.2 else []
    return [*titles, names, *rows, *([["Total", "1"]] if rng.random() < 0.2 else [])]


def _cell(rng: Random, name: str, number: int, odd: float) -> str:
    if rng.random() < odd:
        return nasty(rng)
    if name == "employee_number":
        return f"E{number}" if rng.random() < 0.9 else rng.choice(("E0", f"00{number}", f"e{number}", "1E5"))
    if name.endswith("email"):
        return rng.choice(("", f"p{number}@home.example", "p0@home.example", "ü@ü.example", "a@b"))
    return rng.choice(VALUES.get(name, ("", "Sales", "Sales & Öl")))


def text(rng: Random) -> bytes:
    """A CSV file in some dialect and encoding, spoilt in some way."""
    delimiter, end = rng.choice(DELIMITERS), rng.choice(LINE_ENDS[:3])
    quoted, mixed = rng.choice((0.0, 0.3, 1.0)), rng.random() < 0.2
    lines = []
    for row in table(rng):
        cells = [_quoted(cell) if rng.random() < quoted or delimiter in cell else cell for cell in row]
        lines.append(delimiter.join(cells) + (rng.choice(LINE_ENDS) if mixed else end))
    if rng.random() < 0.05:
        lines += lines[-1:] * min(rng.choice((6_000, MANY // 30)), LARGEST // len(lines[-1]))
    half, encoding = rng.randrange(len(lines) + 1), rng.choice(ENCODINGS)
    other = encoding if rng.random() < 0.85 else rng.choice(ENCODINGS)
    parts = (("".join(lines[:half]), encoding), ("".join(lines[half:]), other))
    content = b"".join(part.encode(name, "replace") for part, name in parts)
    return spoilt(rng, content) if rng.random() < 0.3 else content


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def spoilt(rng: Random, content: bytes) -> bytes:
    """With pieces replaced, doubled, taken out or cut off."""
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(content) + 1), rng.choice((0, 1, 2, 7, 400))
        piece = rng.choice((b"", b"\0", b'"', b"\xff", b"\xef\xbb\xbf", b"\x1a", rng.randbytes(8), content[:200] * 3))
        content = content[:at] if rng.random() < 0.1 else content[:at] + piece + content[at + length :]
    return content
