"""Makes what a release hands out, in dist/: `make release`.

A wheel and a source distribution, each built twice and compared; what they consist of (CycloneDX); the licences of
everything that comes with them; and the checksums of all of it.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
# What may come with a product under the MIT licence, as packages write it.
ALLOWED = {
    "Apache-2.0", "Apache Software License", "BSD License", "BSD-0-Clause", "BSD-2-Clause", "BSD-3-Clause", "ISC",
    "ISC License (ISCL)", "LGPL-2.1", "LGPL-3.0-only", "MIT", "MIT License", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0",
    "PSFL", "Unlicense",
}  # fmt: skip
# Their metadata names no licence; the text that comes with them is MIT's.
UNSAID = {"huey": "MIT", "peewee": "MIT"}
# Run by the interpreter of the environment that is described.
SAY_LICENCES = """
import importlib.metadata, json, re
parts = []
for dist in importlib.metadata.distributions():
    said = dist.metadata
    classes = [c.split(" :: ")[-1] for c in said.get_all("Classifier", []) if "License :: OSI Approved :: " in c]
    short = said.get("License") or ""
    licence = said.get("License-Expression") or (short if short and len(short) < 50 else " AND ".join(classes))
    files = [f for f in dist.files or [] if ".dist-info" in str(f) and re.search(r"licen|copying|notice", f.name, re.I)]
    texts = [f.read_text(encoding="utf-8") for f in files]
    if said["Name"] not in ("pip", "setuptools"):
        parts.append({"name": said["Name"], "version": said["Version"], "licence": licence, "texts": texts})
print(json.dumps(parts))
"""


def main() -> None:
    """Write dist/ anew; stops with one sentence when something is not as it must be."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if f"## {version}" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        sys.exit(f"CHANGELOG.md has no heading '## {version} (day)'.")
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for kind in ("sdist", "wheel"):
        build_twice(kind)
    bill = bill_of_materials(sys.argv[1])
    (DIST / f"account_portal-{version}.cdx.json").write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", "utf-8")
    (DIST / "THIRD-PARTY.txt").write_text(third_party(sys.argv[1]), "utf-8")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(DIST.iterdir())]
    (DIST / "SHA256SUMS").write_text("".join(sums), "utf-8")


def build_twice(kind: str) -> None:
    """Build into dist/, and once more beside it: the same bytes, or no release."""
    with tempfile.TemporaryDirectory() as second:
        for folder in (str(DIST), second):
            subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder], cwd=ROOT, check=True)
        [again] = Path(second).iterdir()
        if again.read_bytes() != (DIST / again.name).read_bytes():
            sys.exit(f"Two builds of {again.name} differ.")


def bill_of_materials(python: str) -> dict:
    """Everything that is installed with the portal, and the browser assets inside it.

    python: the interpreter of an environment in which requirements.lock is installed and nothing else.
    """
    command = [Path(sys.executable).with_name("cyclonedx-py"), "environment", python, "--pyproject", "pyproject.toml",
               "--output-reproducible", "--of", "JSON"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    bill = json.loads(done.stdout)
    bill["components"] = [part for part in bill["components"] if part["name"] not in ("pip", "setuptools")] + assets()
    return bill


def assets() -> list[dict]:
    """The npm packages of which files are shipped, as package-lock.json names them."""
    sys.path.insert(0, str(ROOT))
    from hatch_build import FILES

    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    names = sorted({re.match(r"(@[^/]+/)?[^/]+", file)[0] for file in FILES})
    found = {name: packages[f"node_modules/{name}"] for name in names}
    return [
        {
            "type": "library", "name": name, "version": part["version"], "bom-ref": f"npm:{name}",
            "licenses": [{"license": {"id": part["license"]}}],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{part['version']}",
        }
        for name, part in found.items()
    ]  # fmt: skip


def third_party(python: str) -> str:
    """Name, version, licence and its texts, of all that is shipped; stops at a licence that is not in ALLOWED."""
    parts = installed(python)
    parts += [
        {"name": part["name"], "version": part["version"], "licence": part["licenses"][0]["license"]["id"], "texts": []}
        for part in assets()
    ]
    pages = []
    for part in sorted(parts, key=lambda part: part["name"].lower()):
        licence, refused = licence_of(part)
        if refused:
            sys.exit(f"{part['name']} has a licence that is not in ALLOWED: {licence or 'none is named'}.")
        pages.append("\n".join([f"{part['name']} {part['version']}", licence, "", *part["texts"]]))
    return ("\n" + "=" * 80 + "\n").join(pages)


def installed(python: str) -> list[dict]:
    """Name, version, licence and its texts, of each package that this interpreter finds."""
    done = subprocess.run([python, "-c", SAY_LICENCES], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def licence_of(part: dict) -> tuple[str, bool]:
    """What the package is licensed under, and whether a part of that is not in ALLOWED."""
    licence = part["licence"] or UNSAID.get(part["name"], "")
    return licence, not ALLOWED.issuperset(re.split(r"\s+(?:AND|OR)\s+", licence))


if __name__ == "__main__":
    main()
