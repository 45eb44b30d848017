"""Plans what **Link all** asks for: each employee with the account that the last reading proposes by one rule."""

from typing import Any

from portal.languages import gettext as _
from portal.languages import joined
from portal.matching import queries
from portal.matching.models import FoundAccount
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.runs.models import Run, RunLine
from portal.runs.planners import OTHERS, LeftOut, Person, Planner
from portal.runs.planners_of_new_accounts import LinkPlanner
from portal.theirs.models import Declined

NAME = "existing accounts"


def options(rule: str) -> dict[str, Any]:
    """The options of a Run that links everything proposed by the rule."""
    return {"planner": NAME, "rule": rule}


class ProposalPlanner(Planner):
    """Takes what the page proposes for each person; the tenant is not read again."""

    def __init__(self, run: Run):
        super().__init__(run)
        self._proposed: dict[int, queries.Proposal] = {}

    def prepare(self, persons: list[Person]) -> None:
        # Looked for each time: a newer reading may have ended since.
        reading = queries.shown(self.connection)
        these = [person.employee.id for person in persons]
        self._proposed = queries.proposed_for(reading, self.run.options["rule"], these) if reading else {}

    def look_at(self, person: Person) -> None:
        if person.account is not None:
            raise LeftOut(_("Already has an account: %(username)s.", username=person.account.username))
        found = self._proposed.get(person.employee.id)
        if found is None:
            raise LeftOut(_("The portal no longer suggests an account for this person by this rule."))
        person.line.remote_id = found.remote_id
        person.line.after = joined(_("Linked to %(username)s.", username=found.username), found.evidence)

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        # Between the plan and now somebody may have said that it is not this person.
        said = (Declined.connection == run.connection_id) & (Declined.remote_id == line.remote_id)
        if Declined.select().where(said, Declined.employee == line.employee_id).exists():
            raise LeftOut(_("Somebody said since that this is not their account."))
        return LinkPlanner.begin(run, line)


OTHERS[NAME] = ProposalPlanner


def people_of(found: Any) -> Any:
    """The employees for whom the found accounts are proposed, as a select."""
    return Employee.select().where(Employee.id.in_(found.select(FoundAccount.employee)))
