"""What each verb would do for one person: what is decided here is what the plan shows."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date

from portal.accounts.models import Account
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.runs.models import Run, RunLine
from portal.theirs.rules import LinkOffer
from portal.theirs.tenant_index import TenantIndex


class LeftOut(Exception):
    """Why this person is not part of the Run, in one sentence."""


def leave_out_who_left(employee: Employee, today: date) -> None:
    """Raises LeftOut for somebody whose last day is over. today: in the organisation’s zone."""
    if employee.has_left(today):
        raise LeftOut(_("Has left the organisation."))


@dataclass
class Person:
    """A line of the Run, and what there is of the employee's account. busy: an operation is under way.

    outside: they are no longer of the part to which the Run is held.
    """

    line: RunLine
    employee: Employee
    account: Account | None
    busy: bool
    outside: bool = False


class Planner(ABC):
    """Decides about one person after the other. Made once per Run; it may read the tenant, which may raise."""

    tenant: TenantIndex

    def __init__(self, run: Run):
        self.run, self.connection = run, run.connection

    def prepare(self, persons: list[Person]) -> None:  # noqa: B027 - most verbs need nothing
        """Read what is needed to look at these persons, for all of them at once."""

    def offers(self, employee: Employee) -> list[LinkOffer]:
        """The accounts that may be theirs; without the names of others where the Run is held to a part."""
        found = self.tenant.of(employee)
        return [one.unnamed for one in found] if self.run.part else found

    @abstractmethod
    def look_at(self, person: Person) -> None:
        """Write what will be into the person's line. Raises LeftOut."""
