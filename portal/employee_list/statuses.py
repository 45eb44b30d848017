"""What the Employee List shows of each employee's accounts."""

from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN

from portal.accounts.models import Account, Status
from portal.asking import Several, kept, one_of
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.languages import gettext as _


@dataclass
class Statuses:
    """services: names of the connected applications by key, in the order of connecting. known: by employee and key."""

    services: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[int, str], Status] = field(default_factory=dict)

    def shown_for(self, employee_id: int) -> tuple[Status, ...]:
        """The employee's status at each application, as the headings are; No access while nothing is connected."""
        known, none = self.known, Status.NO_ACCESS
        return tuple([known.get((employee_id, key), none) for key in self.services or ("",)])

    @property
    def headings(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(self.services.values()) if len(self.services) > 1 else (_("Account"),)

    @property
    def choices(self) -> dict[str, str]:
        """What can be filtered by -> its words: with several applications each status names one."""
        if len(self.services) < 2:
            return {word: _(word) for word in Status}
        return {
            f"{key}:{word}": _("%(label)s: %(text)s", label=name, text=_(word))
            for key, name in self.services.items()
            for word in Status
        }


def is_known() -> tuple[Any, Any]:
    """That the account is the employee's today, and that something is known of it."""
    return Account.detached_at.is_null(), Account.read_at.is_null(False)


def statuses_of(employees: list[int], organisation_id: int) -> Statuses:
    """What the organisation is connected to, and the statuses of the employees there. employees: their numbers."""
    found = Statuses()
    for key, employee_id, enabled in _statuses.rows(organisation=organisation_id, employees=Several(employees)):
        found.services.setdefault(key, SERVICES[key].name)
        if employee_id is not None:
            found.known[employee_id, key] = Status.ACTIVE if enabled else Status.DEACTIVATED
    return found


@kept
def _statuses(*, organisation: Any, employees: Any) -> Any:
    mine = (Account.connection == Connection.id) & one_of(Account.employee, employees)
    for condition in is_known():
        mine &= condition
    live = (Connection.organisation == organisation) & Connection.disconnected_at.is_null()
    rows: Any = Connection.select(Connection.service, Account.employee, Account.enabled)
    return rows.join(Account, JOIN.LEFT_OUTER, on=mine).where(live).order_by(Connection.id).tuples()
