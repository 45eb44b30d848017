"""The steps that the portal's own verbs carry out, and those that a person does."""

from dataclasses import replace

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
from portal.languages import gettext as _
from portal.languages import joined, ngettext
from portal.leaving import actions as leaving
from portal.leaving import replies
from portal.leaving.models import Conversion
from portal.operations.models import Operation, State
from portal.operations.requests import AllowRequest, Verb
from portal.people import reply_texts
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions, usernames
from portal.provisioning.actions import AccountRequest
from portal.reporting_lines import successions
from portal.timeline_templates.models import Template
from portal.timelines import catalogue
from portal.timelines.catalogue import StepKind
from portal.timelines.models import TO_COME, UNSETTLED, PlannedStep


class CannotYet(Problem):
    """Something that the step needs is not there."""


def create_blocked(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Create the account, which stays blocked until the sign-in is allowed. Raises CannotYet."""
    employee, connection = place.employee, place.connection
    offer.read(connection)
    domain = next(iter(connection.domains), "")
    local_part = usernames.suggest(employee, connection, for_connection(connection), domain).local_part
    if not local_part:
        raise CannotYet(_("No similar username is free."), _("Create the account on the tab Account provisioning."))
    licence_id = _licence(place) if "assign_licence" in step.parts else NO_LICENCE
    request = AccountRequest(
        username=f"{local_part}@{domain}", blocked=True, licence_id=licence_id,
        licence_name=name_of(connection, licence_id) if licence_id else "", unit=unit_for(employee, connection),
        groups="add_to_groups" in step.parts,
    )  # fmt: skip
    return actions.create_account(place, request, by=by)


def foresee_create(step: PlannedStep) -> str:
    """What is missing for the licence, as of now."""
    if step.connection is None or "assign_licence" not in step.parts:
        return ""
    try:
        _licence(Place.of(step.employee, step.connection))
    except CannotYet as problem:
        return joined(problem.message, problem.next_step)
    return ""


def _licence(place: Place) -> str:
    """By the organisation's rules. Raises CannotYet."""
    found = default_for(place.employee, place.connection).licence_id
    if found is None:
        raise CannotYet(
            _("No licence is set for this person."), _("Choose one in Settings, or create the account by hand.")
        )
    if found and licences.lacks_country(place.employee, place.connection):
        raise CannotYet(_("A licence needs a country."), _("Enter it on the Profile."))
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
        raise actions.NothingToDo(_("It was handed over when the sign-in was allowed."))
    return actions.hand_out_pass(place, by=by)


def leave(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Take the account through the last day: what the template has switched on, as one operation."""
    texts = _texts(step) if "reply" in step.parts else {"inside": "", "outside": ""}
    asked = leaving.request_for(
        place, inside=texts["inside"], outside=texts["outside"], forward="forward" in step.parts,
        forward_to=texts.get("forward_to", ""), groups="leave_groups" in step.parts, password="password" in step.parts,
        shared_mailbox=_has_step(step, "convert_mailbox"),
    )  # fmt: skip
    return leaving.leave(place, replace(asked, reports=asked.reports and "hand_over" in step.parts), by=by)


def _texts(step: PlannedStep) -> dict[str, str]:
    """The texts of the automatic reply, by the template that the timeline was made from."""
    itinerary = step.itinerary
    template = Template.get_or_none(Template.id == itinerary.template_id) if itinerary.template_id else None
    return {**reply_texts.DEFAULTS[itinerary.kind], **(template.texts if template else {})}


def _has_step(step: PlannedStep, key: str) -> bool:
    mine = (PlannedStep.itinerary == step.itinerary_id) & (PlannedStep.connection == step.connection_id)
    return PlannedStep.select().where(mine, PlannedStep.key == key, PlannedStep.state.in_(UNSETTLED)).exists()


def begin_absence(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Block the sign-in for a leave, with the reply until the return. Raises as leaving.begin_absence does."""
    employee, reply = place.employee, None
    if "reply_for_leave" in step.parts:
        heir, texts = leaving.heir_of(place), _texts(step)
        reply = replies.build(
            employee, heir.employee if heir else None, inside=texts["inside"], outside=texts["outside"],
            last_day=employee.leave_to,
        )  # fmt: skip
    return leaving.begin_absence(place, reply=reply, by=by)


def confirm_conversion(place: Place, by: User) -> None:
    """Ask the application whether the mailbox is shared by now. Raises CannotYet when it is not."""
    if leaving.conversion_of(place) == Conversion.PLANNED and not leaving.check_conversion(place, by=by):
        raise CannotYet(
            _("%(service)s does not show a shared mailbox yet.", service=place.service.name),
            _("Convert it there, wait a few minutes, then press Done again."),
        )


def skip_conversion(place: Place, by: User) -> None:
    if leaving.conversion_of(place) == Conversion.PLANNED:
        leaving.skip_conversion(place, by=by)


def conversion_settled(place: Place) -> str:
    found = leaving.conversion_of(place)
    return {Conversion.VERIFIED: "done", Conversion.SKIPPED: "skipped"}.get(found, "")


def hand_over_reports(employee: Employee, step: PlannedStep, by: "User | str") -> str:
    """Those who report to the leaver get the successor as their manager. Raises CannotTakeOver."""
    reports = len(list(successions.reports_of(employee)))
    if not reports:
        return _("Nobody reports to %(name)s.", name=employee.name)
    if employee.successor is None:
        raise CannotYet(_("No new manager is chosen."), _("Choose one under Reports on the Profile."))
    successions.move(employee, by=by)
    return ngettext(
        "%(num)s person reports to %(successor)s now.",
        "%(num)s people report to %(successor)s now.",
        reports,
        successor=employee.successor.name,
    )


for kind in (
    StepKind("create_blocked", start=create_blocked, verb=Verb.CREATE, needs_account=False, foresee=foresee_create),
    StepKind("assign_licence", part_of="create_blocked", needs_account=False),
    StepKind("add_to_groups", part_of="create_blocked", needs_account=False),
    StepKind("allow_sign_in", start=allow_sign_in, verb=Verb.ALLOW),
    StepKind("hand_out_pass", start=hand_out_pass, verb=Verb.PASS),
    StepKind(
        "swap_groups", start=lambda place, step, by: group_actions.swap_groups(place, by=by), verb=Verb.GROUPS,
        after=("change_fields",),
    ),
    StepKind("ask_successor"),
    StepKind("block", start=leave, verb=Verb.LEAVE, takes=True),
    *(StepKind(key, part_of="block") for key in ("revoke", "password", "reply", "forward", "leave_groups")),
    StepKind("hand_over", part_of="block", act=hand_over_reports),
    StepKind(
        "convert_mailbox", per_application=True, confirm=confirm_conversion, skip=skip_conversion,
        settled=conversion_settled,
    ),
    StepKind(
        "take_licences", start=lambda place, step, by: leaving.take_licences(place, by=by), verb=Verb.FREE_LICENCES,
        after=("convert_mailbox",), takes=True,
    ),
    StepKind("block_for_leave", start=begin_absence, verb=Verb.BEGIN_ABSENCE, takes=True),
    StepKind("reply_for_leave", part_of="block_for_leave"),
    StepKind(
        "allow_again", start=lambda place, step, by: leaving.end_absence(place, by=by), verb=Verb.END_ABSENCE
    ),
    StepKind("reply_off", part_of="allow_again"),
):  # fmt: skip
    catalogue.register(kind)
