"""What sign-ins leave behind is removed when its time is over."""

import pytest

from portal import retention
from portal.auth import links, sweeping
from portal.auth.models import (
    AccessLevel,
    HalfSignIn,
    Invitation,
    OutsideSignIn,
    PasswordReset,
    RecoveryCode,
    Session,
    SignInFailure,
)
from portal.rate_limits import RateCount
from tests.auth.test_second_factor import begin, set_up
from tests.auth.test_sign_in import WRONG, try_it

# Days until each is gone, at the settings that a fresh portal has.
LEFT = {
    Session: 37, PasswordReset: 31, HalfSignIn: 31, OutsideSignIn: 31, Invitation: 30, RecoveryCode: 1,
    SignInFailure: 1, RateCount: 1,
}  # fmt: skip


@pytest.fixture
def left_behind(app, acme, alice, mailbox):
    """One of each, and as many recovery codes as were not used."""
    _, codes = set_up(alice)
    begin(app, alice.user).press("Sign in", {"Code": codes[0]})
    begin(app, alice.user)
    try_it(app, alice.user.email, WRONG)
    alice.post("/forgot-password", {"email": "nobody@acme.example"})
    with app.app_context():
        links.send_reset(alice.user)
        links.invite(acme, "new@acme.example", "", AccessLevel.ADMIN, by=alice.user)
    OutsideSignIn.create(user=alice.user, service="microsoft-365", state_hash="x", browser_hash="x", sealed_flow="x")


def sweep():
    sweeping.sweep()
    retention.remove_old.call_local()


@pytest.mark.parametrize("model", LEFT)
def test_it_goes_when_its_time_is_over_and_not_before(left_behind, later, model):
    before = model.select().count()
    assert before
    sweep()
    assert model.select().count() == before
    later(days=LEFT[model], hours=1)
    sweep()
    unused = len(RecoveryCode.select().where(RecoveryCode.used_at.is_null()))
    assert model.select().count() == (unused if model is RecoveryCode else 0)
