"""What deleting an account consists of, and what becomes of its row."""

from portal.accounts.models import Account
from portal.database import now
from portal.deleting import steps
from portal.languages import gettext as _
from portal.operations import registry
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.operations.work import StepPlan, VerbPlan
from portal.organisations.plans import Feature
from portal.provisioning.verbs import CHECK

registry.register(
    Verb.DELETE,
    VerbPlan(
        _("delete account"),
        (
            CHECK,
            StepPlan(
                "mailbox", _("Look for a shared mailbox"), steps.look_at_mailbox, changes=False,
                wanted=steps.has_mailboxes,
            ),
            StepPlan("delete", _("Delete the account"), steps.delete, owed=False),
            StepPlan("read back", _("See that it is gone"), steps.read_back, changes=False),
        ),
        feature=Feature.ACCOUNT_PROVISIONING,
        once=_("Two Admins agreed to one try, which failed. Ask a second Admin again from the employee’s page."),
    ),
)  # fmt: skip


@registry.when_ended(Verb.DELETE)
def detach(operation: Operation) -> None:
    """The employee has the account no longer; the tab offers to restore it."""
    mine = (Account.id == operation.account_id) & Account.detached_at.is_null()
    Account.update(detached_at=now(), detached_by="deleted").where(mine).execute()
