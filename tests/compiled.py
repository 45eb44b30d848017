"""Compiled templates that the processes of the tests share, from one run to the next."""

import hashlib
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

from portal import compiling, languages


class ByLanguage(FileSystemBytecodeCache):
    """Jinja's own, which goes by a template's source: here its sentences and how they are settled are in it too."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))
        catalogues = sorted((Path(languages.__file__).parent / "translations").rglob("*.?o"))
        self._beside = hashlib.sha256(
            b"".join(file.read_bytes() for file in (Path(compiling.__file__), *catalogues))
        ).hexdigest()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(f"{languages.current()} {name}", filename)

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + self._beside)
