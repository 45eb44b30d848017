"""Invitations that the portal's own mail server sends, because the organiser has connected no mailbox.

One that may have arrived is not sent again.
"""

from datetime import timedelta
from typing import Any

from flask import render_template

from portal import mail
from portal.candidate_care import letters as to_candidates
from portal.candidate_care import own_page
from portal.config import settings
from portal.database import now, transaction
from portal.interviews import invitation, words
from portal.interviews.models import Attendance, Interview, InterviewMail
from portal.languages import ENGLISH, current, in_language, speaking, spoken_by
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import building, lane

LOST = _("The portal stopped while sending it, so nobody knows whether it arrived.")
AGAIN, TRIED_FOR = timedelta(minutes=5), timedelta(days=1)
AT_ONCE = 100


def put_in_line(interview: Interview, method: str) -> None:
    """Within a transaction: write to everybody about the interview as it is now; what waits about an earlier one goes.

    Who never had an invitation is not told that it is off.
    """
    waiting = (InterviewMail.interview == interview) & InterviewMail.not_before.is_null(False)
    InterviewMail.delete().where(waiting).execute()
    told = {one.attendance_id for one in InterviewMail.select().where(InterviewMail.interview == interview)}
    for guest in interview.attendances:
        if method == invitation.REQUEST or guest.id in told:
            InterviewMail.create(
                organisation=interview.organisation_id, interview=interview, attendance=guest, method=method,
                sequence=interview.sequence,
            )  # fmt: skip


def sweep() -> None:
    """Have what is due sent, in a thread for mails."""
    if _due().exists():
        lane.OTHER.start(send_all)


def _due() -> Any:
    return InterviewMail.select().where(InterviewMail.not_before <= now())


def send_all() -> None:
    """Send what is due, and say what became of each."""
    for waiting in list(_due().order_by(InterviewMail.not_before, InterviewMail.id).limit(AT_ONCE)):
        # Noted first: a process that dies in between leaves one out rather than sending it twice.
        mine = InterviewMail.update(not_before=None, problem=LOST, tries=InterviewMail.tries + 1)
        if mine.where(InterviewMail.id == waiting.id, InterviewMail.not_before.is_null(False)).execute():
            _send(waiting)


def _send(waiting: InterviewMail) -> None:
    changes: dict[str, Any] = {"sent_at": now(), "problem": ""}
    try:
        mail.send(composed(waiting))
    except mail.NotSent as problem:
        log.warning("interview mail not sent", mail=waiting.id, reason=problem.kind)
        again = problem.may_be_sent_again and waiting.made_at > now() - TRIED_FOR
        again &= not _is_overtaken(waiting)
        changes = {"problem": problem.args[0], "not_before": now() + AGAIN if again else None}
    with transaction():
        InterviewMail.update(changes).where(InterviewMail.id == waiting.id).execute()


def _is_overtaken(waiting: InterviewMail) -> bool:
    """Whether the interview was moved or called off while this was being sent: a later mail says so."""
    return not Interview.select().where(
        Interview.id == waiting.interview_id, Interview.sequence == waiting.sequence
    ).exists()  # fmt: skip


def composed(waiting: InterviewMail) -> mail.Mail:
    """The email as it goes out: the words, and the same for the reader's calendar."""
    with speaking(language_for(waiting.interview, waiting.attendance)):
        return _composed(waiting, current())


def _composed(waiting: InterviewMail, language: str) -> mail.Mail:
    interview, guest = waiting.interview, waiting.attendance
    content = invitation.written(interview, waiting.method, interview.attendances, language=language).decode()
    subject = in_language(_subject(waiting), language)
    found = building.begin(
        guest.address, subject, sender_name=invitation.sender_name(interview),
        reply_to=interview.organiser.email if interview.organiser else "",
    )  # fmt: skip
    values = {
        "interview": interview, "guest": guest,
        "when": in_language(words.of(interview), language),
        "off": waiting.method == invitation.CANCEL, "moved": _is_moved(waiting), "subject": subject,
        "link": _link(interview, guest),
    }  # fmt: skip
    found.write(render_template("mail/interview.txt", **values), render_template("mail/interview.html", **values))
    found.content.add_alternative(
        content, subtype="calendar", charset="utf-8", cte="base64", params={"method": waiting.method}
    )
    found.content.add_attachment(content.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return found


def _subject(waiting: InterviewMail) -> str:
    subject = waiting.interview.subject
    if waiting.method == invitation.CANCEL:
        return _("Called off: %(subject)s", subject=subject)
    return _("New time: %(subject)s", subject=subject) if _is_moved(waiting) else subject


def _is_moved(waiting: InterviewMail) -> bool:
    """Whether this person may have read of another time before: what waits of an earlier one goes with a move."""
    theirs = InterviewMail.attendance == waiting.attendance_id
    return InterviewMail.select().where(theirs, InterviewMail.sequence < waiting.sequence).exists()


def language_for(interview: Interview, guest: Attendance) -> str:
    """Candidates read their own language; colleagues that of the portal."""
    application = interview.application
    if guest.candidate_id:
        return to_candidates.language_of(application.candidate, application)
    return spoken_by(guest.user) if guest.user else interview.organisation.language or ENGLISH


def _link(interview: Interview, guest: Attendance) -> str:
    """Where the reader answers, or sees the interview: a candidate on their own page."""
    if guest.candidate_id:
        return own_page.new_link(interview.application.candidate)
    return f"{settings().public_url.rstrip('/')}/recruitment/interviews/{interview.id}"
