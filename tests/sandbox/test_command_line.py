"""`portal sandbox` as a process: what it prints and keeps, how many it invents, what it says when it cannot start."""

import json
import socket
import subprocess
import sys

import pytest
import requests as http

from tests.sandbox.process import SandboxProcess

COMMAND = [sys.executable, "-m", "portal.sandbox"]


def started(tmp_path, *options):
    process = subprocess.Popen([*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    return SandboxProcess(process, json.loads(process.stdout.readline()))


@pytest.fixture
def session():
    with http.Session() as found:
        found.trust_env = False
        yield found


def test_the_line_names_every_address(tmp_path):
    process = subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True)
    line = json.loads(process.stdout.readline())
    process.terminate()
    process.wait(10)
    process.stdout.close()
    assert set(line) == {
        "graph_url", "login_url", "control_url", "admin_centre_url", "outside_url", "ca_file", "client_id",
        "client_secret", "tenants",
    }  # fmt: skip
    assert line["ca_file"] is None
    assert line["control_url"] != line["graph_url"]
    assert {"id", "name", "default_domain"} == set(line["tenants"][0])


def test_what_was_done_is_there_after_a_restart_and_tokens_hold(tmp_path, session):
    data = str(tmp_path / "sandbox.sqlite3")
    first = started(tmp_path, "--data", data, "--client-secret", "kept")
    first.grant_consent("Acme")
    first.patch_user("omar.ordinary@acme.example", jobTitle="Diver")
    form = {"grant_type": "client_credentials", "client_id": first.client_id, "client_secret": "kept",
            "scope": "https://graph.microsoft.com/.default"}  # fmt: skip
    token = session.post(f"{first.login_url}/{first.tenants[0]['id']}/oauth2/v2.0/token", data=form).json()[
        "access_token"
    ]
    first.stop()
    second = started(tmp_path, "--data", data, "--client-secret", "kept")
    answer = session.get(
        f"{second.graph_url}/v1.0/users/omar.ordinary@acme.example", headers={"Authorization": f"Bearer {token}"}
    )
    second.stop()
    assert answer.json()["jobTitle"] == "Diver"


def test_invented_users_are_the_same_each_time(tmp_path):
    names = []
    for _ in range(2):
        process = started(tmp_path, "--users", "300")
        names.append(sorted(user.username for user in process.users()))
        process.stop()
    assert names[0] == names[1]
    assert len(names[0]) > 300


def test_a_taken_port_is_said_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f"Port {port} cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_with_a_folder_for_it_it_speaks_tls_by_its_own_authority(tmp_path, session):
    process = started(tmp_path, "--tls-dir", str(tmp_path / "tls"))
    url = f"{process.graph_url}/organizations/v2.0/.well-known/openid-configuration"
    assert process.graph_url.startswith("https://")
    assert session.get(url, verify=process.ca_file).status_code == 200
    with pytest.raises(http.exceptions.SSLError):
        session.get(url)
    process.stop()


def test_the_help_names_every_option():
    shown = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=30).stdout
    for option in ("--port", "--control-port", "--tls-dir", "--data", "--users"):
        assert option in shown
