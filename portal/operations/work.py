"""What a step of an operation is given. What steps and verbs are made of: `carrying/work.py`."""

from dataclasses import dataclass

from portal.accounts.models import Account
from portal.carrying.work import Outcome as Outcome
from portal.carrying.work import StepPlan as StepPlan
from portal.carrying.work import VerbPlan as VerbPlan
from portal.connectors.base import Connector
from portal.operations.models import Operation


@dataclass(frozen=True)
class Work:
    """An operation under way. interrupted: an earlier try of this step got no answer, so it may have worked."""

    operation: Operation
    connector: Connector
    interrupted: bool = False

    @property
    def remote_id(self) -> str:
        return self.operation.results.get("remote_id") or self.account.remote_id

    @property
    def account(self) -> Account:
        """The account the operation is about. Only a create or a link has none, until its first step is done."""
        if self.operation.account is None:
            raise LookupError(f"operation {self.operation.id} has no account")
        return self.operation.account
