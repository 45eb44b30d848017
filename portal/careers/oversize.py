"""A form with files that are too large: the files are not taken, and what was typed is not lost."""

from typing import BinaryIO

from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

# The texts of the form come before its files.
TEXTS = 256 * 1024
# A browser shows the answer once it has sent everything. The connection of those who send more than this just ends.
DRAINED, PIECE = 40 * 1024 * 1024, 1024 * 1024


def typed(stream: BinaryIO, content_type: str) -> MultiDict[str, str]:
    """The fields before the first file. Reads the rest of the body, up to a limit, and forgets it."""
    beginning = stream.read(TEXTS)
    found = _fields(beginning, parse_options_header(content_type)[1].get("boundary", ""))
    left = DRAINED
    while left > 0 and (piece := stream.read(PIECE)):
        left -= len(piece)
    return found


def _fields(content: bytes, boundary: str) -> MultiDict[str, str]:
    found: MultiDict[str, str] = MultiDict()
    if not boundary:
        return found
    decoder, name, value = MultipartDecoder(boundary.encode("latin-1", "replace")), "", b""
    try:
        decoder.receive_data(content)
        while not isinstance(event := decoder.next_event(), File | Epilogue | NeedData):
            if isinstance(event, Field):
                name, value = event.name, b""
            elif isinstance(event, Data):
                value += event.data
                if not event.more_data:
                    found.add(name, value.decode("utf-8", "replace"))
    except ValueError:
        return found
    return found
