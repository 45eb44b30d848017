"""When accounts were last used: what the connectors tell, and what they say where it is not known."""

from datetime import UTC, datetime

import pytest

from portal.connectors import SERVICES
from portal.connectors.errors import TryLater
from portal.connectors.last_use import Source
from portal.sandbox.rules.permissions import DECLARED

OMAR, MONA = "omar.ordinary@acme.example", "mona.manager@acme.example"
YESTERDAY = "2026-11-28T09:30:00Z"


@pytest.fixture
def connect(app, sandbox):
    """connect(without=permission): the connector of Acme, which has granted all but these."""

    def made(*without):
        sandbox.grant_consent("Acme", [name for name in DECLARED if name not in without])
        tenant = next(item["id"] for item in sandbox.tenants if item["name"] == "Acme")
        SERVICES["microsoft-365"].forget(tenant)
        return SERVICES["microsoft-365"].connector(tenant, patience=0.0)

    return made


@pytest.fixture
def without_p1(sandbox):
    sandbox.set_seats("SPB", 0)


def test_sign_ins_tell_where_the_tenant_has_p1_and_nothing_recorded_is_not_never(connect, sandbox):
    sandbox.patch_user(OMAR, signInActivity={"lastSignInDateTime": YESTERDAY, "lastSuccessfulSignInDateTime": None})
    found = connect().last_used()
    assert found.source is Source.SIGN_INS
    assert found.used[sandbox.user(OMAR).id] == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    assert found.used[sandbox.user(MONA).id] is None


def test_a_denial_of_p1_counts_when_it_comes_twice(connect, sandbox):
    code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    sandbox.fault(method="GET", path="/users$", status=403, code=code, times=1)
    assert connect().last_used().source is Source.SIGN_INS


def test_l24_without_p1_the_usage_report_tells(connect, sandbox, without_p1):
    sandbox.conceal_names(False)
    sandbox.patch_user(OMAR, _lastActivity="2026-11-20")
    found = connect().last_used()
    assert found.source is Source.REPORT
    assert found.used[sandbox.user(OMAR).id] == datetime(2026, 11, 20, tzinfo=UTC)
    assert found.used[sandbox.user(MONA).id] is None
    [download] = sandbox.requests(path="/report-files/")
    assert "Authorization" not in download.headers


def test_l24_hidden_names_are_said_with_the_place_of_the_switch(connect, sandbox, without_p1):
    for without in ((), ("ReportSettings.Read.All",)):
        found = connect(*without).last_used()
        assert (found.source, dict(found.used)) == (Source.NOWHERE, {})
        assert "Entra ID P1" in found.why_not
        assert "Org settings > Services > Reports" in found.what_to_do


def test_l24_without_permissions_it_says_what_to_grant(connect, sandbox):
    found = connect("AuditLog.Read.All", "Reports.Read.All", "ReportSettings.Read.All").last_used()
    assert found.source is Source.NOWHERE
    assert "Grant" in found.what_to_do


def test_a_report_that_lies_somewhere_else_is_not_fetched(connect, sandbox, without_p1):
    sandbox.conceal_names(False)
    sandbox.fault(method="GET", path="/reports/", status=302, location="http://169.254.169.254/latest", body="empty")
    with pytest.raises(TryLater):
        connect().last_used()
