"""What leaving, coming back and leave of absence consist of: their steps, in order, as data."""

from dataclasses import replace

from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.leaving import group_steps, mailbox_steps, steps, undo_steps
from portal.leaving.models import Kind
from portal.leaving.requests import ForReply, LeaveRequest, UndoLeaveRequest
from portal.leaving.snapshots import open_of
from portal.operations import registry
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.operations.work import StepPlan, VerbPlan
from portal.organisations.plans import Feature
from portal.provisioning import link_steps, verbs
from portal.provisioning.verbs import BLOCK, HAND_OVER, LINK, REVOKE, SET_PASSWORD, UNBLOCK, asks


def _back_whole(operation: Operation) -> bool:
    return not operation.request_as(UndoLeaveRequest).licences_only


def _back_with_password(operation: Operation) -> bool:
    return _back_whole(operation) and operation.request_as(UndoLeaveRequest).password


_was_deleted = asks(UndoLeaveRequest, lambda asked: asked.remote_id)


def _nothing_noted(operation: Operation) -> bool:
    return open_of(operation.employee, operation.connection, Kind.LEAVER) is None


def has_groups(operation: Operation) -> bool:
    """Whether the application has groups that an account can leave."""
    return SERVICES[operation.connection.service].capabilities.has_groups


CHECK = replace(verbs.CHECK, run=steps.check)
SNAPSHOT = StepPlan("snapshot", _("Note what the account has"), steps.note_leaver, changes=False)
REPLY = StepPlan(
    "reply", _("Switch the automatic reply on"), mailbox_steps.set_reply, optional=True,
    wanted=asks(ForReply, lambda asked: asked.reply),
)  # fmt: skip
FORWARD = StepPlan(
    "forward", _("Forward mail to a colleague"), mailbox_steps.set_forward, optional=True,
    wanted=asks(LeaveRequest, lambda asked: asked.forward_to),
)  # fmt: skip
READ_BACK = replace(verbs.READ_BACK, run=steps.read_back_left)

VERBS: dict[Verb, VerbPlan] = {
    Verb.LEAVE: VerbPlan(
        _("leaving"),
        (
            # The block comes first: what is to be noted and handed over may be out of reach for hours.
            # Sessions are revoked after the block: one that was revoked before could be renewed at once.
            CHECK,
            BLOCK,
            REVOKE,
            SNAPSHOT,
            StepPlan(
                "reports", _("Hand over the reports"),
                steps.hand_over_reports, optional=True, local=True, changes=False,
                wanted=asks(LeaveRequest, lambda asked: asked.reports),
            ),
            StepPlan(
                "owners", _("Hand over the groups they own"), group_steps.hand_over, optional=True,
                wanted=lambda operation: bool(operation.request_as(LeaveRequest).heir) and has_groups(operation),
            ),
            StepPlan(
                "password", _("Set a random password"), steps.set_random_password, optional=True,
                wanted=asks(LeaveRequest, lambda asked: asked.password),
            ),
            REPLY,
            FORWARD,
            StepPlan(
                "groups", _("Leave the groups"), group_steps.leave_groups, optional=True,
                wanted=lambda operation: operation.request_as(LeaveRequest).groups and has_groups(operation),
            ),
            READ_BACK,
        ),
    ),
    Verb.FREE_LICENCES: VerbPlan(
        _("take the licences away"),
        (
            CHECK,
            replace(SNAPSHOT, run=steps.note_before_licences, wanted=_nothing_noted),
            StepPlan("take licences", _("Take the licences away"), steps.take_licences),
            StepPlan(
                "licensing groups", _("Leave the groups that give licences"), group_steps.leave_licensing_groups,
                optional=True, wanted=has_groups,
            ),
            replace(READ_BACK, run=steps.read_back_free),
        ),
    ),
    Verb.UNDO_LEAVE: VerbPlan(
        _("undo leaving"),
        (
            StepPlan("restore", _("Restore the deleted account"), link_steps.restore_account, wanted=_was_deleted),
            replace(LINK, wanted=_was_deleted),
            CHECK,
            StepPlan(
                "last day", _("Take the last day off the Profile"),
                undo_steps.forget_end_date, local=True, changes=False,
                wanted=asks(UndoLeaveRequest, lambda asked: asked.end_date),
            ),
            StepPlan("licences", _("Return the licences"), undo_steps.give_licences, optional=True),
            replace(UNBLOCK, wanted=_back_whole),
            StepPlan(
                "groups", _("Join the groups again"), group_steps.join_again, optional=True,
                wanted=lambda operation: _back_whole(operation) and has_groups(operation),
            ),
            StepPlan("manager", _("Set the manager"), undo_steps.give_manager, optional=True, wanted=_back_whole),
            StepPlan(
                "reports", _("Return the reports"), undo_steps.give_reports, optional=True, local=True, changes=False,
                wanted=_back_whole,
            ),
            StepPlan(
                "reply", _("Restore the automatic reply"), undo_steps.give_reply, optional=True,
                wanted=lambda operation: _back_whole(operation) and undo_steps.had_mailbox(operation),
            ),
            StepPlan(
                "forward", _("Stop forwarding mail"), undo_steps.stop_forward, optional=True,
                wanted=lambda operation: _back_whole(operation) and undo_steps.had_mailbox(operation),
            ),
            replace(SET_PASSWORD, wanted=_back_with_password),
            replace(verbs.READ_BACK, run=undo_steps.read_back),
            replace(HAND_OVER, wanted=_back_with_password),
        ),
        begins=True, repeatable=False,
    ),
    Verb.BEGIN_ABSENCE: VerbPlan(
        _("begin the leave of absence"),
        (CHECK, BLOCK, REVOKE, replace(SNAPSHOT, run=steps.note_absence), REPLY, READ_BACK),
    ),
    Verb.END_ABSENCE: VerbPlan(
        _("end the leave of absence"),
        (
            CHECK,
            UNBLOCK,
            StepPlan(
                "reply", _("Restore the automatic reply"), undo_steps.give_reply, optional=True,
                wanted=undo_steps.had_mailbox,
            ),
            verbs.READ_BACK,
        ),
    ),
}  # fmt: skip


for verb, plan in VERBS.items():
    registry.register(verb, replace(plan, feature=Feature.ACCOUNT_PROVISIONING, resume=verbs.resume))
