"""Employees in any number, each with an account at the connected tenant."""

import uuid
from datetime import date
from typing import Any

from peewee import chunked

from portal.sandbox.state.seed import SPACE, fixed_id

AT_ONCE = 1_000
PASSWORD = "a long enough password"
EMAIL = "ada@acme.example"


def connection_of(number: int = 0) -> Any:
    """Acme, with an Admin, connected to the first tenant of every sandbox; or another organisation of this number."""
    from portal.auth import actions as auth
    from portal.auth.models import AccessLevel
    from portal.connections.models import Connection
    from portal.organisations.models import Organisation

    name = f"Company{number}" if number else "Acme"
    organisation = Organisation.create(name=name, country="GB", approval_above=1_000_000)
    admin = auth.create_user(organisation, f"{number or ''}{EMAIL}", PASSWORD, AccessLevel.ADMIN)
    return Connection.create(
        organisation=organisation, service="microsoft-365", tenant_id=fixed_id(f"tenant {number or 'acme'}"),
        tenant_name=name,
        domains=["acme.example"], connected_by=admin,
    )  # fmt: skip


def hire(connection: Any, first: int, last: int) -> None:
    """Employees number `first` to `last`, each with the account of the user of this number whom a sandbox invents."""
    for numbers in chunked(range(first, last + 1), AT_ONCE):
        _hire(connection, list(numbers))


def _hire(connection: Any, numbers: list[int]) -> None:
    from portal.accounts.models import Account
    from portal.database import now, transaction
    from portal.people.models import Employee

    staff = [_employee(connection, number) for number in numbers]
    with transaction():
        Employee.insert_many(staff).execute()
        newest: Any = Employee.select(Employee.id).order_by(Employee.id.desc()).limit(len(staff)).tuples()
        ids = sorted(number for (number,) in newest)
        accounts = [
            {"organisation": connection.organisation_id, "employee": own, "connection": connection.id,
             "remote_id": remote_id(number), "username": f"p{number}@acme.example", "enabled": number % 20 != 7,
             "read_at": now(), "fields_at": now()}
            for number, own in zip(numbers, ids, strict=True)
        ]  # fmt: skip
        Account.insert_many(accounts).execute()


def remote_id(number: int) -> str:
    """Of the user of this number whom a sandbox invents."""
    return str(uuid.UUID(int=SPACE.int + (1 << 64) + number))


def _employee(connection: Any, number: int) -> dict[str, Any]:
    from portal.people.models import searchable

    first, last, title = f"First{number * 7919 % 100_003}", f"Last{number * 104_729 % 100_003}", f"Title {number % 50}"
    address, department = f"p{number}@acme.example", f"Department {number % 40}"
    return {
        "organisation": connection.organisation_id, "employee_number": f"E{number}", "first_name": first,
        "last_name": last, "job_title": title, "department": department, "company_email": address, "country": "GB",
        "start_date": date(2020, 1, 1), "sort_name": f"{last} {first}".casefold(),
        "search_text": searchable(first, last, f"E{number}", title, department, address),
    }  # fmt: skip
