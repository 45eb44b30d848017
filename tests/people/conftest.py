import pytest

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.people.models import Employee

LIST = "/people/employees"


def names(page) -> list[str]:
    """The employees that the page lists, in its order."""
    return [row.a.get_text(strip=True) for row in page.soup.select("#employee-table tbody tr")]


def headings(page) -> list[str]:
    return [cell.get_text(strip=True) for cell in page.soup.select("#employee-table th")]


@pytest.fixture
def staff(cast, acme):
    """Thirty employees of Acme, from Name 01 to Name 30."""
    return [cast.employee(acme, f"Name{n:02}", "", department=f"Department {n % 3}") for n in range(1, 31)]


@pytest.fixture
def connected(acme):
    """Acme connected to a tenant that no test asks anything."""
    return Connection.create(organisation=acme, service="microsoft-365", tenant_id="t", tenant_name="Acme")


@pytest.fixture
def with_account(connected):
    """Gives an employee an account that has been read from the tenant."""

    def give(employee: Employee, *, enabled: bool = True, **values) -> Account:
        return Account.create(
            organisation=employee.organisation,
            employee=employee,
            connection=connected,
            remote_id=f"remote-{employee.id}",
            username=f"person{employee.id}@acme.example",
            enabled=enabled,
            **{"read_at": connected.connected_at, **values},
        )

    return give
