"""Files as candidates send them, and as attackers do."""

import io
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
RTF = b"{\\rtf1\\ansi Zo\\'eb}"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\0IEND\xaeB`\x82"
)  # fmt: skip
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9"
DOCM_TYPE = b"application/vnd.ms-word.document.macroEnabled.main+xml"


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(types: bytes = b"<Types/>", **more: bytes) -> bytes:
    """more: further parts, `__` for the `/` in their names."""
    further = {name.replace("__", "/").replace("_bin", ".bin"): content for name, content in more.items()}
    return packed({"[Content_Types].xml": types, "word/document.xml": b"<w:document/>", **further})


def odt(**more: bytes) -> bytes:
    further = {name.replace("__", "/"): content for name, content in more.items()}
    kind = b"application/vnd.oasis.opendocument.text"
    return packed({"mimetype": kind, "content.xml": b"<office/>", "META-INF/manifest.xml": b"<m/>", **further})


TAKEN = {
    "PDF": PDF, "DOCX": docx(), "ODT": odt(), "RTF": RTF, "PNG": PNG, "JPEG": JPEG,
    "TXT": "Zoë Łukasz\r\nBerlin".encode(),
}  # fmt: skip
# What it is -> the file, or what makes a large one; a word of the sentence that refuses it.
REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "web page": (b"<!doctype html><script>alert(1)</script>", "web page"),
    "web page as text": (b"Hello\n <SCRIPT>alert(1)</SCRIPT>", "web page"),
    "drawing": (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "web page"),
    "program": (b"#!/bin/sh\nrm -rf /\n", "program"),
    "executable": (b"MZ\x90\0\x03\0\0\0", "kind of file"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Office"),
    "macros": (docx(word__vbaProject_bin=b"\0"), "macros"),
    "macros by type": (docx(DOCM_TYPE), "macros"),
    "macros of ODT": (odt(Basic__Standard__Module1=b"Sub Main"), "macros"),
    "OLE in RTF": (b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}", "embedded"),
    "workbook": (packed({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "kind of file"),
    "bomb": (lambda: docx(word__media__big=b"\0" * (101 * 1024 * 1024)), "unpacked"),
    "many parts": (lambda: docx(**{f"p{number}": b"" for number in range(2_001)}), "too many parts"),
    "cut off": (PDF[:40], "damaged"),
    "cut off DOCX": (docx()[:-30], "damaged"),
    "PDF and ZIP": (PDF + docx(), "something else"),
    "PDF and web page": (b"%PDF-1.7 <html><script>alert(1)</script>" + PDF, "something else"),
    "PNG and ZIP": (PNG + docx(), "something else"),
    "JPEG and web page": (JPEG[:-2] + b"<script>alert(1)</script>\xff\xd9", "something else"),
    "JPEG and PDF": (JPEG + PDF, "something else"),
    "JPEG and ZIP": (JPEG + docx(), "something else"),
    "ZIP behind a web page": (docx() + b"<html>", "something else"),
    "program of Java": (docx(**{"META-INF__MANIFEST.MF": b"Main-Class: Evil"}), "something else"),
    "empty": (b"", "empty"),
    "large": (PDF + b"\n" * (5 * 1024 * 1024), "5 MB"),
}  # fmt: skip


def refused_file(what: str) -> bytes:
    """The file that is refused."""
    file = REFUSED[what][0]
    return file if isinstance(file, bytes) else file()
