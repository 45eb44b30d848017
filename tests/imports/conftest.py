import io
from typing import Any

import pytest

from portal.people.models import Employee
from tests.pages import words


@pytest.fixture
def upload(alice):
    """Uploads a file as Alice, and returns the page that comes: a preview, or what is asked first."""

    def upload(text: str | bytes, person=alice):
        person.get("/people/employees/import")
        content = text if isinstance(text, bytes) else text.encode()
        return person.press("Upload", {"File (CSV or XLSX)": io.BytesIO(content)})

    return upload


def legends(page) -> list[str]:
    """The questions on the page."""
    return [words(tag) for tag in page.soup.select("legend")]


def assumed(page) -> str:
    """What the page says of how the file was read."""
    return words(page.soup.select_one("#assumed ul"))


def stored() -> dict[str, Any]:
    """Every employee by number, as first and last name."""
    return {person.employee_number: f"{person.first_name} {person.last_name}".strip() for person in Employee.select()}


def by_number(number: str) -> Employee:
    return Employee.get(Employee.employee_number == number)
