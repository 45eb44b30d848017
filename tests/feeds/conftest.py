import threading
from datetime import date, timedelta

import pytest

from portal import config
from portal.feed_sources import calls
from portal.feeds import jobs, models, running
from portal.feeds.models import Feed, FeedRun, How
from portal.mail import lane
from portal.people.models import Employee
from portal.sandbox.hr.app import make
from portal.sandbox.hr.company import Company, Worker
from portal.sandbox.server import Server

# Of each kind: what an Admin enters, by label.
ENTERED = {
    "bamboohr": {"Company": "acme", "API key": "good-key"},
    "personio": {"Client ID": "portal", "Client secret": "good-key"},
    "hibob": {"Service user ID": "portal", "Token": "good-key"},
    "employment-hero": {"Client ID": "portal", "Client secret": "good-key", "Organisation ID": "acme-1"},
}
SECRETS = {
    "bamboohr": {"api_key": "good-key"}, "personio": {"client_id": "portal", "client_secret": "good-key"},
    "hibob": {"user_id": "portal", "token": "good-key"},
    "employment-hero": {"client_id": "portal", "client_secret": "good-key", "refresh_token": "refresh-0"},
}  # fmt: skip
OPTIONS = {
    "bamboohr": {"company": "acme"}, "employment-hero": {"organisation": "acme-1"},
    "personio": {"number_field": "Personnel number"},
}  # fmt: skip


@pytest.fixture
def company(app, tables, monkeypatch):
    """Four HR systems over one list of people, on this machine. Nobody has asked them anything in the last minute."""
    calls._pacers.clear()
    company = Company()
    server = Server(make(company), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, path in (
        ("BAMBOOHR_URL", "bamboohr"), ("PERSONIO_URL", "personio"), ("HIBOB_URL", "hibob/v1"),
        ("EMPLOYMENT_HERO_URL", "employment-hero/api/v1"), ("EMPLOYMENT_HERO_LOGIN_URL", "employment-hero"),
    ):  # fmt: skip
        monkeypatch.setenv(f"PORTAL_{name}", f"{server.url}/{path}")
    config.forget()
    yield company
    server.shutdown()
    config.forget()


@pytest.fixture
def feed(acme, company):
    """feed(kind): a feed of Acme whose runs count at once, unless previews are asked for."""

    def made(kind="bamboohr", *, previews=0, **values):
        return Feed.create(
            organisation=acme, name="HR system", kind=kind, options=OPTIONS.get(kind, {}),
            encrypted_secrets=models.sealed(SECRETS[kind]), previews=previews, **values,
        )  # fmt: skip

    return made


def people(count, **values):
    """Workers E1, E2 …; each but the first reports to the first."""
    return [
        Worker(number, f"E{number}", f"First{number}", f"Last{number}", **{
            "title": "Clerk", "department": "Sales", "start": str(date(2015, 1, 1) + timedelta(number)),
            "work": f"w{number}@acme.example",
            "home": f"h{number}@home.example", "manager": 1 if number > 1 else None, "country": "GB", **values,
        })
        for number in range(1, count + 1)
    ]  # fmt: skip


def run(feed, how=How.HAND):
    """Let the feed look at its source, and return the run as it is then."""
    found = running.begin(Feed.get_by_id(feed.id), how, by="Alice")
    work()
    return FeedRun.get_by_id(found.id)


def work():
    """What the worker does, and the emails that it sends."""
    jobs.take_runs.call_local()
    jobs.LANE.join()
    lane.join()


def of(feed):
    """The feed as it is now."""
    return Feed.get_by_id(feed.id)


def by_number(number):
    return Employee.get(Employee.employee_number == number)


def numbers():
    return sorted(employee.employee_number for employee in Employee.select())
