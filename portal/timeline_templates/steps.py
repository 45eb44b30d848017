"""The steps that a timeline can have, with the day and hour that each has until an organisation chooses others."""

from dataclasses import dataclass
from enum import StrEnum

from portal.languages import gettext as _


class Kind(StrEnum):
    """What a timeline is about."""

    JOINER = "joiner"
    MOVER = "mover"
    LEAVER = "leaver"
    LEAVE = "leave of absence"


class Anchor(StrEnum):
    """The date that a step is counted from. ASKED: the day on which a person asks for it."""

    START = "start"
    MOVE = "move"
    END = "end"
    LEAVE_FROM = "leave_from"
    LEAVE_TO = "leave_to"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class TemplateStep:
    """One step of a template.

    days: after the date that it is counted from; below zero for days before it. hour: the wall time "18:00" where the
    employee is. on: whether it is planned. human: a person does it. after: keys of the steps that have to be done
    first. ability: a key of ABILITIES; empty for what every application can do. at: the applications where it is done,
    by their keys, where an organisation has chosen; None without a choice.
    """

    key: str
    label: str
    anchor: Anchor
    days: int
    hour: str
    on: bool = True
    human: bool = False
    after: tuple[str, ...] = ()
    ability: str = ""
    at: tuple[str, ...] | None = None


START, MOVE, END, FROM, TO = Anchor.START, Anchor.MOVE, Anchor.END, Anchor.LEAVE_FROM, Anchor.LEAVE_TO

# What an application has to be able to do -> its capability, and the capability that names the permissions for it.
ABILITIES = {
    "groups": ("has_groups", "groups_need"),
    "licences": ("has_licences", "licences_need"),
    "mailbox": ("has_mailbox", "mailbox_needs"),
    "passes": ("has_passes", "passes_need"),
    "pictures": ("has_pictures", "pictures_need"),
    "renaming": ("renames", "renaming_needs"),
    "deleting": ("deletes", "deleting_needs"),
    "sessions": ("has_sessions", "sessions_need"),
}

# In the order in which the steps of one moment are done.
STEPS: dict[Kind, tuple[TemplateStep, ...]] = {
    Kind.JOINER: (
        TemplateStep("create_blocked", _("Create the account, blocked"), START, -7, "09:00"),
        TemplateStep(
            "assign_licence", _("Assign the licence"), START, -7, "09:00", after=("create_blocked",), ability="licences"
        ),
        TemplateStep(
            "add_to_groups", _("Add to groups"), START, -7, "09:00", after=("create_blocked",), ability="groups"
        ),
        TemplateStep("tell_manager", _("Tell the manager"), START, -2, "08:00"),
        TemplateStep(
            "set_picture", _("Set the picture"), START, -1, "09:00", after=("create_blocked",), ability="pictures"
        ),
        TemplateStep("allow_sign_in", _("Allow the sign-in"), START, 0, "06:00", after=("create_blocked",)),
        TemplateStep(
            "hand_out_pass",
            _("Temporary Access Pass"),
            START,
            0,
            "06:05",
            on=False,
            after=("allow_sign_in",),
            ability="passes",
        ),
        TemplateStep("welcome_mail", _("Welcome mail"), START, 0, "08:00", after=("allow_sign_in",)),
    ),
    Kind.MOVER: (
        TemplateStep("change_fields", _("Change job title, department, company"), MOVE, 0, "06:00"),
        TemplateStep("set_manager", _("Set the manager"), MOVE, 0, "06:00"),
        TemplateStep("swap_groups", _("Swap groups"), MOVE, 0, "06:00", ability="groups"),
        TemplateStep("rename", _("Change the username"), Anchor.ASKED, 0, "18:00", ability="renaming"),
    ),
    Kind.LEAVER: (
        TemplateStep("ask_successor", _("Ask who takes over"), END, -14, "09:00", human=True),
        TemplateStep("hand_over", _("Hand over reports and groups"), END, 0, "17:00"),
        TemplateStep("block", _("Block the sign-in"), END, 0, "18:00"),
        TemplateStep("revoke", _("Revoke open sessions"), END, 0, "18:00", after=("block",), ability="sessions"),
        TemplateStep("password", _("Random password"), END, 0, "18:00", after=("block",)),
        TemplateStep("reply", _("Automatic reply"), END, 0, "18:05", ability="mailbox"),
        TemplateStep("forward", _("Forward mail to a colleague"), END, 0, "18:05", on=False, ability="mailbox"),
        TemplateStep("leave_groups", _("Take out of groups"), END, 0, "18:10", ability="groups"),
        TemplateStep(
            "convert_mailbox", _("Convert to shared mailbox"), END, 14, "18:00", human=True, ability="mailbox"
        ),
        TemplateStep(
            "take_licences", _("Take the licences away"), END, 30, "18:00", after=("block",), ability="licences"
        ),
        TemplateStep(
            "delete", _("Delete the account"), END, 60, "18:00", on=False, after=("block",), ability="deleting"
        ),
    ),
    Kind.LEAVE: (
        TemplateStep("block_for_leave", _("Block the sign-in"), FROM, -1, "18:00"),
        TemplateStep("reply_for_leave", _("Automatic reply until the return"), FROM, -1, "18:00", ability="mailbox"),
        TemplateStep("allow_again", _("Allow the sign-in"), TO, 0, "06:00"),
        TemplateStep("reply_off", _("Automatic reply off"), TO, 0, "06:00", ability="mailbox"),
    ),
}
