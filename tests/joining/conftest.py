from datetime import datetime, timedelta

import pytest

from portal.database import now
from tests.cast import account_of
from tests.provisioning.conftest import connection, impatient, tab, wei, wei_active, wei_by_form  # noqa: F401

AHEAD = "ahead"
NIA = "nia.new@acme.example"


@pytest.fixture
def nia(cast, acme, connection):  # noqa: F811
    """She starts in a week."""
    start = now().astimezone(acme.zone).date() + timedelta(days=7)
    return cast.employee(acme, "Nia", "New", start_date=start, personal_email="nia@home.example")


@pytest.fixture
def nia_ahead(alice, nia, sandbox, mailbox):
    """Nia with an account that was made ahead of her first day."""
    alice.get(tab(nia))
    alice.press("Action")
    label = next(tag.get_text() for tag in alice.page.soup.select("label") if "stays blocked" in tag.get_text())
    alice.press("Create", {label: True})
    assert account_of(nia).waits_for_start
    return nia


@pytest.fixture
def first_morning(nia, acme):
    """06:00 of Nia's first day, in London."""
    return datetime.combine(nia.start_date, datetime.min.time(), tzinfo=acme.zone) + timedelta(hours=6)
