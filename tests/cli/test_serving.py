"""One installation as it runs: two web processes and a worker. What monitoring reads, and what the log says."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.cli.installation import Installation
from tests.ports import free_port
from tests.provisioning.test_killed import eventually


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("serving"))
    made.init()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def address(installation):
    return installation.serve("--workers", "2", "--with-worker")


def counted(address, name):
    """The value of a sample, asked over a connection of its own, so that either process may answer."""
    text = requests.get(f"{address}/metrics", headers={"Connection": "close"}, timeout=10).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def test_counters_are_those_of_all_processes_and_never_go_back(address):
    name, seen = 'portal_requests_total{method="GET",status="404"}', []
    for number in range(1, 21):
        requests.get(f"{address}/nowhere", headers={"Connection": "close"}, timeout=10)
        seen.append(counted(address, name))
        assert seen[-1] == number


def test_a_container_can_ask_how_its_server_is(installation, address):
    assert installation.must("health", "--url", address) == "The web server lives.\n"
    assert installation.must("health", "--url", address, "--ready") == "The web server is ready.\n"
    silent = installation.run("health", "--url", "http://127.0.0.1:9")
    assert (silent.returncode, silent.stdout) == (1, "")
    assert silent.stderr == "The web server at http://127.0.0.1:9 does not answer (ConnectionError).\n"


def test_a_port_that_is_taken_is_said_in_one_sentence(installation, address):
    answer = installation.run("serve", "--port", address.rsplit(":", 1)[1])
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].endswith("another program uses it. Choose another one with --port.")
    assert "backtrace" not in answer.stderr


def test_the_doctor_finds_a_proxy_that_hands_on_headers_with_an_underscore(installation, address):
    """Here no proxy at all is before the web server, so the portal would believe everybody."""
    assert "None is trusted" in installation.run("doctor").stdout
    told = installation.run("doctor", PORTAL_TRUSTED_PROXIES="1", PORTAL_PUBLIC_URL=address)
    assert "X_Forwarded_For" in told.stdout + told.stderr
    away = installation.run("doctor", PORTAL_TRUSTED_PROXIES="1", PORTAL_PUBLIC_URL="http://127.0.0.1:9")
    assert "Not tried" in away.stdout


SECOND = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 0\r\nTransfer-Encoding: chunked", "Content-Length: 0\r\nContent-Length: 44",
        "Content-Length: +0", "Content-Length: 0x0", "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: \x0bchunked", "X: a\rContent-Length: 0", "X: a\0",
    ],
)  # fmt: skip
def test_no_second_request_hides_behind_one_that_two_servers_read_differently(address, headers):
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.3: the connection ends after the answer."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as opened:
        opened.sendall(f"POST /nowhere HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n0\r\n\r\n{SECOND}".encode())
        answer = b"".join(iter(lambda: opened.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 4")


def test_web_processes_share_what_the_first_process_has_loaded(installation, address):
    """Each of their own would hold nearly everything for itself."""
    requests.get(f"{address}/healthz", timeout=10)
    first = installation.processes[0].pid
    web = {*children(first)} - {*workers(installation)}
    assert len(web) == 2
    for process in web:
        held = {
            name: int(value.split()[0])
            for name, _, value in (line.partition(":") for line in rolled_up(process))
            if name in ("Rss", "Private_Dirty")
        }
        assert held["Private_Dirty"] < held["Rss"] / 2


def rolled_up(process):
    return Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()


def children(process):
    return map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())


def workers(installation):
    """The process ids of the workers that run beside the server."""
    command = ["pgrep", "-P", str(installation.processes[0].pid), "-f", "portal worker"]
    return [int(pid) for pid in subprocess.run(command, capture_output=True, text=True).stdout.split()]


def has_worked(lines):
    """Whether the second worker has carried out a job."""
    events = [line["event"] for line in lines]
    starts = [number for number, event in enumerate(events) if "consumer started" in event]
    return len(starts) == 2 and any("executed in" in event for event in events[starts[-1] :])


def test_a_worker_that_is_killed_is_started_again_and_every_line_of_every_process_is_json(installation, address):
    """Comes last here: it stops what the others use."""
    [first] = eventually(lambda: workers(installation))
    eventually(lambda: any("consumer started" in line["event"] for line in installation.lines()))
    subprocess.run(["kill", "-KILL", str(first)], check=True)
    assert eventually(lambda: [pid for pid in workers(installation) if pid != first])
    requests.post(f"{address}/login", data={"email": "x", "password": "secret words"}, timeout=10)
    eventually(lambda: has_worked(installation.lines()))
    assert installation.stop() == [0]
    lines = installation.lines()
    assert {"request", "Received SIGTERM", "a child ended and is started again"} <= {line["event"] for line in lines}
    assert all(line["level"] and line["timestamp"] for line in lines)
    assert "secret words" not in str(lines)


def test_warnings_and_the_ends_of_threads_and_processes_are_json_too(installation, tmp_path):
    program = """
import threading, warnings
from portal import logs
logs.take_over("INFO")
warnings.warn("old ways")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
class Sad:
    def __del__(self): raise ValueError("at the end")
Sad()
raise RuntimeError("over")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=installation.environment)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert "old ways" in lines[0]["event"]
    assert [words in line["exception"] for line, words in zip(
        lines[1:], ("ZeroDivisionError", "at the end", "over"), strict=True)] == [True] * 3  # fmt: skip


@pytest.mark.parametrize("what", ["serve", "worker"])
def test_a_process_that_cannot_begin_says_so_in_one_sentence(installation, tmp_path, what):
    options = ["--port", str(free_port())] if what == "serve" else []
    done = installation.run(what, *options, PORTAL_DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Run `portal init`" in done.stderr
