"""What a candidate's timeline has of files, and of emails that the portal sent."""

from collections.abc import Iterable

from portal.candidate_care.models import CandidateMail
from portal.candidate_care.texts import Kind
from portal.languages import current, in_language, joined
from portal.languages import gettext as _
from portal.mail import texts as mail_texts
from portal.recruitment import timeline
from portal.recruitment.files import FileKind, StoredFile
from portal.recruitment.models import Application, Candidate
from portal.recruitment.timeline import MOST, Entry

FILES, MESSAGES = "files", "messages"
TITLES = {
    FileKind.CV: _("CV"),
    FileKind.LETTER: _("Letter"),
    FileKind.RECEIVED: _("File received"),
    FileKind.SENT: _("File sent"),
}
SAID = {
    Kind.RECEIVED: _("Thanked for the application by email"),
    Kind.NOT_TAKEN: _("Told by email that they are not taken"),
    Kind.KEEP: _("Told by email that the data will be deleted"),
    Kind.INVITATION: _("Invited by email"),
    Kind.OFFER: _("Offered by email"),
}


def _files(candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    titles = {one.id: one.vacancy.title for one in applications}
    mine = StoredFile.select().where(
        StoredFile.candidate == candidate,
        StoredFile.application.in_(list(titles)),
        # Those are on their messages.
        StoredFile.kind != FileKind.SENT,
    )
    for file in mine.order_by(StoredFile.id.desc()).limit(MOST):
        yield Entry(
            kind=FILES, at=file.at, title=TITLES[FileKind(file.kind)], icon="paper-clip",
            about=titles.get(file.application_id or 0, ""), template="recruitment/_file.html", row=file,
        )  # fmt: skip


def _mails(candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    titles = {one.id: one.vacancy.title for one in applications}
    about = CandidateMail.application.is_null() | CandidateMail.application.in_(list(titles))
    mine = CandidateMail.select().where(CandidateMail.candidate == candidate, about)
    for sent in mine.order_by(CandidateMail.id.desc()).limit(MOST):
        yield Entry(
            kind=MESSAGES, at=sent.sent_at or sent.made_at, title=SAID[Kind(sent.kind)], icon="envelope",
            about=titles.get(sent.application_id or 0, ""), text=_words(sent),
        )  # fmt: skip


def _words(sent: CandidateMail) -> str:
    hidden = {**sent.values, "own_page": in_language(_("(the link to their own page)"), current())}
    return joined(
        _state(sent), mail_texts.filled(sent.subject, hidden), mail_texts.filled(sent.body, hidden).strip(), by="\n\n"
    )


def _state(sent: CandidateMail) -> str:
    if sent.sent_at is not None:
        return _("To %(recipient)s", recipient=sent.recipient)
    if not sent.problem:
        return _("To %(recipient)s: it is being sent.", recipient=sent.recipient)
    if sent.not_before:
        return joined(_("To %(recipient)s: not sent yet.", recipient=sent.recipient), sent.problem)
    return joined(_("To %(recipient)s: not sent.", recipient=sent.recipient), sent.problem)


timeline.KINDS.update({FILES: _("Files"), MESSAGES: _("Messages")})
timeline.SOURCES.extend((_files, _mails))
