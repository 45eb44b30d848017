"""What each verb about an account consists of: its steps, in order, as data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portal.connectors.base import Connector
from portal.hand_over.steps import hand_out_pass, hand_over
from portal.operations import registry
from portal.operations.models import Asked, Operation
from portal.operations.requests import (
    AllowRequest,
    CreateRequest,
    DeactivateRequest,
    ForManager,
    ReactivateRequest,
    UpdateRequest,
    Verb,
)  # fmt: skip
from portal.operations.work import StepPlan, VerbPlan
from portal.organisations.plans import Feature
from portal.provisioning import licence_steps, link_steps, record_steps, steps


def asks(kind: type[Asked], what: Callable[[Asked], Any]) -> Callable[[Operation], bool]:
    """Whether the operation asks for what a step does."""
    return lambda operation: bool(what(operation.request_as(kind)))


def resume(connector: Connector, operation: Operation) -> None:
    steps.expect_if_new(connector, operation.account)


CHECK = StepPlan("check", "Check the account", steps.check_account, changes=False)
SET_MANAGER = StepPlan(
    "manager", "Set the manager", record_steps.set_manager, optional=True,
    wanted=asks(ForManager, lambda asked: asked.manager),
)  # fmt: skip
BLOCK = StepPlan("block", "Block the sign-in", steps.block_sign_in, owed=True)
REVOKE = StepPlan("revoke", "Revoke open sessions", steps.revoke_sessions, wanted=steps.has_sessions)
UNBLOCK = StepPlan("unblock", "Allow the sign-in", steps.unblock_sign_in)
SET_PASSWORD = StepPlan("password", "Set a temporary password", steps.set_password)
HAND_OVER = StepPlan("hand over", "Prepare the login information", hand_over, local=True, changes=False)
PASS = StepPlan("pass", "Make the pass and prepare the login information", hand_out_pass)
_with_pass = asks(AllowRequest, lambda asked: asked.with_pass)
_with_password = asks(AllowRequest, lambda asked: not asked.with_pass)
LOOK_FIRST = StepPlan(
    "look", "Check for an existing account", link_steps.look_first, changes=False,
    wanted=asks(CreateRequest, lambda asked: asked.look),
)  # fmt: skip
_sends_fields = asks(UpdateRequest, lambda asked: asked.fields)
LINK = StepPlan("link", "Link the account", link_steps.link_account)
READ_BACK = StepPlan("read back", "Read the account again", steps.read_back_active, changes=False)
READ_BACK_BLOCKED = replace(READ_BACK, run=steps.read_back_blocked)

VERBS: dict[Verb, VerbPlan] = {
    Verb.CREATE: VerbPlan(
        "create account",
        (
            LOOK_FIRST,
            StepPlan("create", "Create the account", steps.create_account, makes=True),
            StepPlan(
                "licence", "Assign the licence", licence_steps.assign_licence, optional=True,
                wanted=asks(CreateRequest, lambda asked: asked.licence_id),
            ),
            SET_MANAGER,
            replace(READ_BACK, run=steps.read_back_created),
            StepPlan(
                "company email", "Update the company email", record_steps.update_company_email, local=True,
                wanted=asks(CreateRequest, lambda asked: asked.update_company_email),
            ),
            replace(HAND_OVER, wanted=asks(CreateRequest, lambda asked: not asked.blocked)),
        ),
        begins=True, repeatable=False,
    ),
    Verb.ALLOW: VerbPlan(
        # What is handed over was read back before: the sign-in is allowed, and the password is the one that was set.
        "allow the sign-in",
        (
            CHECK, UNBLOCK, replace(SET_PASSWORD, wanted=_with_password), READ_BACK,
            replace(HAND_OVER, wanted=_with_password), replace(PASS, wanted=_with_pass),
        ),
        repeatable=False,
    ),
    Verb.PASS: VerbPlan("hand out a pass", (CHECK, PASS), repeatable=False),
    Verb.DEACTIVATE: VerbPlan(
        "deactivate account",
        (
            CHECK,
            BLOCK,
            REVOKE,
            StepPlan(
                "take licences", "Remove the licences", licence_steps.take_licences, optional=True,
                wanted=asks(DeactivateRequest, lambda asked: asked.take_licences),
            ),
            READ_BACK_BLOCKED,
        ),
    ),
    Verb.REACTIVATE: VerbPlan(
        "reactivate account",
        (
            CHECK,
            UNBLOCK,
            StepPlan(
                "give licences back", "Return the licences", licence_steps.give_licences_back, optional=True,
                wanted=asks(ReactivateRequest, lambda asked: asked.give_back),
            ),
            READ_BACK,
        ),
    ),
    Verb.LICENCE: VerbPlan(
        "change licences",
        (
            CHECK,
            StepPlan("licences", "Change the licences", licence_steps.change_licences),
            replace(READ_BACK, run=licence_steps.read_back_licences),
        ),
    ),
    Verb.RESEND: VerbPlan(
        "resend login information",
        (CHECK, SET_PASSWORD, HAND_OVER),
        repeatable=False,
    ),
    Verb.LINK: VerbPlan("link account", (LINK, SET_MANAGER), begins=True),
    Verb.RESTORE: VerbPlan(
        "restore account",
        (StepPlan("restore", "Restore the deleted account", link_steps.restore_account), LINK, SET_MANAGER),
        begins=True,
    ),
    Verb.UNLINK: VerbPlan(
        "unlink account", (StepPlan("unlink", "Remove the link", link_steps.unlink_account, local=True),)
    ),
    Verb.UPDATE: VerbPlan(
        "update account",
        (
            StepPlan("fields", "Send the HR record", record_steps.send_fields, wanted=_sends_fields),
            SET_MANAGER,
            replace(READ_BACK, run=record_steps.read_back_fields, wanted=_sends_fields),
        ),
    ),
}  # fmt: skip


for verb, plan in VERBS.items():
    registry.register(verb, replace(plan, feature=Feature.ACCOUNT_PROVISIONING, resume=resume))
