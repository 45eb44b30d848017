"""Fields of a record that another system says: rooms say here which, so that no page changes them back and forth."""

from collections.abc import Callable

from portal.people.models import Employee

_owners: list[Callable[[Employee], dict[str, str]]] = []


def register(owners: Callable[[Employee], dict[str, str]]) -> None:
    """Have these owners asked. owners: field of the employee's form -> the name of the system."""
    _owners.append(owners)


def owners_of(employee: Employee) -> dict[str, str]:
    """Field of the employee's form -> the name of the system that says what is in it."""
    return {name: system for owners in _owners for name, system in owners(employee).items()}
