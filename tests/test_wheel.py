"""What is installed: nothing beside portal/, and all that it needs inside it."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from portal.config import settings
from portal.languages import LANGUAGES
from portal.places import STATIC

ROOT = Path(__file__).resolve().parents[1]
MEANT = {".css", ".js", ".svg", ".gz"}
ASK = """
import portal
from portal.places import TEMPLATES
client = portal.create_app().test_client()
files = "portal.css", "vendor/htmx.min.js"
print(portal.__file__, TEMPLATES, *(client.get(f"/static/{name}").status_code for name in files))
"""


def build(kind, source, folder, **environment):
    """Built with what is installed already, so nothing is fetched."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=source, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return zipfile.ZipFile(build("wheel", ROOT, tmp_path_factory.mktemp("wheel")))


def test_the_wheel_holds_portal_and_its_description_only(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"portal", next(top for top in tops if top.endswith(".dist-info"))}
    catalogues = [f"portal/languages/translations/{language}.po" for language in LANGUAGES if language != "en"]
    files = ("portal/templates/_form_expired.html", "portal/static/portal.css", "portal/static/vendor/htmx.min.js")
    for name in (*files, *catalogues):
        assert name in wheel.namelist()


def test_what_was_installed_from_it_finds_its_pages_and_files(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")  # noqa: S202
    environment = {
        "PYTHONPATH": str(tmp_path / "site"), "PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_SECRET_KEY": "x" * 40,
        "PORTAL_ENCRYPTION_KEYS": settings().encryption_keys[0].get_secret_value(), "PATH": os.environ["PATH"],
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment, cwd=tmp_path)
    package, templates, *statuses = done.stdout.split()
    assert package == str(tmp_path / "site" / "portal" / "__init__.py")
    assert templates == str(tmp_path / "site" / "portal" / "templates")
    assert statuses == ["200", "200"]


def test_a_source_distribution_builds_the_same_wheel_where_there_is_no_npm(wheel, tmp_path):
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.glob("account_portal-*")
    again = build("wheel", source, tmp_path / "wheel", PATH="/nowhere")
    assert again.read_bytes() == Path(wheel.filename).read_bytes()


def test_every_static_file_is_meant_for_browsers(app):
    files = [path.relative_to(STATIC) for path in STATIC.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= MEANT
    assert app.test_client().get("/static/vendor/stamp.txt").status_code == 404


def test_what_builds_it_is_held_to_hashes():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--no-build-isolation --editable" in makefile
    for name in ("requirements-build.lock", "requirements-npm.lock"):
        assert f"--require-hashes --requirement {name}" in makefile
        assert "--hash=sha256:" in (ROOT / name).read_text(encoding="utf-8")
