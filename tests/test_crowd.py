"""Many at once, and people who take for ever: each gets an answer, and none a failure.

The crowd is small here; `make fuzz` has a larger one.
"""

import os
import select
import socket
import threading
from collections import Counter

import pytest
import requests
from bs4 import BeautifulSoup

from portal.auth.models import Session
from tests.cast import PASSWORD
from tests.provisioning.test_killed import Server

CROWD = 200 if "FUZZ" in os.environ else 30
IDLE = 400
WITHIN = 120


@pytest.fixture
def server(app, tables):
    server = Server()
    yield server
    server.kill()


def test_many_sign_in_at_once_and_all_of_them_are_in(server, alice):
    before, answers = Session.select().count(), Counter()

    def sign_in():
        with requests.Session() as session:
            page = BeautifulSoup(session.get(f"{server.address}/login").text, "html.parser")
            values = {"email": alice.user.email, "password": PASSWORD}
            values["csrf_token"] = page.find("input", attrs={"name": "csrf_token"})["value"]
            answers[session.post(f"{server.address}/login", data=values, allow_redirects=False).status_code] += 1

    crowd = [threading.Thread(target=sign_in) for _ in range(CROWD)]
    for person in crowd:
        person.start()
    for person in crowd:
        person.join(WITHIN)
    assert answers == {303: CROWD}
    assert Session.select().count() == before + CROWD


def test_whoever_connects_and_says_nothing_keeps_nobody_out(server):
    port = int(server.address.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE)]
    try:
        for connection in silent:
            connection.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert requests.get(f"{server.address}/login", timeout=10).ok
    finally:
        for connection in silent:
            connection.close()


def test_bodies_that_trickle_in_keep_nobody_out(server, alice):
    """https://datatracker.ietf.org/doc/html/rfc9110#section-17.5: no proxy reads them whole here."""
    port = int(server.address.rpartition(":")[2])
    begun = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
    slow = [socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) for _ in range(40)]
    try:
        for connection in slow:
            connection.sendall((begun + form).encode())
        with requests.Session() as session:
            page = BeautifulSoup(session.get(f"{server.address}/login", timeout=30).text, "html.parser")
            values = {"email": alice.user.email, "password": PASSWORD}
            values["csrf_token"] = page.find("input", attrs={"name": "csrf_token"})["value"]
            done = session.post(f"{server.address}/login", data=values, allow_redirects=False, timeout=30)
        assert done.status_code == 303
        # Which of them are waited for is chance; the others were answered.
        answered, _, _ = select.select(slow, [], [], 30)
        assert {connection.recv(12) for connection in answered} == {b"HTTP/1.1 503"}
    finally:
        for connection in slow:
            connection.close()


def test_no_request_is_lost_after_one_whose_body_nobody_wanted(server):
    """https://datatracker.ietf.org/doc/html/rfc9112#section-9.6: who ends a connection says so in the last answer."""
    with requests.Session() as session:
        for _ in range(100):
            refused = session.post(f"{server.address}/api/v1/employees", json={"first_name": "Wei"}, timeout=10)
            assert (refused.status_code, refused.headers.get("Connection")) == (401, "close")
        assert "Connection" not in session.post(f"{server.address}/api/v1/employees", timeout=10).headers
        assert "Connection" not in session.post(f"{server.address}/login", data={"email": "x"}, timeout=10).headers
