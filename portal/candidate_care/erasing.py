"""Erasing a candidate: what stays says how many applied, how far they came and how long it took, but not who."""

from collections.abc import Callable
from typing import Any

from portal import audit
from portal.audit import Actor, AuditEntry
from portal.candidate_care.merging import MergedCandidate, former_ids
from portal.candidate_care.models import CandidateMail, ErasureNotice, OwnLink
from portal.database import now
from portal.messages.models import Message
from portal.reading.models import Unassigned
from portal.recruitment.files import StoredFile
from portal.recruitment.models import Application, Candidate, CandidateAddress, Ended, Note, StageMove

ERASED = "candidate erased"
# What goes altogether.
THEIRS: tuple[Any, ...] = (
    StoredFile, CandidateMail, Unassigned, Message, OwnLink, ErasureNotice, CandidateAddress, Note, MergedCandidate,
)  # fmt: skip
# What other rooms hold of a candidate. Each is called within the transaction of the erasure.
ALSO: list[Callable[[Candidate], None]] = []


def also(eraser: Callable[[Candidate], None]) -> Callable[[Candidate], None]:
    """Marks what is called with each candidate who is erased."""
    ALSO.append(eraser)
    return eraser


# What goes out to others first, such as the end of a meeting. Each is called before the transaction.
FIRST: list[Callable[[Candidate], None]] = []


def first(teller: Callable[[Candidate], None]) -> Callable[[Candidate], None]:
    """Marks what is called with each candidate before they are erased."""
    FIRST.append(teller)
    return teller


def was_hired(candidate: Candidate) -> bool:
    return Application.select().where(Application.candidate == candidate, Application.ended == Ended.HIRED).exists()


def note_request(candidate: Candidate) -> bool:
    """Within a transaction: put a hired candidate who asks for it on the Admins' list. False when they are there."""
    ErasureNotice.insert(organisation=candidate.organisation_id, candidate=candidate).on_conflict_ignore().execute()
    mine = (ErasureNotice.candidate == candidate) & ErasureNotice.asked_at.is_null()
    return bool(ErasureNotice.update(asked_at=now()).where(mine).execute())


def tell_and_erase(candidate: Candidate, *, by: Actor | str) -> None:
    """Erase a candidate after what is planned with them was called off. Not within a transaction."""
    if Candidate.get_by_id(candidate.id).erased_at is None:
        for teller in FIRST:
            teller(candidate)
    erase(candidate, by=by)


def erase(candidate: Candidate, *, by: Actor | str) -> None:
    """Wipe every personal value of a candidate, and their files, emails and notes. Cannot be undone."""
    with audit.turn(candidate.organisation_id):
        current = Candidate.get_by_id(candidate.id)
        if current.erased_at is not None:
            return
        records = [current.id, *former_ids(current)]
        for model in THEIRS:
            model.delete().where(model.candidate == current).execute()
        for eraser in ALSO:
            eraser(current)
        _erase_applications(current)
        _erase_record(current)
        about = (AuditEntry.subject_kind == "Candidate") & AuditEntry.subject_id.in_(records)
        lines = list(AuditEntry.select().where(AuditEntry.organisation == current.organisation_id, about))
        audit.erase(current.organisation, lines, by=by, subject=current)
        audit.record(by, ERASED, current)


def _erase_applications(candidate: Candidate) -> None:
    """Where each came to, when, and how it ended stay, for the figures of the vacancy."""
    theirs: Any = Application.select(Application.id).where(Application.candidate == candidate)
    StageMove.update({StageMove.reason: "", StageMove.answers: None}).where(StageMove.application.in_(theirs)).execute()
    wiped: dict[Any, Any] = {Application.reason: "", Application.employee: None}
    Application.update(wiped).where(Application.candidate == candidate).execute()
    open_ones = (Application.candidate == candidate) & Application.ended.is_null()
    Application.update(ended=Ended.WITHDRAWN, ended_at=now(), since=now()).where(open_ones).execute()


def _erase_record(candidate: Candidate) -> None:
    for name in ("first_name", "last_name", "phone", "country", "search_text", "consent_text", "asked_consent"):
        setattr(candidate, name, "")
    candidate.talent_until, candidate.erase_on, candidate.erased_at = None, None, now()
    candidate.save()
