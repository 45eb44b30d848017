"""Erasing the personal data of a leaver: what stays says what was done and when, but not to whom."""

import json
from datetime import timedelta
from typing import Any

from portal import audit
from portal.accounts.models import Account, Status
from portal.audit import AuditEntry
from portal.auth.models import Invitation, LinkedSignIn, Session, User, UserSource
from portal.candidate_care import erasing as candidate_care
from portal.database import now, transaction
from portal.erasure import mentions
from portal.erasure.mentions import ERASED, Words
from portal.feeds import running as feeds
from portal.foresight.models import Foresight
from portal.hand_over.models import LoginMail
from portal.incoming.models import LeavingProposal
from portal.languages import gettext as _
from portal.leaving.models import Snapshot
from portal.mailboxes.models import Mailbox
from portal.matching.models import FoundAccount, Reading
from portal.notices.models import Notice
from portal.operations.models import OPEN, Operation, Step
from portal.people import addresses, lists, photos, rules
from portal.people.models import Employee
from portal.people.searching import forget_what_was_removed
from portal.portraits.models import PictureBefore
from portal.problems import Problem
from portal.recruitment.models import Application, Candidate
from portal.runs.models import RunLine
from portal.scim.models import ScimPerson
from portal.sync.differences import Difference
from portal.templating import local_date
from portal.theirs.models import Declined
from portal.timelines.models import Itinerary, PlannedStep
from portal.user_scim.models import ScimUser
from portal.webhooks.models import Delivery, Receiver
from portal.webhooks.models import Kind as ReceiverKind
from portal.webhooks.models import State as DeliveryState


class NotYet(Problem):
    message = _("The personal data cannot be erased yet.")


def check(employee: Employee) -> None:
    """Raises NotYet with the reason when the employee's data must still be there."""
    today = now().astimezone(employee.organisation.zone).date()
    if employee.end_date is None:
        raise NotYet(_("This person has not left the organisation."), _("Enter the end date on the Profile first."))
    if employee.end_date >= today:
        first_day = local_date(employee.end_date + timedelta(days=1))
        raise NotYet(_("You can do this from %(first_day)s, the day after the last day.", first_day=first_day))
    if any(account.status == Status.ACTIVE for account in Account.all_live_of(employee)):
        raise NotYet(_("Their account is still active."), _("Deactivate it on the tab Account provisioning first."))
    if Operation.select().where(Operation.employee == employee, Operation.state.in_(OPEN)).exists():
        raise NotYet(_("A change is under way for their account."), _("Wait until it has finished."))
    theirs = (User.employee == employee) | User.email.in_(mentions.addresses_of(employee))
    if User.select().where(User.organisation == employee.organisation_id, theirs, User.enabled).exists():
        raise NotYet(_("They can still sign in to this portal."), _("Deactivate them under Settings > Users first."))


def erase(employee: Employee, *, by: User) -> None:
    """Wipe every personal value of a former employee, here and not at the application. Cannot be undone.

    Raises NotYet. The account in the tenant stays as it is; the portal no longer knows whose it was. Who did what stays
    named, in the audit log and on receipts, when they were users of the portal.
    """
    check(employee)
    words = Words.of(employee)
    # Reading all receipts takes long, so other processes can write meanwhile.
    last = mentions.last_line(employee.organisation)
    elsewhere = list(mentions.rows_in(employee.organisation, words))
    lines = mentions.lines_of_trail(words, employee)
    with transaction():
        check(employee)
        mentions.wipe(elsewhere, words)
        lines += mentions.lines_of_trail(words, employee, after=last)
        _erase_operations(employee)
        _erase_accounts(employee)
        about = list(AuditEntry.select().where(_is_about(employee) | AuditEntry.id.in_(lines)))
        _erase_users(employee)
        for candidate in list(Candidate.select().join(Application).where(Application.employee == employee)):
            candidate_care.erase(candidate, by=by)
        feeds.forget_person(employee)
        _erase_messages(employee, words)
        audit.erase(employee.organisation, about, by=by, subject=_erase_record(employee))
    forget_what_was_removed()


def _erase_operations(employee: Employee) -> None:
    mine = Operation.select(Operation.id).where(Operation.employee == employee)
    Step.update(calls=[], before=None, after=None, note="").where(Step.operation.in_(mine)).execute()
    Operation.update(requested={}, username="", results={}, message="", next_step="", encrypted_password="").where(
        Operation.employee == employee
    ).execute()
    RunLine.update(before="", after="", username="", remote_id="", reason="").where(
        RunLine.employee == employee
    ).execute()
    PlannedStep.update(reason="").where(PlannedStep.employee == employee).execute()
    Itinerary.update(options={}).where(Itinerary.employee == employee).execute()
    LeavingProposal.delete().where(LeavingProposal.employee == employee).execute()
    same = (ScimPerson.organisation == employee.organisation_id) & (ScimPerson.number == employee.employee_number)
    ScimPerson.delete().where((ScimPerson.employee == employee) | same).execute()


def _erase_messages(employee: Employee, words: Words) -> None:
    """What channels of the organisation were told: it names people, and those who read it there have it there.

    What they are still to be told goes where it names this one.
    """
    channels: Any = Receiver.select(Receiver.id).where(
        Receiver.organisation == employee.organisation_id, Receiver.kind != ReceiverKind.WEBHOOK
    )
    theirs, waits = Delivery.receiver.in_(channels), Delivery.state.in_((DeliveryState.WAITING, DeliveryState.SENDING))
    untold = Delivery.select(Delivery.id, Delivery.body).where(theirs, waits)
    kept = [one.id for one in untold if words.without(said := json.loads(one.body)) == said]
    Delivery.delete().where(theirs, Delivery.id.not_in(kept)).execute()


def _erase_accounts(employee: Employee) -> None:
    mine = Account.select(Account.id).where(Account.employee == employee)
    LoginMail.update(recipient="", encrypted_password="", encrypted_link="", problem="", message_id="").where(
        LoginMail.account.in_(mine)
    ).execute()
    Notice.delete().where(Notice.employee == employee).execute()
    PictureBefore.delete().where(PictureBefore.account.in_(mine)).execute()
    Difference.delete().where(Difference.account.in_(mine)).execute()
    Declined.delete().where(Declined.employee == employee).execute()
    Snapshot.delete().where(Snapshot.employee == employee).execute()
    Foresight.delete().where(Foresight.account.in_(mine)).execute()
    theirs: Any = Account.select(Account.remote_id).where(Account.employee == employee)
    found = (FoundAccount.employee == employee) | FoundAccount.remote_id.in_(theirs)
    readings: Any = Reading.select(Reading.id).where(Reading.organisation == employee.organisation_id)
    FoundAccount.delete().where(found, FoundAccount.reading.in_(readings)).execute()
    wiped: dict[Any, Any] = {
        Account.remote_id: "", Account.username: "", Account.display_name: "", Account.email: "",
        Account.manager_shown: None, Account.manager_remote_id: None, Account.fields_sent: None,
        Account.detached_by: "erased",
    }  # fmt: skip
    Account.update(detached_at=now()).where(Account.employee == employee, Account.detached_at.is_null()).execute()
    Account.update(wiped).where(Account.employee == employee).execute()


def _erase_users(employee: Employee) -> None:
    """Their own sign-ins to the portal, which `check` has found deactivated, and invitations to make one."""
    mine = Invitation.email.in_(mentions.addresses_of(employee))
    Invitation.delete().where(Invitation.organisation == employee.organisation_id, mine).execute()
    for user in list(mentions.users_of(employee)):
        Session.delete().where(Session.user == user).execute()
        LinkedSignIn.delete().where(LinkedSignIn.user == user).execute()
        UserSource.delete().where(UserSource.user == user).execute()
        ScimUser.delete().where(ScimUser.user == user).execute()
        Mailbox.delete().where(Mailbox.user == user).execute()
        user.name, user.email, user.password_hash, user.encrypted_totp = ERASED, f"erased-{user.id}@invalid", "", ""
        user.save()


def _erase_record(employee: Employee) -> Employee:
    employee.employee_number = f"erased-{employee.id}"
    employee.first_name, employee.last_name, employee.preferred_name = ERASED, "", ""
    for name in set(rules.TEXTS) - {"employee_number", "first_name", "last_name", "preferred_name"}:
        setattr(employee, name, "")
    employee.manager, employee.second_manager = None, None
    employee.start_date, employee.leave_from, employee.leave_to = None, None, None
    # Other systems learn of it by asking what has changed.
    employee.changed_at = now()
    photos.forget(employee)
    lists.forget(employee)
    employee.save()
    addresses.forget(employee)
    return employee


def _is_about(employee: Employee) -> Any:
    users: Any = mentions.users_of(employee).select(User.id)
    theirs = (AuditEntry.subject_kind == "Employee") & (AuditEntry.subject_id == employee.id)
    theirs |= (AuditEntry.subject_kind == "User") & AuditEntry.subject_id.in_(users)
    return (AuditEntry.organisation == employee.organisation_id) & theirs
