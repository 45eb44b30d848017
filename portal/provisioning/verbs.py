"""What each verb consists of: its steps, in order, as data."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from portal.provisioning import licence_steps, link_steps, record_steps, steps
from portal.provisioning.models import Operation, Verb
from portal.provisioning.steps import Outcome, Work


@dataclass(frozen=True)
class StepPlan:
    """One step of a verb.

    optional: a refusal is noted on the receipt and the operation goes on without it.
    local: no remote call, so its intent need not be written down before it: it happens, or not, in one transaction.
    """

    name: str
    title: str
    run: Callable[[Work], Outcome]
    optional: bool = False
    local: bool = False
    wanted: Callable[[Operation], bool] = lambda operation: True


def _asks(name: str) -> Callable[[Operation], bool]:
    return lambda operation: bool(operation.requested.get(name))


CHECK = StepPlan("check", "Look at the account", steps.check_account)
SET_MANAGER = StepPlan("manager", "Set the manager", record_steps.set_manager, optional=True, wanted=_asks("manager"))
HAND_OVER = StepPlan("hand over", "Prepare the login information", steps.hand_over, local=True)

PLANS: dict[Verb, tuple[StepPlan, ...]] = {
    Verb.CREATE: (
        StepPlan("create", "Create the account", steps.create_account),
        StepPlan("licence", "Assign the licence", licence_steps.assign_plan, optional=True, wanted=_asks("plan_id")),
        SET_MANAGER,
        StepPlan("read back", "Read the account back", steps.read_back_active),
        StepPlan(
            "company email",
            "Update the company email",
            record_steps.update_company_email,
            local=True,
            wanted=_asks("update_company_email"),
        ),
        HAND_OVER,
    ),
    Verb.DEACTIVATE: (
        CHECK,
        StepPlan("block", "Block the sign-in", steps.block_sign_in),
        StepPlan("revoke", "Revoke open sessions", steps.revoke_sessions),
        StepPlan(
            "take licences",
            "Take the licences away",
            licence_steps.take_licences,
            optional=True,
            wanted=_asks("take_licences"),
        ),
        StepPlan("read back", "Read the account back", steps.read_back_blocked),
    ),
    Verb.REACTIVATE: (
        CHECK,
        StepPlan("unblock", "Allow the sign-in", steps.unblock_sign_in),
        StepPlan(
            "give licences back",
            "Give the licences back",
            licence_steps.give_licences_back,
            optional=True,
            wanted=_asks("give_back"),
        ),
        StepPlan("read back", "Read the account back", steps.read_back_active),
    ),
    Verb.LICENCE: (
        CHECK,
        StepPlan("licences", "Change the licences", licence_steps.change_licences),
        StepPlan("read back", "Read the account back", licence_steps.read_back_licences),
    ),
    Verb.RESEND: (CHECK, StepPlan("password", "Set a temporary password", steps.set_password), HAND_OVER),
    Verb.LINK: (StepPlan("link", "Link the account", link_steps.link_account), SET_MANAGER),
    Verb.RESTORE: (
        StepPlan("restore", "Restore the deleted account", link_steps.restore_account),
        StepPlan("link", "Link the account", link_steps.link_account),
        SET_MANAGER,
    ),
    Verb.UNLINK: (StepPlan("unlink", "Take the link away", link_steps.unlink_account, local=True),),
    Verb.UPDATE: (
        StepPlan("fields", "Send the HR record", record_steps.send_fields, wanted=_asks("fields")),
        SET_MANAGER,
        StepPlan("read back", "Read the account back", record_steps.read_back_fields, wanted=_asks("fields")),
    ),
}


def plan_of(operation: Operation) -> list[StepPlan]:
    """The steps that this operation needs, in order. One that is all there is cannot be left out."""
    wanted = [step for step in PLANS[Verb(operation.verb)] if step.wanted(operation)]
    return [replace(wanted[0], optional=False)] if len(wanted) == 1 else wanted


def step_titles(operation: Operation) -> dict[str, str]:
    """What each step of the operation does, in words, by its name in the journal."""
    return {step.name: step.title for step in PLANS[Verb(operation.verb)]}
