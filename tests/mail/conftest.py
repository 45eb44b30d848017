import pytest

from portal.config import settings
from tests.mail.server import RudeServer


@pytest.fixture
def rude(app, monkeypatch):
    """The portal's mail server for the time being, which can misbehave."""
    server = RudeServer()
    monkeypatch.setenv("PORTAL_MAIL_URL", f"smtp://127.0.0.1:{server.port}")
    settings.cache_clear()
    yield server
    server.stop()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def impatient_mail(monkeypatch, rude):
    """A conversation with the mail server ends after moments."""
    monkeypatch.setattr(settings(), "mail_deadline", 0.6)
