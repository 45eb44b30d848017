"""The steps that a timeline can have, with the day and hour that each has until an organisation chooses others."""

from dataclasses import dataclass
from enum import StrEnum


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
        TemplateStep("create_blocked", "Create the account, blocked", START, -7, "09:00"),
        TemplateStep(
            "assign_licence", "Assign the licence", START, -7, "09:00", after=("create_blocked",), ability="licences"
        ),
        TemplateStep("add_to_groups", "Add to groups", START, -7, "09:00", after=("create_blocked",), ability="groups"),
        TemplateStep("tell_manager", "Tell the manager", START, -2, "08:00"),
        TemplateStep(
            "set_picture", "Set the picture", START, -1, "09:00", after=("create_blocked",), ability="pictures"
        ),
        TemplateStep("allow_sign_in", "Allow the sign-in", START, 0, "06:00", after=("create_blocked",)),
        TemplateStep(
            "hand_out_pass",
            "Temporary Access Pass",
            START,
            0,
            "06:05",
            on=False,
            after=("allow_sign_in",),
            ability="passes",
        ),
        TemplateStep("welcome_mail", "Welcome mail", START, 0, "08:00", after=("allow_sign_in",)),
    ),
    Kind.MOVER: (
        TemplateStep("change_fields", "Change job title, department, company", MOVE, 0, "06:00"),
        TemplateStep("set_manager", "Set the manager", MOVE, 0, "06:00"),
        TemplateStep("swap_groups", "Swap groups", MOVE, 0, "06:00", ability="groups"),
        TemplateStep("rename", "Change the username", Anchor.ASKED, 0, "18:00", ability="renaming"),
    ),
    Kind.LEAVER: (
        TemplateStep("ask_successor", "Ask who takes over", END, -14, "09:00", human=True),
        TemplateStep("hand_over", "Hand over reports and groups", END, 0, "17:00"),
        TemplateStep("block", "Block the sign-in", END, 0, "18:00"),
        TemplateStep("revoke", "Revoke open sessions", END, 0, "18:00", after=("block",), ability="sessions"),
        TemplateStep("password", "Random password", END, 0, "18:00", after=("block",)),
        TemplateStep("reply", "Automatic reply", END, 0, "18:05", ability="mailbox"),
        TemplateStep("forward", "Forward mail to a colleague", END, 0, "18:05", on=False, ability="mailbox"),
        TemplateStep("leave_groups", "Take out of groups", END, 0, "18:10", ability="groups"),
        TemplateStep("convert_mailbox", "Convert to shared mailbox", END, 14, "18:00", human=True, ability="mailbox"),
        TemplateStep("take_licences", "Take the licences away", END, 30, "18:00", after=("block",), ability="licences"),
        TemplateStep("delete", "Delete the account", END, 60, "18:00", on=False, after=("block",), ability="deleting"),
    ),
    Kind.LEAVE: (
        TemplateStep("block_for_leave", "Block the sign-in", FROM, -1, "18:00"),
        TemplateStep("reply_for_leave", "Automatic reply until the return", FROM, -1, "18:00", ability="mailbox"),
        TemplateStep("allow_again", "Allow the sign-in", TO, 0, "06:00"),
        TemplateStep("reply_off", "Automatic reply off", TO, 0, "06:00", ability="mailbox"),
    ),
}
