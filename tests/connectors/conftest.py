import pytest

from portal.connectors import SERVICES, http, pace
from portal.connectors.microsoft365 import quota
from portal.connectors.microsoft365.settings import settings
from tests.connectors.stubborn import Answer, Stubborn

TENANT = "7c1d0f3a-55ab-4d11-9f2e-0a7d3b1c2e44"


@pytest.fixture
def leads_to(monkeypatch):
    """leads_to(graph=url, login=url): from now on the portal finds Microsoft's services there."""

    def lead(**urls):
        for name, url in urls.items():
            monkeypatch.setattr(settings(), f"{name}_url", url)
        SERVICES["microsoft-365"].forget(TENANT)
        SERVICES["microsoft-365"].forget("organizations")
        quota.pacer_of(TENANT).reopen()

    monkeypatch.setattr(pace, "_ledger", None)
    monkeypatch.setattr(http, "TIMEOUT", (2.0, 5.0))
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.01)
    yield lead
    SERVICES["microsoft-365"].forget(TENANT)
    SERVICES["microsoft-365"].forget("organizations")


@pytest.fixture
def stubborn():
    """stubborn(answer): a server that gives this answer to every call, until the test is over."""
    opened = []

    def open_one(answer: Answer, **options) -> Stubborn:
        server = Stubborn(answer, **options)
        server.__enter__()
        opened.append(server)
        return server

    yield open_one
    for server in opened:
        server.__exit__()
