"""The files with which an operator runs the portal: image, compose, systemd, Kubernetes."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.utils import canonicalize_name

from portal.cli import main
from portal.config import Settings

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services():
    """Those of compose.yaml that run the portal."""
    everything = yaml.safe_load(read("compose.yaml"))["services"]
    return {name: service for name, service in everything.items() if "account-portal" in service["image"]}


@pytest.fixture(scope="module")
def pods():
    items = yaml.safe_load(read("deploy/kubernetes.yaml"))["items"]
    return [item["spec"]["template"]["spec"] for item in items if "template" in item.get("spec", {})]


def test_every_setting_that_they_name_exists():
    for name in ("Containerfile", "compose.yaml", "deploy/kubernetes.yaml", *(str(u.relative_to(ROOT)) for u in UNITS)):
        named = {re.sub("_FILE$", "", found) for found in re.findall(r"\bPORTAL_[A-Z_]+[A-Z]\b", read(name))}
        assert named <= SETTINGS | {"PORTAL_VERSION"}, name


def test_every_command_that_they_run_exists(services, pods):
    commands = [service["command"][:2] for service in services.values()]
    commands += [container["args"][:2] for pod in pods for container in pod["containers"]]
    commands += [line.split()[:2] for unit in UNITS for line in re.findall(r"^Exec\w+=(.*)", unit.read_text(), re.M)]
    commands += [["portal", name] for name in re.findall(r'CMD \["portal", "(\w+)"', read("Containerfile"))]
    assert {Path(program).name for program, _ in commands} == {"portal"}
    assert {name for _, name in commands} <= set(main.commands)
    assert len(commands) == 3 + 3 + 4 + 2


def test_the_image_gets_what_the_wheel_is_built_of_and_nothing_else():
    asked = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", read("Containerfile"), re.M) for word in line.split()
    }
    sent = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert asked - {"."} <= sent
    assert all((ROOT / name).exists() for name in sent)
    assert not sent & {"tests", "instance", ".git"}


def test_no_container_runs_as_root_writes_to_its_image_or_gains_rights(services, pods):
    assert "USER 10001" in read("Containerfile")
    for service in services.values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert [pod["automountServiceAccountToken"], pod["enableServiceLinks"]] == [False, False]
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert not container["securityContext"]["allowPrivilegeEscalation"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_units_shut_the_portal_in(unit):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", str(unit)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


def test_a_release_may_hand_out_everything_that_comes_with_it():
    spec = importlib.util.spec_from_file_location("release", ROOT / "deploy" / "release.py")
    release = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(release)
    shipped = {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", read("requirements.lock"), re.M)}
    found = {canonicalize_name(part["name"]): release.licence_of(part) for part in release.installed(sys.executable)}
    # What only another system needs is not installed here.
    assert len(shipped & set(found)) > 0.9 * len(shipped)
    assert {name: licence for name, (licence, refused) in found.items() if refused and name in shipped} == {}
