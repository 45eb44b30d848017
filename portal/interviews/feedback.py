"""What interviewers thought: each writes without having read the others."""

from portal import audit
from portal.auth.models import User
from portal.interviews.models import Attendance, Feedback, Interview, Verdict
from portal.languages import gettext as _
from portal.problems import Problem


class NotYet(Problem):
    message = _("Feedback opens when the interview is over.")
    next_step = _("Come back then.")


class NotThere(Problem):
    message = _("Only those who took part give feedback.")
    status = 403


def took_part(interview: Interview, user: User) -> bool:
    return Attendance.select().where(Attendance.interview == interview, Attendance.user == user).exists()


def own(interview: Interview, user: User) -> Feedback | None:
    """What the user has given."""
    found: Feedback | None = Feedback.get_or_none(Feedback.interview == interview, Feedback.user == user)
    return found


def give(interview: Interview, verdict: Verdict, text: str, *, by: User) -> Feedback:
    """Keep the user's word, or change it. Raises NotThere, NotYet."""
    if not took_part(interview, by):
        raise NotThere()
    if not interview.is_over:
        raise NotYet()
    with audit.turn(interview.organisation_id):
        found = own(interview, by) or Feedback(
            organisation=interview.organisation_id, interview=interview, user=by, user_name=by.display_name
        )
        found.verdict, found.text = verdict, text
        found.save()
        # Not the verdict: the audit log is read by others than the hiring team.
        audit.record(by, "give feedback", interview.application.candidate, vacancy=interview.application.vacancy.title)
    return found


def readable(interview: Interview, user: User) -> list[Feedback]:
    """What others gave, for a user who sees it: who took part gives their own first."""
    if took_part(interview, user) and own(interview, user) is None:
        return []
    others = Feedback.select().where(Feedback.interview == interview)
    return [one for one in others.order_by(Feedback.id) if one.user_id != user.id]


def others(interview: Interview, user: User) -> int:
    """How many others have given theirs."""
    mine = Feedback.select().where(Feedback.interview == interview)
    return len([one for one in mine if one.user_id != user.id])
