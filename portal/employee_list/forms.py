from datetime import UTC, datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TelField
from wtforms import Field as AnyField
from wtforms.fields import DateField
from wtforms.validators import ValidationError

from portal import access, owned, params, seeing
from portal.employee_list import same_person
from portal.employee_list.same_person import Known
from portal.languages import gettext as _
from portal.organisations import zones
from portal.organisations.countries import countries
from portal.people import actions, managers, rules
from portal.people.models import Employee
from portal.people.searching import Employees

MANAGERS = ("manager", "second_manager")


def follows_rules(form: FlaskForm, field: AnyField) -> None:
    """Validator: what the rules of the record say about this field alone."""
    problem = rules.text_problem(field.name, field.data or "")
    if problem:
        raise ValidationError(problem)


def text_field(label: str, kind: type[AnyField] = StringField, **options: Any) -> AnyField:
    """A field of the record, which its rules check."""
    return kind(label, filters=[rules.tidy], validators=[follows_rules], **options)


class Day(DateField):
    """A date that says in the words of the rules what is wrong with what was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data = rules.read_date(rules.tidy(valuelist[0] if valuelist else ""))
        except ValueError:
            self.data = None
            raise


class ManagerForm(FlaskForm):
    """A form where managers are typed. visible: who can be one. chosen, matches: by the names of MANAGERS.

    employee: whose record it is about; None for a new one.
    """

    employee: Employee | None = None

    def __init__(self, visible: Employees, **options: Any):
        super().__init__(**options)
        self.visible = visible
        self.chosen: dict[str, Employee] = {}
        self.matches: dict[str, list[Employee]] = {}
        # Field -> the system that says what is in it, and so no page.
        self.owned: dict[str, str] = {}

    def validate_manager(self, field: AnyField) -> None:
        """Find out who is meant; if it is not clear, offer those it could be."""
        if not field.data:
            return
        stays = self.who_stays(field.name, field.data)
        if stays is not None:
            self.chosen[field.name] = stays
            return
        picked = params.cursor(self[f"{field.name}_id"].data)
        person, self.matches[field.name] = managers.find(self.visible, field.data, picked)
        if person is None and self.matches[field.name]:
            raise ValidationError(_("Choose which of these people is the manager, or enter an employee number."))
        if person is None:
            raise ValidationError(
                _("Nobody has the employee number or the name “%(data)s”: check it.", data=field.data[:100])
            )
        self.chosen[field.name] = person

    def who_stays(self, name: str, text: str) -> Employee | None:
        """The manager of the record when nothing else was typed: the user may not see them otherwise."""
        current: Employee | None = getattr(self.employee, name) if self.employee is not None else None
        return current if current is not None and text == current.employee_number else None

    def refuse(self, name: str, message: str) -> None:
        """Say next to the field `name` what is wrong with it."""
        self[name].errors = [*self[name].errors, message]

    def refuse_each(self, wrong: dict[str, str]) -> bool:
        """As `refuse`, for each field that is right so far. Whether nothing is wrong with any field."""
        for name, message in wrong.items():
            if not self[name].errors:
                self.refuse(name, message)
        return not self.errors

    def validate_second_manager(self, field: AnyField) -> None:
        self.validate_manager(field)


class EmployeeForm(ManagerForm):
    """The record of an employee. visible: who can be chosen as manager. Empty for a new employee.

    near: who may be the same person already, in the form of a new one.
    """

    employee_number = text_field(_("Employee number"))
    first_name = text_field(_("First name"))
    last_name = text_field(_("Last name"))
    preferred_name = text_field(_("Preferred name"))
    job_title = text_field(_("Job title"))
    department = text_field(_("Department"))
    location = text_field(_("Location"))
    employment_type = text_field(_("Employment type"), SelectField, validate_choice=False)
    manager = StringField(_("Manager"), filters=[rules.tidy])
    manager_id = HiddenField()
    second_manager = StringField(_("Second manager"), filters=[rules.tidy])
    second_manager_id = HiddenField()
    personal_email = text_field(_("Personal email"), EmailField)
    company_email = text_field(_("Company email"), EmailField)
    mobile = text_field(_("Mobile"), TelField)
    country = text_field(_("Country"), SelectField, validate_choice=False)
    start_date = Day(_("Start date"))
    end_date = Day(_("End date"))
    leave_from = Day(_("First day of leave"))
    leave_to = Day(_("Back at work on"))
    time_zone = text_field(_("Time zone"), SelectField, validate_choice=False)
    changed_at = HiddenField()
    near: list[Known] = []

    def __init__(self, visible: Employees, employee: Employee | None = None):
        super().__init__(visible, data=_first_values(employee) if employee else None)
        self.employee = employee
        if employee is not None:
            self._leave_to_others(employee)
        self.country.choices = [("", _("No country")), *countries().items()]
        kept = self.time_zone.data if self.time_zone.data in rules.time_zones() else ""
        self.time_zone.choices = [("", _("Not entered")), *zones.choices(kept or "")]
        self.employment_type.choices = [("", _("Not known")), *((word, _(word)) for word in rules.EMPLOYMENT_TYPES)]

    def _leave_to_others(self, employee: Employee) -> None:
        """Keep the fields as they are that another system says, whatever was sent."""
        self.owned, kept = owned.owners_of(employee), _first_values(employee)
        for name in self.owned:
            self[name].data, self[name].raw_data, self[name].process_errors = kept[name], None, []
            if name in MANAGERS:
                self[f"{name}_id"].data = ""

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        values, employee = self.values(), self.employee or Employee(organisation=access.organisation())
        # A value that is wrong is not looked up.
        right = {name: value for name, value in values.items() if not self[name].errors}
        refused = {problem.field: words_of(problem) for problem in actions.refusals(employee, right)}
        return self.refuse_each(refused | rules.record_problems(values) | seeing.outside(values))

    def show_beside(self, current: Employee) -> list[tuple[str, str, str]]:
        """Where the form differs from the record as it is now: label, what the record says, what the form says.

        From here on the form knows of the change, so that saving it again is a decision.
        """
        self.changed_at.data = current.changed_at.isoformat()
        now = _first_values(current)
        names = [name for name in now if name != "changed_at" and now[name] != self[name].data]
        return [(self[name].label.text, str(now[name] or "–"), str(self[name].data or "–")) for name in names]

    @property
    def opened_at(self) -> datetime:
        """When the row that is edited was last changed, as the page knew it; long ago when that cannot be read."""
        try:
            return datetime.fromisoformat(self.changed_at.data or "")
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)

    def values(self) -> dict[str, Any]:
        """The fields as the record stores them."""
        texts = {name: rules.as_stored(name, self[name].data) for name in rules.TEXTS}
        return {
            **texts,
            **{name: self[name].data for name in rules.DATES},
            **{name: self.chosen.get(name) for name in MANAGERS},
        }


class AddForm(EmployeeForm):
    """The record of a new employee, which asks before there are two of one person."""

    another_person = BooleanField(_("This is another person"))

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if any(self[name].errors for name in same_person.COMPARED):
            return False
        self.near = same_person.known(self.visible, self.values())
        if self.near and not self.another_person.data:
            self.refuse("another_person", _("Tick this to add a second record, or open the one that is there."))
        return not self.errors


def words_of(problem: actions.FieldRefused) -> str:
    """Why a field is refused, without the name of somebody whom the user does not see."""
    if isinstance(problem, actions.NumberTaken) and seeing.seen_employee(problem.holder.id) is None:
        return _("Another employee has this number: enter a different one.")
    return problem.message


def _first_values(employee: Employee) -> dict[str, Any]:
    values = {name: getattr(employee, name) for name in (*rules.TEXTS, *rules.DATES)}
    for name in MANAGERS:
        manager = getattr(employee, name)
        values[name] = manager.employee_number if manager else ""
    return {**values, "changed_at": employee.changed_at.isoformat()}
