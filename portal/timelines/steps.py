"""The steps that the portal's own verbs carry out, and those that a person does."""

from portal.accounts import licences
from portal.accounts.licences import default_for
from portal.accounts.place import Place
from portal.accounts.units import unit_for
from portal.auth.models import User
from portal.connections import offer
from portal.connections.offer import name_of
from portal.connections.settings import NO_LICENCE
from portal.connectors import for_connection
from portal.group_rules import actions as group_actions
from portal.operations.models import Operation, State
from portal.operations.requests import AllowRequest, Verb
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions, usernames
from portal.provisioning.actions import AccountRequest
from portal.reporting_lines import successions
from portal.timelines import catalogue
from portal.timelines.catalogue import StepKind
from portal.timelines.models import TO_COME, PlannedStep


class CannotYet(Problem):
    """Something that the step needs is not there."""


def create_blocked(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Create the account, which stays blocked until the sign-in is allowed. Raises CannotYet."""
    employee, connection = place.employee, place.connection
    offer.read(connection)
    domain = next(iter(connection.domains), "")
    local_part = usernames.suggest(employee, connection, for_connection(connection), domain).local_part
    if not local_part:
        raise CannotYet("No similar username is free.", "Create the account on the tab Account provisioning.")
    licence_id = _licence(place) if "assign_licence" in step.parts else NO_LICENCE
    request = AccountRequest(
        username=f"{local_part}@{domain}", blocked=True, licence_id=licence_id,
        licence_name=name_of(connection, licence_id) if licence_id else "", unit=unit_for(employee, connection),
    )  # fmt: skip
    return actions.create_account(place, request, by=by)


def _licence(place: Place) -> str:
    """By the organisation's rules. Raises CannotYet."""
    found = default_for(place.employee, place.connection).licence_id
    if found is None:
        raise CannotYet("No licence is set for this person.", "Choose one in Settings, or create the account by hand.")
    if found and licences.lacks_country(place.employee, place.connection):
        raise CannotYet("A licence needs a country.", "Enter it on the Profile, then press Try again now.")
    return found


def allow_sign_in(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """With the pass in place of a password, where that is the next step: nobody needs both."""
    passes = PlannedStep.select().where(
        PlannedStep.itinerary == step.itinerary_id, PlannedStep.connection == step.connection_id,
        PlannedStep.key == "hand_out_pass", PlannedStep.state.in_(TO_COME),
    )  # fmt: skip
    return actions.allow_sign_in(place, with_pass=passes.exists(), by=by)


def hand_out_pass(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Raises NothingToDo when it went out as the sign-in was allowed."""
    done = (Operation.account == place.account) & (Operation.verb == Verb.ALLOW) & (Operation.state == State.DONE)
    allowed = Operation.select().where(done).order_by(Operation.id.desc()).first()
    if allowed is not None and allowed.request_as(AllowRequest).with_pass:
        raise actions.NothingToDo("It was handed over as the sign-in was allowed.")
    return actions.hand_out_pass(place, by=by)


def take_licences(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Take the account's own licences away. Raises NothingToDo when it has none."""
    return actions.change_licences(place, add=(), remove=licences.own_of(place.need_account()), by=by)


def hand_over_reports(employee: Employee, step: PlannedStep, by: "User | str") -> str:
    """Those who report to the leaver get the successor as their manager. Raises CannotTakeOver."""
    reports = len(list(successions.reports_of(employee)))
    if not reports:
        return f"Nobody reports to {employee.name}."
    if employee.successor is None:
        raise CannotYet("No new manager is chosen.", "Choose one under Reports on the Profile.")
    successions.move(employee, by=by)
    return f"{'1 person reports' if reports == 1 else f'{reports} people report'} to {employee.successor.name} now."


for kind in (
    StepKind("create_blocked", start=create_blocked, needs_account=False),
    StepKind("assign_licence", part_of="create_blocked", needs_account=False),
    StepKind("add_to_groups", part_of="create_blocked", needs_account=False),
    StepKind("allow_sign_in", start=allow_sign_in, undo="Deactivate"),
    StepKind("hand_out_pass", start=hand_out_pass),
    StepKind(
        "block", start=lambda place, step, by: actions.deactivate_account(place, by=by), undo="Reactivate", takes=True
    ),
    StepKind("revoke", part_of="block"),
    StepKind("take_licences", start=take_licences, after=("convert_mailbox",), takes=True),
    StepKind("swap_groups", start=lambda place, step, by: group_actions.swap_groups(place, by=by)),
    StepKind("ask_successor"),
    StepKind("convert_mailbox"),
    StepKind("hand_over", act=hand_over_reports),
    StepKind("block_for_leave", start=lambda place, step, by: actions.deactivate_account(place, by=by), takes=True),
    StepKind("allow_again", start=lambda place, step, by: actions.reactivate_account(place, by=by)),
):
    catalogue.register(kind)
