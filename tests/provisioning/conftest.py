from collections import Counter

import pytest

from portal.addons.models import Connection
from portal.addons.settings import NO_LICENCE, AddOnSettings
from portal.auth.models import User
from portal.connectors import SERVICES, http
from portal.connectors.microsoft365 import service
from portal.provisioning import engine


def pytest_terminal_summary(terminalreporter):
    """Say how much the tests of faults have covered, whichever process they ran in."""
    counted: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        counted.update(dict(report.user_properties))
    for what, number in sorted(counted.items()):
        terminalreporter.write_line(f"{what}: {number}")


@pytest.fixture
def connection(acme, alice, sandbox):
    """Acme connected to its tenant some time ago."""
    return connect(sandbox, alice.user)


def connect(sandbox, user: User, tenant_name: str = "Acme") -> Connection:
    """A live connection to the tenant of this name, as the connect flow leaves it; new accounts get no licence."""
    sandbox.grant_consent(tenant_name)
    tenant = next(tenant for tenant in sandbox.tenants if tenant["name"] == tenant_name)
    connector = SERVICES["microsoft-365"].connector(tenant["id"])
    AddOnSettings.get_or_create(
        organisation=user.organisation, service="microsoft-365", defaults={"default_licence": NO_LICENCE}
    )
    domains = sorted(connector.tenant().domains, key=lambda domain: not domain.is_default)
    return Connection.create(
        organisation=user.organisation,
        service="microsoft-365",
        tenant_id=tenant["id"],
        tenant_name=tenant["name"],
        domains=[domain.name for domain in domains],
        permissions=sorted(connector.granted()),
        connected_by=user,
    )


@pytest.fixture
def impatient(monkeypatch):
    """Whoever carries an operation out gives up after moments what may work later: a test has no seconds to wait."""
    monkeypatch.setitem(engine.carry_out.__kwdefaults__, "patience", 0.25)
    monkeypatch.setattr(service, "PATIENCE", 0.2)
    for module in (engine, http):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.03)


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example", job_title="Buyer")


def tab(employee) -> str:
    return f"/people/employees/{employee.id}/account-provisioning"


@pytest.fixture
def wei_active(alice, wei, connection, sandbox, mailbox):
    """Wei with an account that the portal created."""
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    return wei
