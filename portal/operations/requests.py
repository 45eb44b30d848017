"""What is asked for with each verb: one dataclass per verb, kept in the operation's row as plain values.

Rows outlive the version that wrote them: what it wrote and this one does not know is passed over, what it did not write
yet has its default. So a field may be added and taken away, but never given another meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self


class Verb(StrEnum):
    CREATE = "create"
    LINK = "link"
    RESTORE = "restore"
    UNLINK = "unlink"
    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    UPDATE = "update"
    LICENCE = "licence"
    RESEND = "resend"
    GROUPS = "groups"
    ALLOW = "allow"
    RENAME = "rename"
    LEAVE = "leave"
    FREE_LICENCES = "free licences"
    UNDO_LEAVE = "undo leave"
    BEGIN_ABSENCE = "begin absence"
    END_ABSENCE = "end absence"
    PASS = "pass"  # noqa: S105 - a kind
    DELETE = "delete"
    PICTURE = "picture"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What every verb is asked with. run: the number of the Run that the operation is part of."""

    VERB: ClassVar[str]
    run: int | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The request as it was stored, by this version or by another."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, kw_only=True)
class ForManager(Request):
    """manager: whether the manager is to be set too."""

    manager: bool = False


@dataclass(frozen=True, kw_only=True)
class ForUsername(Request):
    """username: the one that the account gets, reserved for it meanwhile; empty when it keeps its own."""

    username: str = ""


@dataclass(frozen=True, kw_only=True)
class ForHandOver(Request):
    """How a temporary password is handed over: "send" to the recipient at a moment (None: at once), or "show" once.

    on_start: the moment is the morning of the first day, wherever that day moves.
    """

    hand_over: str = "send"
    recipient: str = ""
    send_at: datetime | None = None
    on_start: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        moment = stored.get("send_at")
        return super().from_json({**stored, "send_at": datetime.fromisoformat(moment) if moment else None})

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "send_at": self.send_at.isoformat() if self.send_at else None}


@dataclass(frozen=True, kw_only=True)
class ForLicences(Request):
    """names: of the licences that it is about, by their ids."""

    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CreateRequest(ForManager, ForUsername, ForHandOver):
    """look: first look whether the employee has an account already. country: ISO-2, when it is to be sent.

    blocked: nobody can sign in until the first day; no password is handed over before.
    unit: the part of the tenant it is made in; empty for the usual one. groups: it joins the groups of the rules.
    fields: of the HR record, by their names, as the new account gets them. record: the record as a whole, as it was.
    """

    VERB = Verb.CREATE
    look: bool = False
    blocked: bool = False
    display_name: str = ""
    country: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] | None = None
    licence_id: str = ""
    licence_name: str = ""
    unit: str = ""
    groups: bool = True
    update_company_email: bool = False


@dataclass(frozen=True, kw_only=True)
class LinkRequest(ForManager, ForUsername):
    """remote_id: of the account; empty for one that a create made unseen, which is found by username and marker.

    send_record: the HR record follows soon; else when it next changes.
    """

    VERB = Verb.LINK
    remote_id: str = ""
    marker: str = ""
    send_record: bool = False


@dataclass(frozen=True, kw_only=True)
class RestoreRequest(LinkRequest):
    VERB = Verb.RESTORE


@dataclass(frozen=True, kw_only=True)
class UnlinkRequest(Request):
    VERB = Verb.UNLINK


@dataclass(frozen=True, kw_only=True)
class DeactivateRequest(ForLicences):
    """before: the account's status. take_licences: its own licences are taken away."""

    VERB = Verb.DEACTIVATE
    before: str = ""
    take_licences: bool = False


@dataclass(frozen=True, kw_only=True)
class ReactivateRequest(Request):
    """before: the account's status. give_back: licences that it gets again, by their ids."""

    VERB = Verb.REACTIVATE
    before: str = ""
    give_back: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class UpdateRequest(ForManager):
    """fields: of the HR record, by their names, that are sent."""

    VERB = Verb.UPDATE
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LicenceRequest(ForLicences):
    """add, remove: ids of licences. country: ISO-2, for an account that needs one and has none."""

    VERB = Verb.LICENCE
    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResendRequest(ForHandOver):
    VERB = Verb.RESEND


@dataclass(frozen=True, kw_only=True)
class AllowRequest(ForHandOver):
    """The sign-in of an account that was made ahead of the first day. with_pass: a pass is handed over, no password."""

    VERB = Verb.ALLOW
    with_pass: bool = False


@dataclass(frozen=True, kw_only=True)
class PassRequest(ForHandOver):
    VERB = Verb.PASS


@dataclass(frozen=True, kw_only=True)
class RenameRequest(ForUsername):
    """old: the username before. names: fields of the record that change with it (display_name, first_name, last_name).

    update_company_email: the record's company email becomes the new username. recipient: the private address that is
    told, or empty.
    """

    VERB = Verb.RENAME
    old: str = ""
    names: dict[str, str] = field(default_factory=dict)
    update_company_email: bool = False
    recipient: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupsRequest(Request):
    """add, remove: ids of groups that the account joins and leaves. names: of all of them, by their ids.

    by_rule: what is joined comes from rules.
    """

    VERB = Verb.GROUPS
    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    by_rule: bool = False


@dataclass(frozen=True, kw_only=True)
class PictureRequest(Request):
    """photo: the version of the employee's photo as it was asked for. back: the number of the operation whose picture
    before comes back; 0 for none.
    """

    VERB = Verb.PICTURE
    photo: str = ""
    back: int = 0


@dataclass(frozen=True, kw_only=True)
class DeleteRequest(Request):
    """asked_by: the name of the Admin whose wish a second one approved."""

    VERB = Verb.DELETE
    asked_by: str = ""
