from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired

from portal import seeing
from portal.employee_list.forms import Day, ManagerForm, text_field
from portal.languages import gettext as _
from portal.moves import plans
from portal.moves.plans import PEOPLE, TEXTS
from portal.organisations.countries import countries
from portal.people import rules
from portal.people.models import Employee
from portal.people.searching import Employees
from portal.timeline_templates.steps import Anchor
from portal.timelines.models import Itinerary


class MoveForm(ManagerForm):
    """What is different from the day of a move on: filled with the planned move, else with the record as it is.

    visible: who can be chosen as manager.
    """

    day = Day(_("Day of the move"), validators=[InputRequired(_("Enter the day of the move."))])
    job_title = text_field(_("Job title"))
    department = text_field(_("Department"))
    location = text_field(_("Location"))
    country = text_field(_("Country"), SelectField, validate_choice=False)
    manager = StringField(_("Manager"), filters=[rules.tidy])
    manager_id = HiddenField()
    second_manager = StringField(_("Second manager"), filters=[rules.tidy])
    second_manager_id = HiddenField()

    def __init__(self, visible: Employees, employee: Employee, planned: Itinerary | None):
        super().__init__(visible, data=_first_values(employee, planned))
        self.employee = employee
        self.country.choices = [("", _("No country")), *countries().items()]

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        return self.refuse_each(seeing.outside(self.values()))

    def values(self) -> dict[str, Any]:
        """The fields as the record stores them, people as employees."""
        texts = {name: rules.as_stored(name, self[name].data) for name in TEXTS}
        return {**texts, **{name: self.chosen.get(name) for name in PEOPLE}}


def _first_values(employee: Employee, planned: Itinerary | None) -> dict[str, Any]:
    values = {name: getattr(employee, name) for name in (*TEXTS, *PEOPLE)}
    values |= plans.planned_of(planned, employee.organisation_id)
    for name in PEOPLE:
        values[name] = values[name].employee_number if values[name] else ""
    day = planned.dates.get(Anchor.MOVE) if planned is not None else None
    return {**values, "day": rules.read_date(day or "")}
