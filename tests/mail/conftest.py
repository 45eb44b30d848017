import pytest

from portal import config
from portal.config import settings
from tests.mail.server import RudeServer


@pytest.fixture
def rude(app, monkeypatch):
    """The portal's mail server for the time being, which can misbehave."""
    server = RudeServer()
    monkeypatch.setenv("PORTAL_MAIL_URL", f"smtp://127.0.0.1:{server.port}")
    config.forget()
    yield server
    server.stop()
    monkeypatch.undo()
    config.forget()


@pytest.fixture
def impatient_mail(monkeypatch, rude):
    """A conversation with the mail server ends after moments."""
    monkeypatch.setattr(settings(), "mail_deadline", 0.6)
