"""What a change in groups consists of, and how a new account comes into the groups of the rules."""

from typing import Any

from peewee import IntegrityError

from portal.asking import kept
from portal.database import database
from portal.group_rules import steps
from portal.group_rules.models import GivenGroup
from portal.group_rules.rules import planned
from portal.languages import gettext as _
from portal.operations import registry
from portal.operations.models import Operation, State
from portal.operations.requests import CreateRequest, GroupsRequest, Verb
from portal.operations.work import StepPlan, VerbPlan
from portal.organisations.plans import Feature
from portal.provisioning.verbs import VERBS

registry.register(
    Verb.GROUPS,
    VerbPlan(
        _("change groups"),
        (
            StepPlan("check", _("Check the account and its groups"), steps.check_groups, changes=False),
            StepPlan("read back", _("Read the groups again"), steps.read_back_groups, changes=False),
        ),
        each=steps.each_group,
        feature=Feature.ACCOUNT_PROVISIONING,
        resume=VERBS[Verb.CREATE].resume,
    ),
)


@registry.when_ended(Verb.CREATE)
def owe_the_groups_of_the_rules(operation: Operation) -> None:
    """Write down which groups the new account is to join; a change of their own sees to it, so that no mail waits."""
    if operation.account is None or not operation.request_as(CreateRequest).groups:
        return
    joined = planned(operation.employee, operation.connection).join
    for group, name in joined.items():
        GivenGroup.insert(account=operation.account, group=group, group_name=name).on_conflict_ignore().execute()
    if joined:
        join_what_is_owed(operation)


@registry.when_ended(Verb.UPDATE, Verb.RESEND, Verb.ALLOW, Verb.LICENCE, Verb.REACTIVATE)
def join_what_is_owed(operation: Operation) -> None:
    """While something else is open for the employee, its end sees to it."""
    names = {row.group: row.group_name for row in _owed.rows(account=operation.account_id)}
    if not names:
        return
    try:
        with database.atomic():
            Operation.ask_for(
                GroupsRequest(add=sorted(names, key=names.__getitem__), names=names, by_rule=True),
                organisation=operation.organisation_id, employee=operation.employee_id,
                connection=operation.connection_id, account=operation.account,
                by=operation.by_id, by_name=operation.by_name,
            )  # fmt: skip
    except IntegrityError:
        pass


@kept
def _owed(*, account: Any) -> Any:
    return GivenGroup.select().where(GivenGroup.account == account, GivenGroup.given_at.is_null())


@registry.when_ended(Verb.GROUPS)
def owe_no_more(operation: Operation) -> None:
    """What was refused is told on the receipt, and not tried for ever."""
    GivenGroup.delete().where(GivenGroup.account == operation.account_id, GivenGroup.given_at.is_null()).execute()


@registry.after()
def go_on_with_groups(operation: Operation) -> list[int]:
    """Changes in groups that no worker has begun. Missed ones are found by the sweep."""
    return [operation_id for (operation_id,) in _changes.rows(employee=operation.employee_id)]


@kept
def _changes(*, employee: Any) -> Any:
    begun_by_nobody = (Operation.state == State.WAITING) & (Operation.attempts == 0) & (Operation.verb == Verb.GROUPS)
    return Operation.select(Operation.id).where(begun_by_nobody, Operation.employee == employee).tuples()
