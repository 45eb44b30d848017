"""Employees: listing, reading, adding and changing their records."""

from collections.abc import Iterable
from typing import Any

from flask import request
from peewee import Value

from portal import access, owned, params, seeing
from portal.api import brake, lists, once, schemas, shaping
from portal.api.routes import Listed, NotValid, Reply, pages, route
from portal.api_tokens import checking
from portal.api_tokens.scopes import Scope
from portal.hand_over import recipients
from portal.languages import N_
from portal.people import actions, rules
from portal.people.models import Employee
from portal.problems import Problem
from portal.timeline_pages import shown
from portal.timelines import planning

blueprint = pages("employees")
MANAGERS = ("manager", "second_manager")
ONE = "/employees/<int:employee_id>"
EXAMPLE = {"employee_number": "E1042", "first_name": "Ada", "last_name": "Lovelace", "start_date": "2027-01-04"}


class VersionNeeded(Problem):
    """A change of a record needs the header If-Match, so that it overwrites nothing that it has not seen."""

    status = 428
    title = "If-Match is missing"
    next_step = "Read the record, and send its ETag as If-Match."


class VersionOld(Problem):
    """The record has changed since it was read."""

    status = 412
    title = "The record has changed"
    next_step = "Read the record again, and decide again."


class PasswordWaits(Problem):
    """A password is on its way to this employee, so only a person may change where it goes."""

    next_step = "An Admin changes it on the employee’s page, where the portal asks for their password."


class StepsPassed(Problem):
    """With these dates, steps of the timeline would happen at once."""

    next_step = "Send `at_once=true` as well if that is meant; `dry_run=true` shows the steps."


@route(
    blueprint, "GET", "/employees", scope=Scope.EMPLOYEES_READ, summary=N_("List employees"),
    query=schemas.EmployeeQuery, answer=schemas.Employee, many=True,
)  # fmt: skip
def list_employees(query: schemas.EmployeeQuery) -> Listed:
    found = seeing.visible_employees()
    if query.changed_since is not None:
        found = found.where(Employee.changed_at >= query.changed_since)
    else:
        found = found.where(Employee.employee_number != Value("erased-").concat(Employee.id.cast("TEXT")))
    for name in ("employee_number", "company_email", "department"):
        if value := params.one_line(getattr(query, name), most=300):
            found = found.where(getattr(Employee, name) == value)
    rows, after, count = lists.page_of(found, Employee.id, query)
    return Listed([shaping.employee(row) for row in rows], after, count, shaping.hidden())


@route(
    blueprint, "GET", ONE, scope=Scope.EMPLOYEES_READ, summary=N_("Read an employee"),
    answer=schemas.Employee, etag=True,
)  # fmt: skip
def read_employee(employee_id: int, query: schemas.Query) -> Reply:
    return _reply(seeing.employee_or_404(employee_id))


def _reply(employee: Employee, status: int = 200) -> Reply:
    body = shaping.employee(employee)
    address = f"/api/v1/employees/{employee.id}" if status == 201 else ""
    return Reply(body, status, shaping.version(body), address, once.Made("employee", employee.id), shaping.hidden())


once.SHOWN["employee"] = lambda number: _reply(seeing.employee_or_404(number), 201)


@route(
    blueprint, "POST", "/employees", scope=Scope.EMPLOYEES_WRITE, summary=N_("Add an employee"), query=schemas.Writing,
    body=schemas.NewEmployee, answer=schemas.Employee, status=201, once=True, etag=True, example=EXAMPLE,
)  # fmt: skip
def add_employee(query: schemas.Writing, body: schemas.NewEmployee) -> Reply:
    organisation = access.organisation()
    wanted = dict.fromkeys(rules.TEXTS, "") | dict.fromkeys((*rules.DATES, *MANAGERS)) | _values(body)
    _refuse(rules.record_problems(wanted))
    if query.dry_run:
        holder = seeing.visible_employees().where(Employee.employee_number == wanted["employee_number"]).first()
        if holder is not None:
            message = f"{holder.name} already has the number {holder.employee_number}: enter a different one."
            raise NotValid({"/employee_number": message})
        return Reply(_preview(Employee(organisation=organisation), wanted))
    try:
        employee = actions.add_employee(organisation, wanted, by=_token().actor)
    except actions.FieldRefused as problem:
        raise NotValid({f"/{problem.field}": problem.message}) from None
    planning.follow(employee, by=_token().actor)
    return _reply(employee, 201)


@route(
    blueprint, "PATCH", ONE, scope=Scope.EMPLOYEES_WRITE, summary=N_("Change an employee"), query=schemas.PatchQuery,
    body=schemas.EmployeePatch, answer=schemas.Employee, etag=True, example={"job_title": "Analyst"},
)  # fmt: skip
def change_employee(employee_id: int, query: schemas.PatchQuery, body: schemas.EmployeePatch) -> Reply:
    employee = seeing.employee_or_404(employee_id)
    _same_version(employee)
    changes = {name: value for name, value in _values(body).items() if value != getattr(employee, name)}
    elsewhere = owned.owners_of(employee)
    _refuse(
        {name: f"The feed “{elsewhere[name]}” says this: change it there." for name in changes if name in elsewhere}
    )
    current = {name: getattr(employee, name) for name in (*rules.TEXTS, *rules.DATES)}
    _refuse(rules.record_problems(current | changes))
    if query.dry_run:
        return Reply(_preview(employee, changes))
    _ask_before_harm(employee, changes, at_once=query.at_once)
    opened_at = None if request.headers.get("If-Match") == "*" else employee.changed_at
    try:
        changed, _ = actions.edit_employee(employee, changes, by=_token().actor, opened_at=opened_at)
    except actions.FieldRefused as problem:
        raise NotValid({f"/{problem.field}": problem.message}) from None
    except actions.ChangedMeanwhile as problem:
        raise _old(problem.current) from None
    planning.follow(changed, by=_token().actor, at_once=query.at_once)
    return _reply(changed)


def _token() -> Any:
    return checking.current.get()


def _same_version(employee: Employee) -> None:
    """Raises VersionNeeded, VersionOld."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise VersionNeeded()
    seen = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    if given != "*" and shaping.version(shaping.employee(employee)) not in seen:
        raise _old(employee)


def _old(employee: Employee) -> VersionOld:
    return VersionOld(current=f'"{shaping.version(shaping.employee(employee))}"')


def _ask_before_harm(employee: Employee, changes: dict[str, Any], *, at_once: bool) -> None:
    """Raises PasswordWaits, StepsPassed, BrakeIsOn."""
    if "personal_email" in changes and recipients.is_replaced(employee, changes["personal_email"]):
        raise PasswordWaits()
    if brake.is_off_date(changes):
        brake.check(brake.off_dates(employee.organisation))
        brake.hold(employee.organisation)
    passed = shown.change_of(employee, changes).passed
    if passed and not at_once:
        raise StepsPassed(steps=[line.label for line in passed])


def _values(body: schemas.EmployeePatch) -> dict[str, Any]:
    """The fields that were sent, as the record stores them. Raises NotValid, ScopeMissing."""
    sent = body.model_fields_set
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    if sent & shaping.PRIVATE:
        checking.need(_token(), Scope.EMPLOYEES_PRIVATE)
    for name in sent & set(rules.TEXTS):
        text = rules.tidy(getattr(body, name))
        if problem := rules.text_problem(name, text):
            wrong[name] = problem
        found[name] = rules.as_stored(name, text)
    for name in sent & set(rules.DATES):
        found[name] = getattr(body, name)
        try:
            rules.read_date(found[name].isoformat() if found[name] else "")
        except ValueError as problem:
            wrong[name] = str(problem)
    for name in sent & set(MANAGERS):
        found[name] = _person(getattr(body, name))
        if getattr(body, name) and found[name] is None:
            wrong[name] = "Nobody in your organisation has this id."
    _refuse(wrong)
    return found


def _person(number: str | None) -> Employee | None:
    found = params.cursor(number)
    return seeing.visible_employees().where(Employee.id == found).first() if found else None


def _refuse(wrong: dict[str, str]) -> None:
    """Raises NotValid when there is something wrong. wrong: name of a field -> what."""
    if wrong:
        raise NotValid({f"/{name}": words for name, words in sorted(wrong.items())})


def _preview(employee: Employee, changes: dict[str, Any]) -> schemas.Preview:
    change = shown.change_of(employee, changes) if employee.id else shown.Change()
    seen = {name: value for name, value in changes.items() if name not in shaping.hidden()}
    return schemas.Preview(
        before={name: _plain(getattr(employee, name)) for name in seen if employee.id},
        after={name: _plain(value) for name, value in seen.items()}, brake=brake.off_dates(employee.organisation),
        begin=_steps(change.begin), move=_steps(change.moving), cancel=_steps(change.gone),
        at_once=_steps(change.passed),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Employee):
        return str(value.id)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _steps(lines: Iterable[shown.Line]) -> list[schemas.Step]:
    return [
        schemas.Step(label=line.label, application=line.application, before=line.before, after=line.after)
        for line in lines
    ]
