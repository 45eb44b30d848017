"""Emails to candidates: put in line, composed, and brought to the mail server, each once.

One that may have arrived is not sent again.
"""

from datetime import timedelta
from typing import Any

from portal import mail
from portal.audit import record
from portal.auth.models import User
from portal.candidate_care import own_page
from portal.candidate_care.models import CandidateMail, CandidateTexts
from portal.candidate_care.texts import DEFAULTS, Kind
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import lane
from portal.mail import texts as mail_texts
from portal.mail.choices import of as choices_of
from portal.mail.texts import Text
from portal.organisations.models import Organisation
from portal.recruitment.candidates import address_of
from portal.recruitment.models import Application, Candidate

LOST = _("The portal stopped while sending it, so nobody knows whether it arrived.")
TRIED_FOR = timedelta(days=1)
AGAIN = timedelta(minutes=5)
AT_ONCE = 100
# Anybody can enter anybody's address into a form: the portal writes there at most this often.
MOST_AN_HOUR, MOST_A_DAY = 1, 3


def text_of(organisation: Organisation, kind: Kind, language: str) -> Text:
    """The text to use: the organisation's own, or ours."""
    row = CandidateTexts.get_or_none(CandidateTexts.organisation == organisation)
    own = row.texts.get(f"{kind} {language}") if row else None
    return Text(*own) if own else DEFAULTS[kind, language]


def choose_text(organisation: Organisation, kind: Kind, language: str, text: Text | None, *, by: User) -> None:
    """Use this text from now on, or ours again. The audit log names which, and not the text itself."""
    with transaction():
        CandidateTexts.insert(organisation=organisation, texts={}).on_conflict_ignore().execute()
        row = CandidateTexts.get(CandidateTexts.organisation == organisation)
        others = {key: kept for key, kept in row.texts.items() if key != f"{kind} {language}"}
        row.texts = others | ({f"{kind} {language}": [text.subject, text.body]} if text else {})
        row.save()
        record(by, "change message to candidates", organisation, organisation=organisation, text=f"{kind} {language}")


def language_of(candidate: Candidate, application: Application | None) -> str:
    """The language in which a candidate is written to."""
    country = candidate.country or (application.vacancy.country if application else "")
    return mail_texts.language_for(choices_of(candidate.organisation).language, country)


def values_for(candidate: Candidate, application: Application | None, **more: str) -> dict[str, str]:
    """What is filled into a text about this candidate, except the address of their own page."""
    return {
        "name": candidate.name,
        "first_name": candidate.first_name or candidate.name,
        "organisation": candidate.organisation.name,
        "vacancy": application.vacancy.title if application else "",
        **more,
    }


def received(application: Application) -> CandidateMail | None:
    """Within a transaction: thank for an application. None when the address has had enough emails for now."""
    address = address_of(application.candidate)
    if address is None or (address.by == "form" and not _may_write_to(address.folded)):
        return None
    return write(application.candidate, Kind.RECEIVED, application=application)


def _may_write_to(folded: str) -> bool:
    # Across all organisations: the owner of the address has one inbox.
    theirs = CandidateMail.select().where(CandidateMail.folded == folded, CandidateMail.kind == Kind.RECEIVED)
    hour = theirs.where(CandidateMail.made_at > now() - timedelta(hours=1)).count()
    return hour < MOST_AN_HOUR and theirs.where(CandidateMail.made_at > now() - timedelta(days=1)).count() < MOST_A_DAY


def write(
    candidate: Candidate, kind: Kind, *, application: Application | None = None, text: Text | None = None, **more: str
) -> CandidateMail | None:
    """Within a transaction: put an email in line. text: in place of the one for this kind. None without an address."""
    address, language = address_of(candidate), language_of(candidate, application)
    if address is None:
        return None
    text = text or text_of(candidate.organisation, kind, language)
    made: CandidateMail = CandidateMail.create(
        organisation=candidate.organisation_id, candidate=candidate, application=application, kind=kind,
        language=language, recipient=address.address, folded=address.folded, subject=text.subject, body=text.body,
        values=values_for(candidate, application, **more),
    )  # fmt: skip
    return made


def take_back(application: Application, kind: Kind) -> None:
    """Within a transaction: an email of this kind about the application that has not gone out yet does not go out."""
    mine = (CandidateMail.application == application) & (CandidateMail.kind == kind)
    CandidateMail.delete().where(mine, CandidateMail.not_before.is_null(False)).execute()


def would_write(candidate: Candidate, kind: Kind, application: Application) -> dict[str, Any] | None:
    """What write() would put in line, word for word: recipient, shown_subject, shown_body. None without an address."""
    address, language = address_of(candidate), language_of(candidate, application)
    if address is None:
        return None
    values = {**values_for(candidate, application), "own_page": own_page.address("…")}
    return {"recipient": address.address, **shown(text_of(candidate.organisation, kind, language), values)}


def sweep() -> None:
    """Have what is due sent, in a thread for mails."""
    if _due().exists():
        lane.OTHER.start(send_all)


def _due() -> Any:
    return CandidateMail.select().where(CandidateMail.not_before <= now())


def send_all() -> None:
    """Send what is due, and say what became of each."""
    for waiting in list(_due().order_by(CandidateMail.not_before, CandidateMail.id).limit(AT_ONCE)):
        # Noted first: a process that dies in between leaves one out rather than sending it twice.
        mine = CandidateMail.update(not_before=None, problem=LOST, tries=CandidateMail.tries + 1)
        if mine.where(CandidateMail.id == waiting.id, CandidateMail.not_before.is_null(False)).execute():
            _send(waiting)


def _send(waiting: CandidateMail) -> None:
    changes: dict[str, Any] = {"sent_at": now(), "problem": ""}
    try:
        mail.send(composed(waiting))
    except mail.NotSent as problem:
        log.warning("mail to candidate not sent", mail=waiting.id, kind=waiting.kind, reason=problem.kind)
        again = problem.may_be_sent_again and waiting.made_at > now() - TRIED_FOR
        changes = {"problem": problem.args[0], "not_before": now() + AGAIN if again else None}
    with transaction():
        CandidateMail.update(changes).where(CandidateMail.id == waiting.id).execute()


def composed(waiting: CandidateMail) -> mail.Mail:
    """The email as it goes out."""
    values = {**waiting.values, "own_page": own_page.new_link(waiting.candidate)}
    text, chosen = Text(waiting.subject, waiting.body), choices_of(waiting.organisation)
    return mail.notice(
        recipient=waiting.recipient, text=text, values=values, settings=chosen, language=waiting.language
    )  # fmt: skip


def shown(text: Text, values: dict[str, str]) -> dict[str, Any]:
    """How the email looks: its subject, and its text as HTML, made by what makes the email."""
    return {
        "shown_subject": mail_texts.filled(text.subject, values),
        "shown_body": mail_texts.as_html(text.body, values),
    }
