"""What a change of the username consists of, and what follows it."""

from dataclasses import replace

from portal.languages import gettext as _
from portal.notices import delivery
from portal.operations import registry
from portal.operations.models import Operation
from portal.operations.requests import RenameRequest, Verb
from portal.operations.work import StepPlan, VerbPlan
from portal.organisations.plans import Feature
from portal.provisioning import record_steps
from portal.provisioning.verbs import CHECK, READ_BACK, VERBS
from portal.renaming import steps

registry.register(
    Verb.RENAME,
    VerbPlan(
        _("change the username"),
        (
            CHECK,
            StepPlan("rename", _("Change the username"), steps.change_username, owed=False),
            replace(READ_BACK, run=steps.read_back),
            StepPlan("addresses", _("Read the addresses"), steps.read_addresses, optional=True, changes=False),
            StepPlan(
                "company email", _("Update the company email"), record_steps.update_company_email, local=True,
                wanted=lambda operation: operation.request_as(RenameRequest).update_company_email,
            ),
            StepPlan(
                "tell", _("Prepare the email to the employee"), steps.tell, local=True, changes=False,
                wanted=lambda operation: bool(operation.request_as(RenameRequest).recipient),
            ),
        ),
        feature=Feature.ACCOUNT_PROVISIONING,
        resume=VERBS[Verb.CREATE].resume,
    ),
)  # fmt: skip


@registry.after(Verb.RENAME)
def send_its_email(operation: Operation) -> list[int]:
    delivery.sweep()
    return []
