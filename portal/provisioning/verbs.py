"""What each verb about an account consists of: its steps, in order, as data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portal.connectors.base import Connector
from portal.hand_over.steps import hand_out_pass, hand_over
from portal.languages import gettext as _
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


CHECK = StepPlan("check", _("Check the account"), steps.check_account, changes=False)
SET_MANAGER = StepPlan(
    "manager", _("Set the manager"), record_steps.set_manager, optional=True,
    wanted=asks(ForManager, lambda asked: asked.manager),
)  # fmt: skip
BLOCK = StepPlan("block", _("Block the sign-in"), steps.block_sign_in, owed=True)
REVOKE = StepPlan("revoke", _("Revoke open sessions"), steps.revoke_sessions, wanted=steps.has_sessions)
UNBLOCK = StepPlan("unblock", _("Allow the sign-in"), steps.unblock_sign_in)
SET_PASSWORD = StepPlan("password", _("Set a temporary password"), steps.set_password)
HAND_OVER = StepPlan("hand over", _("Prepare the login information"), hand_over, local=True, changes=False)
PASS = StepPlan("pass", _("Make the pass and prepare the login information"), hand_out_pass)
_with_pass = asks(AllowRequest, lambda asked: asked.with_pass)
_with_password = asks(AllowRequest, lambda asked: not asked.with_pass)
LOOK_FIRST = StepPlan(
    "look", _("Check for an existing account"), link_steps.look_first, changes=False,
    wanted=asks(CreateRequest, lambda asked: asked.look),
)  # fmt: skip
_sends_fields = asks(UpdateRequest, lambda asked: asked.fields)
LINK = StepPlan("link", _("Link the account"), link_steps.link_account)
READ_BACK = StepPlan("read back", _("Read the account again"), steps.read_back_active, changes=False)
READ_BACK_BLOCKED = replace(READ_BACK, run=steps.read_back_blocked)

VERBS: dict[Verb, VerbPlan] = {
    Verb.CREATE: VerbPlan(
        _("create account"),
        (
            LOOK_FIRST,
            StepPlan("create", _("Create the account"), steps.create_account, makes=True),
            StepPlan(
                "licence", _("Assign the licence"), licence_steps.assign_licence, optional=True,
                wanted=asks(CreateRequest, lambda asked: asked.licence_id),
            ),
            SET_MANAGER,
            replace(READ_BACK, run=steps.read_back_created),
            StepPlan(
                "company email", _("Update the company email"), record_steps.update_company_email, local=True,
                wanted=asks(CreateRequest, lambda asked: asked.update_company_email),
            ),
            replace(HAND_OVER, wanted=asks(CreateRequest, lambda asked: not asked.blocked)),
        ),
        begins=True, repeatable=False,
    ),
    Verb.ALLOW: VerbPlan(
        # What is handed over was read back before: the sign-in is allowed, and the password is the one that was set.
        _("allow the sign-in"),
        (
            CHECK, UNBLOCK, replace(SET_PASSWORD, wanted=_with_password), READ_BACK,
            replace(HAND_OVER, wanted=_with_password), replace(PASS, wanted=_with_pass),
        ),
        repeatable=False,
    ),
    Verb.PASS: VerbPlan(_("hand out a pass"), (CHECK, PASS), repeatable=False),
    Verb.DEACTIVATE: VerbPlan(
        _("deactivate account"),
        (
            CHECK,
            BLOCK,
            REVOKE,
            StepPlan(
                "take licences", _("Remove the licences"), licence_steps.take_licences, optional=True,
                wanted=asks(DeactivateRequest, lambda asked: asked.take_licences),
            ),
            READ_BACK_BLOCKED,
        ),
    ),
    Verb.REACTIVATE: VerbPlan(
        _("reactivate account"),
        (
            CHECK,
            UNBLOCK,
            StepPlan(
                "give licences back", _("Return the licences"), licence_steps.give_licences_back, optional=True,
                wanted=asks(ReactivateRequest, lambda asked: asked.give_back),
            ),
            READ_BACK,
        ),
    ),
    Verb.LICENCE: VerbPlan(
        _("change licences"),
        (
            CHECK,
            StepPlan("licences", _("Change the licences"), licence_steps.change_licences),
            replace(READ_BACK, run=licence_steps.read_back_licences),
        ),
    ),
    Verb.RESEND: VerbPlan(
        _("resend login information"),
        (CHECK, SET_PASSWORD, HAND_OVER),
        repeatable=False,
    ),
    Verb.LINK: VerbPlan(_("link account"), (LINK, SET_MANAGER), begins=True),
    Verb.RESTORE: VerbPlan(
        _("restore account"),
        (StepPlan("restore", _("Restore the deleted account"), link_steps.restore_account), LINK, SET_MANAGER),
        begins=True,
    ),
    Verb.UNLINK: VerbPlan(
        _("unlink account"), (StepPlan("unlink", _("Remove the link"), link_steps.unlink_account, local=True),)
    ),
    Verb.UPDATE: VerbPlan(
        _("update account"),
        (
            StepPlan("fields", _("Send the HR record"), record_steps.send_fields, wanted=_sends_fields),
            SET_MANAGER,
            replace(READ_BACK, run=record_steps.read_back_fields, wanted=_sends_fields),
        ),
    ),
}  # fmt: skip


for verb, plan in VERBS.items():
    registry.register(verb, replace(plan, feature=Feature.ACCOUNT_PROVISIONING, resume=resume))
