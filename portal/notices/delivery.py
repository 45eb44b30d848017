"""Brings the emails to the mail server: each once. One that may have arrived is not sent again."""

from datetime import date, timedelta
from typing import Any

from portal import audit, mail
from portal.connectors import SERVICES
from portal.database import now, transaction
from portal.logs import log
from portal.mail import lane
from portal.mail import texts as mail_texts
from portal.mail.choices import of as choices_of
from portal.notices.models import LOST, Kind, Notice
from portal.notices.texts import ALIAS, TEXTS

TRIED_FOR = timedelta(days=1)
AGAIN = timedelta(minutes=5)
AT_ONCE = 100


def sweep() -> None:
    """Have what is due sent, in a thread for mails."""
    if _due().exists():
        lane.OTHER.start(send_all)


def _due() -> Any:
    return Notice.select().where(Notice.not_before <= now())


def send_all() -> None:
    for notice in list(_due().order_by(Notice.not_before, Notice.id).limit(AT_ONCE)):
        # Noted first: a process that dies in between leaves one out rather than sending it twice.
        mine = Notice.update(not_before=None, problem=LOST, tries=Notice.tries + 1)
        if mine.where(Notice.id == notice.id, Notice.not_before.is_null(False)).execute():
            _send(notice)


def _send(notice: Notice) -> None:
    changes: dict[str, Any] = {"sent_at": now(), "problem": ""}
    try:
        mail.send(composed(notice))
    except mail.NotSent as problem:
        log.warning("notice not sent", notice=notice.id, kind=notice.kind, reason=str(problem))
        again = problem.may_be_sent_again and notice.made_at > now() - TRIED_FOR
        changes = {"problem": str(problem), "not_before": now() + AGAIN if again else None}
    with transaction():
        Notice.update(changes).where(Notice.id == notice.id).execute()
        if "sent_at" in changes:
            audit.record(
                "portal", f"send email: {notice.kind}", notice.employee, organisation=notice.organisation,
                recipient=notice.recipient,
            )  # fmt: skip


def composed(notice: Notice) -> mail.Mail:
    """The email as it goes out."""
    employee, chosen = notice.employee, choices_of(notice.organisation)
    language = mail_texts.language_for(chosen.language, employee.country or "")
    service = SERVICES[notice.details["service"]]
    values = {
        "name": employee.name,
        "first_name": employee.preferred_name or employee.first_name or employee.name,
        "organisation": notice.organisation.name,
        "job_title": employee.job_title or "–",
        **notice.details,
        "service": service.name,
        "sign_in_url": service.sign_in_url,
    }
    if "first_day" in values:
        values["first_day"] = mail_texts.long_date(date.fromisoformat(values["first_day"]), language)
    if notice.kind == Kind.RENAMED:
        values["alias"] = ALIAS[language, bool(values["alias"])]
    text = TEXTS[notice.kind, language]
    return mail.notice(recipient=notice.recipient, text=text, values=values, settings=chosen, language=language)
