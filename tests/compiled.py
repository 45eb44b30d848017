"""Compiled templates that the processes of the tests share, from one run to the next."""

import hashlib
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

from portal import compiling


class Compiled(FileSystemBytecodeCache):
    """Jinja's own, which goes by a template's source: here by how it is compiled too."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))
        self._beside = hashlib.sha256(Path(compiling.__file__).read_bytes()).hexdigest()

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + self._beside)
