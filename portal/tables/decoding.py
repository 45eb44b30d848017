"""In which encoding a text file is: Unicode in its forms first, then what older programs of Windows and Macs write."""

import codecs
import io
import re
from dataclasses import dataclass
from typing import IO

from portal.languages import gettext as _
from portal.tables import encodings
from portal.tables.characters import storable
from portal.tables.encodings import NAMES, HowRead
from portal.tables.lines import Unreadable

AS_UTF8 = _("Save it as “CSV UTF-8” and upload it again.")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"), (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)  # fmt: skip
_AS_TEXT = _(
    "Have it exported as “CSV UTF-8”, or transferred as text and not as it is (in FTP: ASCII), and upload that."
)
ASCII = bytes(range(128))
PIECE = 1024 * 1024
# Enough to tell from.
ENOUGH = 200_000
# Letters between letters: of Windows-1252, and those that are none there but are on the Mac.
WINDOWS = re.compile(rb"(?<=[A-Za-z])[\xc0-\xff](?=[a-z])")
MAC = re.compile(
    rb"(?<=[A-Za-z])[\x80-\x89\x8b\x8d\x8f\x90\x91\x93-\x99\x9b\x9d\xa7\xae\xaf\xbe\xbf](?=[a-z])|(?<=[a-z])[\x8a\x8c\x8e\x9f](?=[a-z])"
)
# Letters, digits, spaces and the usual signs of a list, as mainframes write them (EBCDIC).
MAINFRAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ,;.-_@/'\n\r\x85".encode("cp500"))
LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ")
ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
MANY_BYTES = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
RUNS = re.compile(rb"[\x80-\xff]{4,}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """name: for Python. words: for people. sure: Unicode shows whether it was read right, or a person said it.

    problem: why it cannot be told; then it is only the likeliest.
    """

    name: str
    words: str
    sure: bool = True
    problem: Unreadable | None = None


def encoding_of(file: IO[bytes], how: HowRead) -> Encoding:
    """The encoding of the text; the file is at its beginning afterwards. Raises Unreadable.

    how: the answers so far; what the user may choose is added to it.
    """
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    for mark, name, words in MARKS:
        if head.startswith(mark):
            return Encoding(name, words)
    if found := _by_zeros(head):
        return found
    if any(escape in head for escape in ESCAPES):
        return Encoding("iso2022_jp", "ISO-2022-JP")
    if _is_of_a_mainframe(head):
        raise Unreadable(_("This file is written as mainframes do it (EBCDIC)."), _AS_TEXT)
    if _is_utf8(file):
        return Encoding("utf-8", "UTF-8")
    return _older(file, how)


def _by_zeros(head: bytes) -> Encoding | None:
    """UTF-16 without its mark: every second byte of Latin letters is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    few, many = sorted((even, odd))
    if len(head) < 4 or many * 4 < len(head) // 2 or few * 8 > many:
        return None
    return Encoding("utf-16-le" if odd > even else "utf-16-be", "UTF-16")


def _is_of_a_mainframe(head: bytes) -> bool:
    """Whether it is EBCDIC: nearly all of it are its letters, figures and signs, which are hardly any in ASCII."""
    as_text = sum(sign in LETTERS for sign in head)
    return len(head) > 20 and as_text * 4 < len(head) and sum(sign in MAINFRAME for sign in head) * 10 > 9 * len(head)


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in iter(lambda: file.read(PIECE), b""):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _older(file: IO[bytes], how: HowRead) -> Encoding:
    data = file.read()
    file.seek(0)
    sample = _around_letters(data)
    many, runs = len(MANY_BYTES.findall(sample)), sum(map(len, RUNS.findall(sample)))
    all_high = len(sample.translate(None, ASCII))
    if many * 4 > all_high and how.encoding not in NAMES and not encodings.USUAL.get(how.country):
        raise Unreadable(
            _("Most of the file is UTF-8, and part of it is not: it was damaged when it was saved."),
            AS_UTF8,
            _line_of(data),
        )
    guess = _guessed(data, sample, all_high)
    text = sample.decode(guess.name, "replace")
    untold = runs * 2 > all_high or not _are_letters(text)
    likely = encodings.candidates(sample, how.country, apart=untold)
    odd = encodings.oddities(text, how.country)
    usual = encodings.USUAL.get(how.country, ())
    if not untold and not odd and not usual and guess.name in likely:
        likely.insert(0, likely.pop(likely.index(guess.name)))
    how.encodings = [(name, NAMES[name], encodings.first_word(sample, name)) for name in likely]
    if how.encoding in NAMES:
        found = Encoding(how.encoding, NAMES[how.encoding], sure=True)
    elif likely and (untold or odd or usual):
        problem = Unreadable(_("The portal cannot tell the encoding of this file."), AS_UTF8, _line_of(data))
        found = Encoding(likely[0], NAMES[likely[0]], False, problem)
        how.asks = True
    else:
        found = guess
    how.encoding = found.name
    how.sample = [storable(line.decode(found.name, "replace")).strip()[:200] for line in sample.splitlines()[:3]]
    return found


def _guessed(data: bytes, sample: bytes, all_high: int) -> Encoding:
    """What programs of Western Europe write, on Windows or on a Mac."""
    high = data.translate(None, ASCII)[:ENOUGH]
    on_mac, has_mac_lines = len(MAC.findall(sample)), b"\n" not in data
    looks_mac = on_mac > len(WINDOWS.findall(sample)) and (has_mac_lines or 2 * on_mac >= all_high)
    is_mac = looks_mac or not _is_windows(high)
    return Encoding("mac_roman", _("Macintosh Roman"), False) if is_mac else Encoding("cp1252", "Windows-1252", False)


def _around_letters(data: bytes) -> bytes:
    """Those lines of the data that have a letter beyond ASCII, as far as is needed to tell."""
    found, length = [], 0
    for line in io.BytesIO(data.replace(b"\r", b"\n")):
        if not line.isascii():
            found.append(line[:2_000])
            length += len(found[-1])
            if length > ENOUGH:
                break
    return b"".join(found)


def _line_of(data: bytes) -> int:
    """The first line that is not UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].replace(b"\r\n", b"\n")
        return before.count(b"\n") + before.count(b"\r") + 1
    return 0


def _are_letters(text: str) -> bool:
    """Whether what is beyond ASCII is mostly letters, as in names. Quotes, dashes and spaces may be beside them."""
    signs = [sign for sign in text if sign > "\x7f" and sign not in "’‘“”„–—…•€\xa0"]
    return 2 * sum(map(str.isalpha, signs)) >= len(signs)


def _is_windows(high: bytes) -> bool:
    try:
        high.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True
