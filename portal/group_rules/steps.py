"""How each step of a change in groups is done: one step for each group, so that each has its own outcome."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from portal.accounts.known import look_at
from portal.connectors.errors import NotFound, NotPermitted, Protected, Refused, TryLater
from portal.database import now
from portal.group_rules.models import GivenGroup
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.operations.models import Operation, Step, StepState
from portal.operations.requests import GroupsRequest
from portal.operations.work import Outcome, StepPlan, Work
from portal.provisioning.steps import NOT_YET
from portal.theirs.rules import why
from portal.user_sources.models import gives_much

GIVES_ACCESS = _("Its members have access to this portal, so the portal adds nobody to it.")
WHO_CAN = _("An administrator of the application can.")
Does = Callable[[Work, str], Outcome]


def each_group(operation: Operation) -> list[StepPlan]:
    """A step for each group that the operation names."""
    asked = operation.request_as(GroupsRequest)
    return [
        *_steps(asked, "leave", N_("Leave %(group)s"), asked.remove, leave),
        *_steps(asked, "join", N_("Join %(group)s"), asked.add, join),
    ]


def _steps(asked: GroupsRequest, key: str, title: str, groups: list[str], does: Does) -> Iterator[StepPlan]:
    for number, group in enumerate(groups):
        words = _(title, group=asked.names.get(group, group))
        # An id may be longer than the name of a step.
        yield StepPlan(f"{key} {number}", words, _for_group(does, group), optional=True)


def _for_group(does: Does, group: str) -> Callable[[Work], Outcome]:
    def run(work: Work) -> Outcome:
        with _named(work.operation.request_as(GroupsRequest).names.get(group, group)):
            return does(work, group)

    return run


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Within it, a refusal names the group and says what to do: the receipt shows it among others."""
    try:
        yield
    except (Refused, NotFound, NotPermitted, Protected) as error:
        words = error.message
        if name not in words:
            words = _("%(name)s: %(message)s", name=name, message=error.message)
        raise error.worded(joined(words, error.next_step), next_step=error.next_step) from error


def check_groups(work: Work) -> Outcome:
    """Look at the account and its groups before any is changed. Raises Protected for one that is left alone."""
    _, found = look_at(work.connector, work.account)
    if found:
        raise Protected(why(found))
    held = work.connector.groups_of(work.remote_id)
    return Outcome(
        before={N_("groups"): ", ".join(sorted(one.group.name for one in held if one.member)) or N_("none")},
        remember={"member_of": [one.group.id for one in held if one.member]},
    )


def _was_member(work: Work, group: str) -> bool:
    return group in work.operation.results.get("member_of", ())


def join(work: Work, group: str) -> Outcome:
    """A membership that was there before stays what it was: it is not put down as given by a rule."""
    asked = work.operation.request_as(GroupsRequest)
    if _was_member(work, group):
        return Outcome(note=_("Already a member."))
    if gives_much(work.operation.connection, group):
        raise Refused(GIVES_ACCESS, next_step=WHO_CAN, target="group")
    work.connector.add_to_group(work.remote_id, group)
    name, account = asked.names.get(group, group), work.account

    def save() -> None:
        if asked.by_rule:
            forget(account.id, group)
            GivenGroup.create(account=account, group=group, group_name=name[:256], given_at=now())

    return Outcome(after={N_("joined"): name}, save=save)


def leave(work: Work, group: str) -> Outcome:
    asked, account_id = work.operation.request_as(GroupsRequest), work.account.id
    if not _was_member(work, group):
        return Outcome(note=_("Not a member any more."), save=lambda: forget(account_id, group))
    work.connector.remove_from_group(work.remote_id, group)
    return Outcome(after={N_("left"): asked.names.get(group, group)}, save=lambda: forget(account_id, group))


def forget(account_id: int, group: str) -> None:
    GivenGroup.delete().where(GivenGroup.account == account_id, GivenGroup.group == group).execute()


def read_back_groups(work: Work) -> Outcome:
    """Read the groups again. Raises TryLater while they do not show what was done."""
    asked, held = work.operation.request_as(GroupsRequest), work.connector.groups_of(work.remote_id)
    members = {one.group.id for one in held if one.member}
    done = {step.name: step.after for step in _done(work.operation)}
    joined = {group for number, group in enumerate(asked.add) if done.get(f"join {number}")}
    left = {group for number, group in enumerate(asked.remove) if done.get(f"leave {number}")}
    if joined - members or left & members:
        raise TryLater(NOT_YET)
    return Outcome(after={N_("groups"): ", ".join(sorted(one.group.name for one in held if one.member)) or N_("none")})


def _done(operation: Operation) -> Any:
    return Step.select().where(Step.operation == operation, Step.state == StepState.DONE)
