"""What the journals of operations say. See `carrying/journal.py`."""

from portal.carrying.journal import Journal
from portal.operations import registry
from portal.operations.models import Step

JOURNAL = Journal(Step, Step.operation, registry.OPERATIONS)
changing_steps, may_have_changed, may_have_made = (
    JOURNAL.changing_steps, JOURNAL.may_have_changed, JOURNAL.may_have_made,
)  # fmt: skip
owes, step_may_have_happened = JOURNAL.owes, JOURNAL.step_may_have_happened
