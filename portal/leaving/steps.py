"""The steps of a leaver's day, and of a leave of absence."""

from dataclasses import replace

from portal.accounts.known import look_at, remember_account, shown, to_compare_with
from portal.connections.offer import names_of
from portal.connectors import SERVICES
from portal.connectors.errors import Protected, Refused, TryLater
from portal.connectors.mailboxes import ReplyStatus
from portal.connectors.values import RemoteAccount
from portal.hand_over.steps import withdraw_mails
from portal.languages import N_
from portal.languages import gettext as _
from portal.leaving import snapshots
from portal.leaving.models import Conversion, Kind, Snapshot
from portal.leaving.requests import FreeLicencesRequest, LeaveRequest
from portal.operations.models import Operation, Step, StepState
from portal.operations.requests import Verb
from portal.operations.work import Outcome, Work
from portal.provisioning import steps
from portal.provisioning.steps import NOT_YET
from portal.reporting_lines import successions
from portal.reporting_lines.successions import CannotTakeOver
from portal.theirs.rules import why


def check(work: Work) -> Outcome:
    """Look at the account before it is changed. Raises Protected when it is one that the portal leaves alone."""
    remote, found = look_at(work.connector, work.account)
    if found:
        raise Protected(why(found))
    if work.operation.verb == Verb.FREE_LICENCES:
        remote = _with_licences(work, remote)
    return Outcome(before=shown(remote), remember={**to_compare_with(remote), "enabled": bool(remote.enabled)})


def _with_licences(work: Work, remote: RemoteAccount) -> RemoteAccount:
    """The account with its licences, where they are asked for apart."""
    if remote.licence_ids is not None or not SERVICES[work.operation.connection.service].capabilities.has_licences:
        return remote
    return work.connector.with_licences(remote, list(work.account.licence_ids))


def note_leaver(work: Work) -> Outcome:
    wanted = work.operation.request_as(LeaveRequest).shared_mailbox
    return _note(work, Kind.LEAVER, shared_mailbox=Conversion.PLANNED if wanted else Conversion.NOT_WANTED)


def note_before_licences(work: Work) -> Outcome:
    return _note(work, Kind.LEAVER)


def note_absence(work: Work) -> Outcome:
    return _note(work, Kind.ABSENCE)


def _note(work: Work, kind: Kind, **values: str) -> Outcome:
    """Note what the account has before any of it is taken; it is encrypted, and read back before the step is done.

    Whether the sign-in was allowed is as the first step found it.
    """
    remote = _with_licences(work, work.connector.find(work.remote_id))
    remote = replace(remote, enabled=work.operation.results.get("enabled", remote.enabled))
    contents = snapshots.read(work.connector, work.operation, remote)

    def save() -> None:
        snapshots.keep(work, contents, kind, **values)

    return Outcome(before=contents.in_words(work.operation.connection), save=save)


def hand_over_reports(work: Work) -> Outcome:
    """Those who report to the leaver get the successor as their manager. Raises Refused, and moves none."""
    operation = work.operation
    leaver = operation.employee
    reports, successor = list(successions.reports_of(leaver)), leaver.successor
    if not reports:
        return Outcome(note=_("Nobody reports to %(leaver)s.", leaver=leaver.name))
    try:
        if successor is None:
            raise CannotTakeOver(_("No new manager is chosen."), _("Choose one under Reports on the Profile."))
        successions.check(leaver, successor)
    except CannotTakeOver as problem:
        raise Refused(
            _("The reports were not handed over. %(message)s", message=problem.message), next_step=problem.next_step
        ) from problem

    def save() -> None:
        successions.move(leaver, by=operation.by or operation.by_name or "portal")

    names = ", ".join(report.name for report in reports)
    return Outcome(before={N_("reports"): names}, after={N_("they report to"): successor.name}, save=save)


def set_random_password(work: Work) -> Outcome:
    """The present password stops working, so none that waits is handed over. Nobody learns the one in its place."""
    service = SERVICES[work.operation.connection.service]
    work.connector.set_password(work.remote_id, service.temporary_password(work.account.username))
    return Outcome(
        after={N_("password"): _("a random one that nobody knows")}, save=lambda: withdraw_mails(work.account)
    )


def take_licences(work: Work) -> Outcome:
    """Take the account's own licences away. Which they were is in the results since the first step."""
    noted = work.operation.results["own_licences"]
    remote = work.connector.with_licences(work.connector.find(work.remote_id), noted)
    own = remote.own_licence_ids if remote.own_licence_ids is not None else remote.licence_ids
    taken = sorted((own or frozenset()) & frozenset(noted))
    work.connector.assign_licences(work.remote_id, add=[], remove=taken)
    names = names_of(work.operation.connection, noted) | work.operation.request_as(FreeLicencesRequest).names
    words = ", ".join(sorted(names[key] for key in noted)) or N_("none")
    parts = {key: list(remote.switched_off.get(key, ())) for key in noted}
    return Outcome(
        before={N_("licences"): words}, after={N_("licences"): N_("removed")}, remember={"licences_taken": noted},
        save=lambda: snapshots.keep_licences(work.operation, parts),
    )  # fmt: skip


def read_back_free(work: Work) -> Outcome:
    """Read the account again. Raises TryLater while it shows a licence that was taken."""
    noted = work.operation.results["own_licences"]
    remote = work.connector.with_licences(work.connector.find(work.remote_id), noted)
    own = remote.own_licence_ids if remote.own_licence_ids is not None else remote.licence_ids
    if frozenset(noted) & (own or frozenset()):
        raise TryLater(NOT_YET)
    account = work.account
    return Outcome(after=shown(remote), save=lambda: remember_account(account, remote))


def read_back_left(work: Work) -> Outcome:
    """Read the account again, and what was changed about its mail. Raises TryLater while that does not show."""
    _read_back_reply(work)
    return steps.read_back_blocked(work)


def _read_back_reply(work: Work) -> None:
    if not step_is_done(work.operation, "reply"):
        return
    reply = work.connector.mailbox(work.remote_id).reply
    if reply is None or reply.status is ReplyStatus.OFF:
        raise TryLater(NOT_YET)


def step_is_done(operation: Operation, name: str) -> bool:
    """Whether the operation has done this step, and not only passed it over."""
    mine = (Step.operation == operation) & (Step.name == name) & (Step.state == StepState.DONE)
    return any(step.after for step in Step.select().where(mine))


def may_have_happened(operation: Operation, name: str) -> bool:
    """Whether the step was done, or a try of it may have worked although the step was refused in the end."""
    mine = (Step.operation == operation) & (Step.name == name)
    steps = list(Step.select().where(mine))
    changes = [call for step in steps for call in step.calls if call["method"] != "GET" and call["arrived"]]
    answered = [call["status"] for call in changes]
    return any(step.state == StepState.DONE for step in steps) or any(
        status is None or status < 300 or status >= 500 for status in answered
    )


def snapshot_of(operation: Operation, number: int) -> Snapshot:
    """What was noted, by its number. Raises LookupError when it is not there, or somebody else's."""
    found = Snapshot.get_or_none(
        Snapshot.id == number, Snapshot.employee == operation.employee_id,
        Snapshot.connection == operation.connection_id,
    )  # fmt: skip
    if found is None:
        raise LookupError(f"operation {operation.id} has no snapshot {number}")
    return found
