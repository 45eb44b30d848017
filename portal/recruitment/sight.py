"""Who sees what: an Admin everything, a Manager the vacancies they work on, and nobody their own application."""

from typing import Any

from portal.auth.models import AccessLevel, User
from portal.recruitment.candidates import folded
from portal.recruitment.models import Application, Candidate, CandidateAddress, Part, TeamMember, Vacancy

LEADS = (Part.RECRUITER, Part.HIRING_MANAGER)


def vacancies(user: User) -> Any:
    """The vacancies whose board the user may see, as a select."""
    mine = Vacancy.select().where(Vacancy.organisation == user.organisation_id)
    return mine if sees_all(user) else mine.where(Vacancy.id.in_(_led_by(user)))


def sees_all(user: User) -> bool:
    return user.access_level == AccessLevel.ADMIN


def takes_part(user: User) -> bool:
    """Whether there is anything of recruitment for the user to see."""
    return sees_all(user) or vacancies(user).exists()


def _led_by(user: User) -> Any:
    led = TeamMember.select(TeamMember.vacancy).where(TeamMember.user == user, TeamMember.part.in_(LEADS))
    return led if user.access_level == AccessLevel.MANAGER else led.where(TeamMember.id == 0)


def applications(user: User) -> Any:
    """The applications that the user may see, as a select with their candidates."""
    mine = (
        Application.select(Application, Candidate)
        .join(Candidate)
        .where(Application.organisation == user.organisation_id, not_own(user))
    )
    return mine if sees_all(user) else mine.where(Application.vacancy.in_(_led_by(user)))


def candidates(user: User) -> Any:
    """The candidates whom the user may see, as a select."""
    mine = Candidate.select().where(
        Candidate.organisation == user.organisation_id, Candidate.erased_at.is_null(), not_own(user)
    )
    if sees_all(user):
        return mine
    theirs: Any = Application.select(Application.candidate).where(Application.vacancy.in_(_led_by(user)))
    return mine.where(Candidate.id.in_(theirs))


def not_own(user: User) -> Any:
    """The condition that a candidate is not the user: by any address the portal knows of them, or by their record."""
    own: Any = CandidateAddress.select(CandidateAddress.candidate).where(
        CandidateAddress.organisation == user.organisation_id, CandidateAddress.folded.in_(addresses_of(user))
    )
    condition = Candidate.id.not_in(own)
    if user.employee_id is None:
        return condition
    hired: Any = Application.select(Application.candidate).where(Application.employee == user.employee_id)
    return condition & Candidate.id.not_in(hired)


def addresses_of(user: User) -> list[str]:
    """The addresses that the portal knows of the user, folded."""
    known = [user.email]
    if user.employee is not None:
        known += [user.employee.personal_email, user.employee.company_email]
    return [folded(one) for one in known if one]
