"""What sign-ins leave behind is removed when its time is over."""

import pytest

from portal.auth import actions, links, second_factor, sweeping
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

LEFT = {
    Session: actions.ABSOLUTE_LIMIT, PasswordReset: links.RESET_LASTS, Invitation: sweeping.INVITATION_KEPT,
    HalfSignIn: second_factor.HALF_LASTS, RecoveryCode: sweeping.USED_CODE_KEPT, SignInFailure: sweeping.USED_CODE_KEPT,
    OutsideSignIn: second_factor.HALF_LASTS, RateCount: sweeping.USED_CODE_KEPT,
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
    OutsideSignIn.create(user=alice.user, service="microsoft-365", state_hash="x", browser_hash="x", encrypted_flow="x")


@pytest.mark.parametrize("model", LEFT)
def test_it_goes_when_its_time_is_over_and_not_before(left_behind, later, model):
    before = model.select().count()
    assert before
    sweeping.sweep()
    assert model.select().count() == before
    later(seconds=LEFT[model].total_seconds() + 3600)
    sweeping.sweep()
    unused = len(RecoveryCode.select().where(RecoveryCode.used_at.is_null()))
    assert model.select().count() == (unused if model is RecoveryCode else 0)


def test_a_session_that_was_not_used_for_half_a_day_goes(alice, later):
    later(hours=13)
    sweeping.sweep()
    assert not Session.select().exists()
