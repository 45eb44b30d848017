"""Limits hold for all web processes together: they are counted in the database."""

import pytest
import requests
from bs4 import BeautifulSoup

from portal.auth import throttle
from portal.auth.models import SignInFailure
from portal.rate_limits import RateCount
from portal.security import limiter
from tests.api.conftest import system  # noqa: F401
from tests.auth.test_sign_in import WRONG
from tests.provisioning.test_killed import Server


@pytest.fixture(scope="module")
def one_server(app):
    server = Server("--workers", "2")
    yield server
    server.kill()


@pytest.fixture
def two_processes(one_server, tables):
    """What they count is in the database alone, which each test finds empty."""
    return one_server


def posted(server, path, **values) -> requests.Response:
    """The answer to a form, on connections of their own, so that either process may get it."""
    with requests.Session() as session:
        session.headers["Connection"] = "close"
        page = BeautifulSoup(session.get(server.address + path).text, "html.parser")
        token = page.find("input", attrs={"name": "csrf_token"})["value"]
        return session.post(server.address + path, data={"csrf_token": token, **values}, allow_redirects=False)


def test_one_password_tried_on_many_people_is_held_by_all_processes(two_processes):
    there = throttle.Origin("", "127.0.0.1").hash
    for number in range(throttle.PER_ADDRESS - 4):
        SignInFailure.create(email_hash=str(number), origin_hash=there)
    answers = [
        posted(two_processes, "/login", email=f"p{number}@acme.example", password=WRONG).status_code
        for number in range(8)
    ]
    assert answers == [422] * 4 + [429] * 4


def test_so_is_asking_for_mailed_links(two_processes):
    answers = [
        posted(two_processes, "/forgot-password", email=f"p{number}@acme.example").status_code for number in range(34)
    ]
    assert answers == [303] * 30 + [429] * 4


def test_what_is_over_a_limit_writes_nothing_and_names_nobody(app, tables):
    client = app.test_client()
    page = BeautifulSoup(client.get("/forgot-password").text, "html.parser")
    token = page.find("input", attrs={"name": "csrf_token"})["value"]
    for number in range(60):
        client.post("/forgot-password", data={"csrf_token": token, "email": f"p{number}@acme.example"})
    assert RateCount.select().count() <= 31
    assert max(row.count for row in RateCount.select()) == 30
    assert not any("acme" in row.key or "127" in row.key for row in RateCount.select())


def test_a_window_ends_and_one_from_ahead_does_not_last(app, tables, later):
    storage = limiter.storage
    assert [storage.acquire_entry("x", 2, 3600) for _ in range(3)] == [True, True, False]
    later(minutes=61)
    assert [storage.acquire_entry("x", 2, 3600) for _ in range(3)] == [True, True, False]
    later(minutes=-61)
    assert storage.acquire_entry("x", 2, 3600)


def test_o11_a_token_asks_no_more_often_of_two_processes_than_of_one(two_processes, alice, system):  # noqa: F811
    token = system(alice).token
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    answers = [requests.get(f"{two_processes.address}/api/v1/me", headers=headers).status_code for _ in range(125)]
    assert answers == [200] * 120 + [429] * 5
