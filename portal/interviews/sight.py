"""Who sees which interview: those who see the application, and interviewers their own until some days after."""

from typing import Any

from portal.auth.models import User
from portal.database import now
from portal.interviews.models import SEEN_FOR, Attendance, Interview
from portal.recruitment import sight
from portal.recruitment.models import Application, Candidate, Vacancy


def interviews(user: User) -> Any:
    """The interviews that the user may see, as a select with application and candidate; never one's own application."""
    return (
        _all(user)
        .where(sight.not_own(user))
        .where(Interview.id.in_(_attended_by(user)) | Interview.application.in_(_led_by(user)))
    )


def mine(user: User) -> Any:
    """The interviews in which the user takes part, as a select with application and candidate."""
    return _all(user).where(sight.not_own(user), Interview.id.in_(_attended_by(user)))


def _all(user: User) -> Any:
    return (
        Interview.select(Interview, Application, Candidate, Vacancy)
        .join(Application)
        .join(Candidate)
        .switch(Application)
        .join(Vacancy)
        .where(Interview.organisation == user.organisation_id)
    )


def _attended_by(user: User) -> Any:
    recent: Any = Interview.select(Interview.id).where(Interview.ends_at > now() - SEEN_FOR)
    return Attendance.select(Attendance.interview).where(Attendance.user == user, Attendance.interview.in_(recent))


def _led_by(user: User) -> Any:
    return sight.applications(user).select(Application.id)


def takes_part(user: User) -> bool:
    """Whether the user has interviews of their own to see."""
    return bool(mine(user).exists())


def leads(interview: Interview, user: User) -> bool:
    """Whether the user may plan, move and call off: those who see the application may."""
    return bool(sight.applications(user).where(Application.id == interview.application_id).exists())
