"""What is asked for with each verb about leaving, coming back and leave of absence."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from portal.connectors.mailboxes import Audience, Reply, ReplyStatus
from portal.operations.requests import ForHandOver, Request, Verb


@dataclass(frozen=True, kw_only=True)
class ForReply(Request):
    """reply: the automatic reply as it is sent, both texts in HTML; None to leave the present one."""

    reply: Reply | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return super().from_json({**stored, "reply": reply_from(stored.get("reply"))})

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "reply": reply_to(self.reply)}


@dataclass(frozen=True, kw_only=True)
class LeaveRequest(ForReply):
    """What a leaver's account goes through. The sign-in is always blocked, and the licences always stay.

    reports: those who report to the leaver get the successor as their manager. heir: remote id of the account that
    owns the leaver's groups from then on; empty to leave that. password: the present one stops working.
    forward_to: the colleague who gets the mail from then on; empty for nobody. groups: the account leaves its groups.
    shared_mailbox: a person is to convert the mailbox, and the licences wait for that.
    """

    VERB = Verb.LEAVE
    reports: bool = False
    heir: str = ""
    password: bool = True
    forward_to: str = ""
    groups: bool = True
    shared_mailbox: bool = False


@dataclass(frozen=True, kw_only=True)
class FreeLicencesRequest(Request):
    """names: of the licences that go, by their ids."""

    VERB = Verb.FREE_LICENCES
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FromSnapshot(Request):
    """snapshot: the number of what was noted; 0 where nothing was."""

    snapshot: int = 0


@dataclass(frozen=True, kw_only=True)
class UndoLeaveRequest(FromSnapshot, ForHandOver):
    """password: a fresh one is set and handed over. remote_id: of an account that was deleted and is restored first.

    wait: what finds no seat is given as soon as there is one. end_date: the last day is taken off the Profile.
    licences_only: only the licences that wait for a seat.
    """

    VERB = Verb.UNDO_LEAVE
    remote_id: str = ""
    password: bool = True
    wait: bool = False
    end_date: bool = False
    licences_only: bool = False


@dataclass(frozen=True, kw_only=True)
class BeginAbsenceRequest(ForReply):
    VERB = Verb.BEGIN_ABSENCE


@dataclass(frozen=True, kw_only=True)
class EndAbsenceRequest(FromSnapshot):
    VERB = Verb.END_ABSENCE


def reply_to(reply: Reply | None) -> dict[str, Any] | None:
    """The reply as plain values, to be kept."""
    if reply is None:
        return None
    moments = {name: moment.isoformat() if moment else None for name, moment in _moments(reply).items()}
    return {**asdict(reply), **moments}


def _moments(reply: Reply) -> dict[str, datetime | None]:
    return {"begins": reply.begins, "ends": reply.ends}


def reply_from(kept: Mapping[str, Any] | None) -> Reply | None:
    """The reply that `reply_to` made plain values of."""
    if not kept:
        return None
    begins, ends = (datetime.fromisoformat(kept[name]) if kept.get(name) else None for name in ("begins", "ends"))
    return Reply(ReplyStatus(kept["status"]), Audience(kept["audience"]), kept["inside"], kept["outside"], begins, ends)
