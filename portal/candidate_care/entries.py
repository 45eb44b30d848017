"""What a candidate's timeline has of files, and of emails that the portal sent."""

from collections.abc import Iterable

from portal.candidate_care.models import CandidateMail
from portal.candidate_care.texts import Kind
from portal.mail import texts as mail_texts
from portal.recruitment import timeline
from portal.recruitment.files import FileKind, StoredFile
from portal.recruitment.models import Application, Candidate
from portal.recruitment.timeline import MOST, Entry

FILES, MESSAGES = "files", "messages"
TITLES = {FileKind.CV: "CV", FileKind.LETTER: "Letter", FileKind.RECEIVED: "File received", FileKind.SENT: "File sent"}
SAID = {
    Kind.RECEIVED: "Thanked for the application by email", Kind.NOT_TAKEN: "Told by email that they are not taken",
    Kind.KEEP: "Told by email that the data goes", Kind.INVITATION: "Invited by email", Kind.OFFER: "Offered by email",
}  # fmt: skip


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
    if sent.sent_at is not None:
        state = f"To {sent.recipient}"
    elif sent.problem:
        state = f"To {sent.recipient}: not sent{' yet' if sent.not_before else ''}. {sent.problem}"
    else:
        state = f"To {sent.recipient}: it is being sent."
    hidden = {**sent.values, "own_page": "(the link to their own page)"}
    return f"{state}\n\n{mail_texts.filled(sent.subject, hidden)}\n\n{mail_texts.filled(sent.body, hidden)}".strip()


timeline.KINDS.update({FILES: "Files", MESSAGES: "Messages"})
timeline.SOURCES.extend((_files, _mails))
