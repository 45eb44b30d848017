import pytest

from portal.auth.models import AccessLevel
from portal.controls import actions, telling
from portal.database import now
from portal.mail import lane


@pytest.fixture
def ada(cast, acme):
    """Ada, a second Admin of Acme."""
    return cast.person(acme, "Ada", AccessLevel.ADMIN)


@pytest.fixture
def later(app, monkeypatch):
    """later(timedelta(days=1)) has the worker look at what waits, as if so much time had passed."""

    def look(passed):
        with app.app_context(), monkeypatch.context() as patch:
            patch.setattr(actions, "now", lambda: now() + passed)
            telling.tell_all()
            lane.join()
            actions.settle_due()

    return look
