"""The packed parts of a workbook, unpacked piece by piece and no further than they may be."""

import io
import zlib
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from portal.languages import gettext as _
from portal.tables import budget as limits
from portal.tables.budget import Budget
from portal.tables.lines import Unreadable

PIECE = 64 * 1024
AS_CSV = _("Save the sheet as “CSV UTF-8”, and upload that.")


class _Bounded(io.RawIOBase):
    """Hands the list of parts out, but not one of a million parts, which would take long to look through."""

    def __init__(self, stream: IO[bytes]):
        self.stream, self.left = stream, limits.LARGEST_LIST + 200_000

    def read(self, size: int = -1) -> bytes:
        if size > self.left:
            raise Unreadable(_("The workbook has too many parts."), AS_CSV)
        data = self.stream.read(size if size >= 0 else self.left)
        self.left -= len(data)
        return data

    def seek(self, *place: int) -> int:
        return self.stream.seek(*place)

    def tell(self) -> int:
        return self.stream.tell()

    def seekable(self) -> bool:
        return True


class Archive:
    """The parts of a workbook. Raises Unreadable for what is none, is damaged, or unpacks to too much."""

    def __init__(self, stream: IO[bytes], budget: Budget):
        self.budget = budget
        try:
            stream.seek(0)
            parts = ZipFile(_Bounded(stream)).infolist()
            self.packed = ZipFile(stream)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Unreadable(
                _("The workbook cannot be read: it is damaged, or only part of it arrived."), AS_CSV
            ) from error
        if sum(part.file_size for part in parts) > limits.LARGEST or len(parts) > limits.MOST_PARTS:
            raise Unreadable(_("The workbook is too large."), limits.TOO_MUCH)
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable(_("This file has a password."), _("Save it without a password, and upload it again."))
        self.names = {part.filename for part in parts}

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_error: Any) -> None:
        self.packed.close()

    def pieces(self, name: str) -> Iterator[bytes]:
        """The part piece by piece."""
        try:
            part = self.packed.getinfo(name)
            if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise Unreadable(_("The portal does not know the way in which this workbook is compressed."), AS_CSV)
            with self.packed.open(part) as stream:
                while piece := stream.read(PIECE):
                    self.budget.take_bytes(len(piece))
                    yield piece
        except (KeyError, BadZipFile, EOFError, OSError, RuntimeError, zlib.error) as error:
            raise Unreadable(_("The workbook cannot be read: part of it is damaged or missing."), AS_CSV) from error

    def read(self, name: str, most: int) -> str:
        """The first so many bytes of a short part, as text."""
        return next(self.pieces(name), b"")[:most].decode("utf-8", "replace")
