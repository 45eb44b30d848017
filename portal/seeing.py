"""Whose records the user sees, and loaders for them: each finds only what the user may see of the own organisation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import request
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal.access import Action, organisation, rule_of
from portal.accounts.place import Place
from portal.api_tokens import checking
from portal.asking import kept
from portal.auth.models import STRONG, AccessLevel, User
from portal.connections.live import is_known, live_connection
from portal.people import searching
from portal.people.models import Employee
from portal.people.searching import Reach, Sight, seen
from portal.recruitment import sight
from portal.recruitment.models import Application, Candidate, Vacancy
from portal.theirs import apart
from portal.theirs.looking import Look
from portal.theirs.rules import LinkOffer


def visible_employees(user: User | None = None) -> Any:
    """The employees whom the user may see: of the organisation or a part of it, their reports, or their own record.

    A token sees all of its organisation.
    """
    return seen(**sight_of(user)._asdict())


def sight_of(user: User | None = None) -> Sight:
    """Whose records those are."""
    if user is None and checking.current.get() is not None:
        return Sight(Reach.ALL, organisation().id)
    user = user or current_user._get_current_object()
    if user.access_level == AccessLevel.PART_HR:
        held = user.held_to
        return Sight(Reach(held["part"]), user.organisation_id, held["part_value"])
    if user.access_level in STRONG:
        return Sight(Reach.ALL, user.organisation_id, user.employee_id)
    leads = user.access_level == AccessLevel.MANAGER and user.employee_id is not None
    return Sight(Reach.TEAM if leads else Reach.OWN, user.organisation_id, user.employee_id)


def outside(values: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what is wrong with it, when a record with these values would lie outside of what the user may see."""
    return searching.outside(sight_of(), values)


def employee_or_404(employee_id: int) -> Employee:
    """The employee, if the user may see them. Raises NotFound, the same for another organisation's and for none."""
    employee = seen_employee(employee_id)
    if employee is None:
        raise NotFound()
    employee.organisation = organisation()
    return employee


def seen_employee(employee_id: int) -> Employee | None:
    """The employee, if the user may see them."""
    reach, organisation_id, own = sight_of()
    found: Employee | None = _employee.first(reach, organisation=organisation_id, own=own, employee_id=employee_id)
    return found


@kept
def _employee(reach: Reach, *, organisation: Any, own: Any, employee_id: Any) -> Any:
    return seen(reach, organisation=organisation, own=own).where(Employee.id == employee_id)


def place_or_404(employee_id: int, service_key: str) -> Place:
    """The employee at the connected application of that key, with the account there, if there is one.

    Raises NotFound for an employee whom the user may not see and for a service that there is none of; NotConnected.
    """
    employee = employee_or_404(employee_id)
    if not is_known(service_key):
        raise NotFound()
    return Place.of(employee, live_connection(employee.organisation, service_key))


def vacancy_or_404(vacancy_id: int) -> Vacancy:
    """The vacancy, if the user may see its board. Raises NotFound, the same for another organisation's and for none."""
    vacancy = sight.vacancies(current_user).where(Vacancy.id == vacancy_id).first()
    if vacancy is None:
        raise NotFound()
    vacancy.organisation = current_user.organisation
    return vacancy


def candidate_or_404(candidate_id: int) -> Candidate:
    """The candidate, if the user may see them; nobody sees themselves as one. Raises NotFound."""
    candidate = sight.candidates(current_user).where(Candidate.id == candidate_id).first()
    if candidate is None:
        raise NotFound()
    candidate.organisation = current_user.organisation
    return candidate


def application_or_404(application_id: int) -> Application:
    """The application, if the user may see it. Raises NotFound."""
    application = sight.applications(current_user).where(Application.id == application_id).first()
    if application is None:
        raise NotFound()
    application.organisation = application.candidate.organisation = current_user.organisation
    return application


def why_not_link(offer: LinkOffer | None, place: Place) -> str:
    """Why the user may not decide whether that account is the employee's, as a sentence; empty when they may.

    offer: None for an account that is not there.
    """
    return apart.why_not(offer, place.employee, place.connection, sight_of())


def named(look: Look) -> Look:
    """What was found about one employee, without names of people whom a user of one part does not see."""
    return replace(look, candidates=[one.unnamed for one in look.candidates]) if sight_of().is_part else look


def places_of(employee: Employee) -> list[Place]:
    """The employee at each of the connected applications, in the order of connecting."""
    return Place.all_of(employee)


def own_or_404(model: Any, row_id: int) -> Any:
    """A row of any table that belongs to an organisation, if it belongs to the user's or token's. Raises NotFound.

    A user who sees a part of the organisation gets only what is about an employee of that part, or held to that part.
    """
    row = model.get_or_none(model.id == row_id, model.organisation == organisation().id)
    if row is None or not _is_in_sight(row):
        raise NotFound()
    return row


def _is_in_sight(row: Any) -> bool:
    """Whether the row is about somebody whom the user may see. One about nobody is for those who see everybody."""
    if checking.current.get() is not None or sight_of().is_whole or isinstance(row, User):
        return True
    if rule_of(request.endpoint)[0] == Action.TAKE_PART:
        # Nothing there is about an employee: the view asks the hiring team.
        return True
    about = getattr(row, "employee_id", None)
    if about is None:
        reach, _organisation, own = sight_of()
        return (getattr(row, "part", None), getattr(row, "part_value", None)) == (reach, own)
    return visible_employees().where(Employee.id == about).exists()
