"""What a candidate's file is, by what is in it and not by its name. Few kinds are taken, others refused in words.

A file that is two things at once (a PDF with a ZIP behind it, a picture with a web page in it) is refused too: the
program that opens it might see the other one.
"""

import io
import re
import unicodedata
import zlib
from enum import StrEnum
from zipfile import BadZipFile, ZipFile

from portal.languages import gettext as _
from portal.languages import joined

LARGEST = 5 * 1024 * 1024
LONGEST_NAME = 120
# Of a packed document: parts, and bytes that all of them have once they are unpacked.
MOST_PARTS, MOST_UNPACKED = 2_000, 100 * 1024 * 1024
SAVE_AS_PDF = _("Save it as a PDF, and choose that.")


class FileType(StrEnum):
    """What a file is."""

    PDF = "PDF"
    DOCX = "DOCX"
    ODT = "ODT"
    RTF = "RTF"
    PNG = "PNG"
    JPEG = "JPEG"
    TXT = "TXT"


ENDINGS = {FileType.JPEG: (".jpg", ".jpeg")} | {kind: (f".{kind.lower()}",) for kind in FileType if kind != "JPEG"}
TAKEN = _("PDF, Word (DOCX), ODT, RTF, text (TXT), or a picture (PNG, JPEG)")


class FileRefused(Exception):
    """The file is not taken. message: why, and what to do, in words for the person who chose it."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def kind_of(content: bytes) -> FileType:
    """What the file is. Raises FileRefused."""
    if not content:
        raise FileRefused(_("The file is empty. Choose another one."))
    if len(content) > LARGEST:
        raise FileRefused(
            _("The file is larger than %(largest)s MB. Choose a smaller one.", largest=LARGEST // 1024 // 1024)
        )
    for beginning, kind, check in (
        (b"%PDF-", FileType.PDF, _check_pdf),
        (b"{\\rtf", FileType.RTF, _check_rtf),
        (b"\x89PNG\r\n\x1a\n", FileType.PNG, _check_png),
        (b"\xff\xd8\xff", FileType.JPEG, _check_jpeg),
    ):
        if content.startswith(beginning):
            check(content)
            return kind
    if content.startswith(b"PK"):
        return _packed_kind(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(joined(_("This is a document in an old Office format, or it has a password."), SAVE_AS_PDF))
    _check_text(content)
    return FileType.TXT


def _two_things() -> FileRefused:
    return FileRefused(joined(_("There is something else in this file besides the document."), SAVE_AS_PDF))


# What begins another kind of document, or a program, for the program that looks for it.
_PAGE = re.compile(rb"<\s*(?:!doctype|html|script|svg|iframe|body|\?xml|\?php)", re.IGNORECASE)
_END_OF_ZIP = b"PK\x05\x06"


def _check_pdf(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise FileRefused(joined(_("The PDF is damaged, or only part of it arrived."), SAVE_AS_PDF))
    # Browsers look that far for a page, and programs that unpack look there for the end of a ZIP.
    if _PAGE.search(content[:1024]) or _END_OF_ZIP in content[-66_000:] or content[end + 5 :].strip(b"\0\r\n\t \x1a"):
        raise _two_things()


def _check_rtf(content: bytes) -> None:
    if re.search(rb"\\(?:objdata|objemb|objocx|objautlink|objlink)\b", content):
        raise FileRefused(joined(_("This text has another file embedded."), SAVE_AS_PDF))
    if not content.rstrip(b"\0\r\n\t ").endswith(b"}") or _PAGE.search(content[:1024]):
        raise _two_things()


def _check_png(content: bytes) -> None:
    if not content.endswith(b"IEND\xaeB`\x82"):
        raise _two_things()


def _check_jpeg(content: bytes) -> None:
    # Phones put sounds and further pictures behind the end of the first one, and thumbnails before it.
    end = content.find(b"\xff\xd9")
    behind = content[end:]
    hides = _END_OF_ZIP in content[-66_000:] or b"%PDF-" in behind or _PAGE.search(behind)
    if end < 0 or hides or _PAGE.search(content[:1024]):
        raise _two_things()


def _check_text(content: bytes) -> None:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # What old editors write. It reads almost every file, so what is none shows by its control characters.
        text = content.decode("cp1252", "replace")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\t\r\n\f" for letter in text):
        raise FileRefused(_("We do not take this kind of file. We take %(taken)s.", taken=TAKEN))
    if _PAGE.search(text.encode("utf-8", "replace")) or text.lstrip()[:2] == "#!":
        raise FileRefused(joined(_("This is a web page, a drawing (SVG) or a program, not plain text."), SAVE_AS_PDF))


def _packed_kind(content: bytes) -> FileType:
    damaged = FileRefused(joined(_("The document is damaged, or only part of it arrived."), SAVE_AS_PDF))
    # The last 22 bytes say how many parts there are: to read the list of a million would take long.
    if content[-22:-18] != _END_OF_ZIP:
        raise _two_things() if _END_OF_ZIP in content else damaged
    if int.from_bytes(content[-12:-10], "little") > MOST_PARTS:
        raise FileRefused(joined(_("The document has too many parts."), SAVE_AS_PDF))
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return _document_kind(archive)
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise damaged from None


def _document_kind(archive: ZipFile) -> FileType:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    folded = {name.casefold() for name in names}
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise FileRefused(joined(_("The document is too large once it is unpacked."), SAVE_AS_PDF))
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused(joined(_("The document has a password."), SAVE_AS_PDF))
    if min((part.header_offset for part in parts), default=1) or "meta-inf/manifest.mf" in folded:
        raise _two_things()
    if any(_is_program(name) for name in folded):
        raise FileRefused(joined(_("The document has macros or an embedded program."), SAVE_AS_PDF))
    if "word/document.xml" in names and "[Content_Types].xml" in names:
        if b"macroenabled" in _beginning(archive, "[Content_Types].xml").lower():
            raise FileRefused(joined(_("The document has macros or an embedded program."), SAVE_AS_PDF))
        return FileType.DOCX
    of_text = b"application/vnd.oasis.opendocument.text"
    if {"content.xml", "mimetype"} <= names and _beginning(archive, "mimetype").strip() == of_text:
        return FileType.ODT
    raise FileRefused(_("We do not take this kind of file. We take %(taken)s.", taken=TAKEN))


def _is_program(name: str) -> bool:
    return (
        name.endswith(("vbaproject.bin", "vbadata.xml", ".exe", ".dll", ".js", ".class"))
        or name.startswith(("basic/", "scripts/"))
        or "/activex/" in name
        or "oleobject" in name
    )


def _beginning(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(1024 * 1024)


# Control characters, marks that turn the direction of what follows them, line and paragraph separators.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def clean_name(name: str, kind: FileType) -> str:
    """The name of the file as it is kept: one line that ends as what is in it, and otherwise letter for letter."""
    shown = _UNSEEN.sub("", re.split(r"[\\/]", name)[-1]).strip(" .")
    dot = shown.rfind(".")
    stem, ending = (shown[:dot], shown[dot:]) if dot > 0 else (shown, "")
    if ending.casefold() not in ENDINGS[kind]:
        stem, ending = shown, ENDINGS[kind][0]
    return f"{stem[: LONGEST_NAME - len(ending)] or 'File'}{ending}"
