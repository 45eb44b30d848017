"""Once what kept the portal out is corrected, everything continues: within a minute alone, at once by Check now."""

import time
import uuid
from datetime import timedelta

import pytest
import time_machine

from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.database import now
from portal.operations.models import Operation, State
from portal.sync.jobs import sync_changes
from tests.provisioning.conftest import at

ADD_ONS = "/settings/add-ons"


@pytest.fixture
def forgetful(connection):
    """Nothing is remembered of the tenant, as after a start."""
    SERVICES["microsoft-365"].forget(connection.tenant_id)
    return connection


def form_opens(person, employee):
    return "Username" in person.get(f"{at(employee)}/create", fragment=True).text


def test_the_form_opens_again_as_soon_as_the_secret_was_replaced(alice, wei, forgetful, sandbox):
    sandbox.expire_secret()
    assert "client secret has expired" in alice.get(f"{at(wei)}/create", fragment=True).text
    assert "Health Needs attention" in alice.get(ADD_ONS).text
    sandbox.expire_secret(False)
    assert form_opens(alice, wei)
    assert "Health Working" in alice.get(ADD_ONS).text


@pytest.mark.parametrize("check_now", [True, False], ids=["by Check now at once", "by itself within a minute"])
def test_the_form_opens_again_once_a_permission_was_given_back(alice, wei, forgetful, sandbox, check_now):
    sandbox.grant_consent("Acme", ["User.ReadWrite.All"])
    assert "permission" in alice.get(f"{at(wei)}/create", fragment=True).text
    sandbox.grant_consent("Acme")
    assert not form_opens(alice, wei)
    if check_now:
        alice.get(ADD_ONS)
        alice.press("Check now")
        assert form_opens(alice, wei)
    else:
        with time_machine.travel(time.time() + 45):
            assert form_opens(alice, wei)


def test_a_tenant_that_does_not_know_the_portal_opens_again_by_itself(alice, wei, forgetful, sandbox):
    sandbox.revoke_consent("Acme")
    assert "not known" in alice.get(f"{at(wei)}/create", fragment=True).text
    sandbox.grant_consent("Acme")
    assert form_opens(alice, wei)


def test_health_needs_attention_from_the_first_call_that_is_refused(alice, wei_active, forgetful, sandbox):
    SERVICES["microsoft-365"].forget(forgetful.tenant_id)
    sandbox.expire_secret()
    alice.post(f"{at(wei_active)}/deactivate", fragment=True)
    assert Operation.select().order_by(Operation.id.desc()).get().state == State.FAILED
    page = alice.get(ADD_ONS)
    assert "Health Needs attention" in page.text
    assert "Connected" not in [badge.text for badge in page.soup.select(".card-header .badge")]
    assert "Needs attention" in alice.get(f"{ADD_ONS}/microsoft-365").text
    sandbox.expire_secret(False)
    sync_changes.call_local(forgetful.id)
    assert "Health Working" in alice.get(ADD_ONS).text


def test_a_permission_that_was_taken_back_is_seen_without_a_check(alice, forgetful, sandbox):
    sandbox.grant_consent("Acme", [name for name in forgetful.permissions if "PasswordProfile" not in name])
    sync_changes.call_local(forgetful.id)
    page = alice.get(ADD_ONS)
    assert "Health Needs attention" in page.text
    assert "resend login information" in page.text
    # What only a field needs that does not flow is not missing.
    sandbox.grant_consent("Acme", [name for name in forgetful.permissions if "LifeCycleInfo" not in name])
    SERVICES["microsoft-365"].forget(forgetful.tenant_id)
    sync_changes.call_local(forgetful.id)
    assert "Health Working" in alice.get(ADD_ONS).text


def test_the_page_says_when_the_worker_has_last_asked(alice, connection):
    for ago, is_kept in ((timedelta(days=21), False), (timedelta(minutes=20), True)):
        before = now() - ago
        Connection.update(checked_at=before).execute()
        sync_changes.call_local(connection.id)
        assert (Connection.get().checked_at == before) is is_kept


def test_the_tenants_changes_say_when_the_secret_has_expired(forgetful, sandbox):
    sandbox.expire_secret()
    sync_changes.call_local(forgetful.id)
    assert "expired" in Connection.get().problem


def test_a_tenant_that_is_gone_is_one_line_of_the_log_and_the_page_says_it(alice, connection, caplog):
    Connection.update(tenant_id=str(uuid.uuid4())).execute()
    for _round in range(2):
        caplog.clear()
        sync_changes.call_local(connection.id)
        (line,) = caplog.records
        assert (line.levelname, "AADSTS90002" in line.getMessage()) == ("WARNING", True)
        assert "Traceback" not in caplog.text
    page = alice.get(ADD_ONS)
    assert "Health Needs attention Microsoft does not know this company’s Microsoft 365 any more" in page.text
    assert "disconnect and connect again" in page.text


@pytest.mark.parametrize("body", ["html", "list", "null", "cut", "deep", "not a number", "other", "empty"])
def test_an_answer_that_is_none_is_no_error_of_ours_on_the_form(alice, wei, connection, sandbox, body):
    sandbox.fault(method="GET", path="/v1.0/(users|groups|directory)", status=200, body=body, times=None)
    page = alice.get(f"{at(wei)}/create", fragment=True)
    assert page.status == 200
    assert "Microsoft 365 is not answering properly at the moment" in page.text
