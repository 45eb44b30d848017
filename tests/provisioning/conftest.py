from collections import Counter
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.addons import actions as addons
from portal.auth.models import User
from portal.carrying import engine as carrying
from portal.connections.models import Connection
from portal.connections.settings import NO_LICENCE, AddOnSettings
from portal.connectors import SERVICES, http
from portal.connectors.google_workspace import service as google_service
from portal.connectors.microsoft365 import service
from portal.connectors.values import Administrator
from portal.database import now
from portal.mail import lane
from portal.operations import engine
from portal.operations.models import State
from portal.people.models import Employee
from portal.provisioning import actions
from tests.cast import connection_of


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


ADMINISTRATORS = {"Acme": "grace.hopper@acme.example", "Globex": "hank.scorpio@globex.example"}
# What connecting reads of a tenant as new, which is the same each time: a fifth of a test would be spent on it.
READ = ("permissions", "tenant_name", "domains", "licences", "units")
_known: dict[str, tuple[Administrator, dict[str, Any]]] = {}


def connect(sandbox, user: User, tenant_name: str = "Acme") -> Connection:
    """Connect as the connect flow does once it has proved who signed in; new accounts get no licence.

    Globex, which owns no Business plan at first, buys one. What is read of a tenant as new is read once.
    """
    as_new = sandbox.is_as_new
    sandbox.grant_consent(tenant_name)
    if tenant_name == "Globex":
        sandbox.set_seats("O365_BUSINESS_PREMIUM", 20, tenant="Globex")
    AddOnSettings.get_or_create(
        organisation=user.organisation, service="microsoft-365", defaults={"default_licence": NO_LICENCE}
    )
    microsoft = SERVICES["microsoft-365"]
    if as_new and tenant_name in _known:
        person, known = _known[tenant_name]
        return addons._write_down(microsoft, person, user, **deepcopy(known))
    administrator = sandbox.user(ADMINISTRATORS[tenant_name], tenant=tenant_name)
    tenant = next(tenant for tenant in sandbox.tenants if tenant["name"] == tenant_name)
    person = Administrator(tenant["id"], administrator.id, administrator.display_name, administrator.username)
    connection = addons.connect(microsoft, person, user)
    if as_new:
        _known[tenant_name] = person, deepcopy({name: getattr(connection, name) for name in READ})
    return connection


@pytest.fixture
def impatient(monkeypatch):
    """The engine gives up after moments what may work later: a test has no seconds to wait."""
    monkeypatch.setitem(engine.carry_out.__kwdefaults__, "patience", 0.25)
    for module in (service, google_service):
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    for module in (carrying, http):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.03)


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example", job_title="Buyer")


def tab(employee) -> str:
    return f"/people/employees/{employee.id}/account-provisioning"


def at(employee, service: str = "microsoft-365") -> str:
    """The address of the employee's card of one application; what is done there is below it."""
    return f"{tab(employee)}/{service}"


@pytest.fixture
def wei_by_form(alice, wei, connection, sandbox, mailbox):
    """Wei with an account that Alice created on the tab, which is as it was left then."""
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    return wei


def created(app, by, employee: Employee, connection: Connection, username: str) -> Employee:
    """The employee as they are once the action has made their account, and its mail is out. `by` is on the tab."""
    wanted = actions.AccountRequest(username, update_company_email=True)
    with app.app_context():
        assert actions.create_account(Place.of(employee, connection), wanted, by=by.user).state == State.DONE
    lane.join()
    by.turn_to(tab(employee))
    return Employee.get_by_id(employee.id)


def linked(alice, employee, username):
    """The employee with an account that the tenant had before. How somebody finds it is for the tests of linking."""
    connection = connection_of(employee.organisation)
    remote = SERVICES[connection.service].connector(connection.tenant_id).find_by_username(username)
    place = Place.of(employee, connection)
    linking = actions.link_account(place, remote.id, send_record=True, by=alice.user)
    assert linking.state == State.DONE
    return employee


@pytest.fixture
def wei_active(app, alice, wei, connection, sandbox, mailbox):
    """Wei with such an account, made without the form, for tests of what comes later. Alice is on the tab."""
    return created(app, alice, wei, connection, "wei.zhang@acme.example")


def with_account(cast, organisation, connection, name):
    """An employee whose record was changed after it was last sent."""
    employee = cast.employee(organisation, "Pat", name, job_title="Cook")
    return Account.create(
        organisation=organisation, employee=employee, connection=connection, enabled=True, read_at=now(),
        remote_id=f"id of {name}", username=f"{name}@acme.example", fields_at=now() - timedelta(days=1),
    )  # fmt: skip
