"""What each verb does for one person: what the plan shows of it, and the operation that is begun for it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.hand_over.moments import moment_for
from portal.languages import gettext as _
from portal.operations.models import Operation
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
    """Decides about one person after the other. Made once per plan; it may read the tenant, which may raise."""

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

    @staticmethod
    @abstractmethod
    def begin(run: Run, line: RunLine) -> Operation:
        """Write down the operation that carries the line out, within the caller's transaction.

        Raises LeftOut, or the Problem that a single press would meet.
        """


# The planners of other rooms, by the name that the options of a Run have under "planner".
OTHERS: dict[str, type[Planner]] = {}


def place_of(run: Run, line: RunLine) -> Place:
    return Place.of(line.employee, run.connection)


def sent_at(run: Run, line: RunLine) -> tuple[datetime | None, bool]:
    """When the mail goes out, and whether that is the morning of the first day."""
    when = run.options.get("send", "now")
    moment = moment_for(when, line.employee, run.organisation.zone)
    return moment, when == "start" and moment is not None
