"""Recruitment > Unassigned: mail from unknown addresses that has to do with a candidate, until a user decides."""

from typing import Any

from portal import audit
from portal.auth.models import User
from portal.connectors.errors import ConnectorError, NotFound
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined
from portal.mailboxes.models import Mailbox
from portal.mailboxes.opening import opened
from portal.problems import Problem
from portal.reading import taking
from portal.reading.models import Unassigned
from portal.recruitment import candidates, sight
from portal.recruitment.models import Candidate, CandidateAddress

MOST = 200


class NotNow(Problem):
    message = _("The mail cannot be fetched now.")


class Anothers(Problem):
    """Another candidate has this address."""


class Decided(Problem):
    message = _("Another user has decided about this mail already.")


def waiting(user: User) -> Any:
    """The mails that wait for somebody's decision, of candidates whom the user sees, as a select."""
    return Unassigned.select().where(
        Unassigned.organisation == user.organisation_id, Unassigned.decided_at.is_null(),
        Unassigned.candidate.in_(sight.candidates(user).select(Candidate.id)),
    )  # fmt: skip


def listed(user: User) -> list[Unassigned]:
    """The same, newest first, each with its candidate and mailbox."""
    rows = (
        waiting(user)
        .select(Unassigned, Candidate, Mailbox, User)
        .join(Candidate)
        .switch(Unassigned)
        .join(Mailbox)
        .join(User)
    )
    return list(rows.order_by(Unassigned.at.desc(), Unassigned.id.desc()).limit(MOST))


def add_address(row: Unassigned, *, by: User) -> int:
    """The sender's address is the candidate's from now on; what they wrote goes on the timeline.

    Returns how many mails those are. Raises NotNow, Anothers, Decided; then nothing is changed.
    """
    others = Unassigned.select().where(
        Unassigned.candidate == row.candidate_id, Unassigned.sender == row.sender, Unassigned.decided_at.is_null(),
        Unassigned.id != row.id,
    )  # fmt: skip
    holder = candidates.with_address(row.organisation_id, row.sender)
    if holder is not None and holder.id != row.candidate_id:
        raise Anothers(
            _("%(sender)s is an address of %(holder)s.", sender=row.sender, holder=holder.name),
            _("Merge the two candidates if they are the same person."),
        )
    _fetch(row)
    with audit.turn(row.organisation_id):
        candidate = Candidate.get_by_id(row.candidate_id)
        _decide(row)
        if candidate.erased_at is None and not _has(candidate, row.sender):
            candidates.add_address(candidate, row.sender, by="reply")
            candidates.save(candidate)
            audit.record(by, "add address", candidate, address=row.sender)
    return 1 + sum(_taken(other) for other in others)


def _has(candidate: Candidate, address: str) -> bool:
    wanted = candidates.folded(address)
    mine = (CandidateAddress.candidate == candidate) & (CandidateAddress.folded == wanted)
    return CandidateAddress.select().where(mine).exists()


def _taken(row: Unassigned) -> bool:
    try:
        put_on_timeline(row)
    except Problem:
        return False
    return True


def put_on_timeline(row: Unassigned) -> None:
    """Only this mail is about the candidate; the address stays unknown. Raises NotNow, Decided."""
    _fetch(row)
    with audit.turn(row.organisation_id):
        _decide(row)


def skip(row: Unassigned) -> None:
    """It is not about the candidate: nothing of it is kept but that it was decided. Raises Decided."""
    with audit.turn(row.organisation_id):
        _decide(row)


def _fetch(row: Unassigned) -> None:
    """Put the mail on the timeline. Raises NotNow."""
    try:
        with opened(row.mailbox) as outlook:
            taking.take_one(row, outlook)
    except NotFound:
        raise NotNow(_("The mail is no longer in the mailbox."), _("Press Skip to take it off this list.")) from None
    except ConnectorError as error:
        raise NotNow(joined(error.message, _("Nothing was changed.")), error.next_step) from error


def _decide(row: Unassigned) -> None:
    """Within a transaction: forget the sender, and keep the mail from coming up again. Raises Decided."""
    forgotten: dict[Any, Any] = {
        Unassigned.decided_at: now(), Unassigned.sender: "", Unassigned.name: "", Unassigned.web_link: "",
        Unassigned.thread: "", Unassigned.remote_id: "",
    }  # fmt: skip
    mine = (Unassigned.id == row.id) & Unassigned.decided_at.is_null()
    if not Unassigned.update(forgotten).where(mine).execute():
        raise Decided(_("Another user has decided about this mail already."), _("Look at the list as it is now."))
