"""The emails of a joiner's timeline: to the manager before the first day, and to the newcomer on its morning."""

from typing import Any

from portal.accounts.models import Account
from portal.auth.models import User
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.notices import delivery
from portal.notices.models import Kind, Notice
from portal.people.models import Employee
from portal.timelines import catalogue
from portal.timelines.catalogue import Continues, NotNeeded, StepKind
from portal.timelines.models import PlannedStep
from portal.timelines.steps import CannotYet


def tell_manager(employee: Employee, step: PlannedStep, by: "User | str") -> str:
    """Raises NotNeeded without a manager, CannotYet without an address."""
    manager = employee.manager
    if manager is None:
        raise NotNeeded(_("%(name)s has no manager, so no email was sent.", name=employee.name))
    if not manager.company_email:
        raise CannotYet(
            _("%(manager)s has no company email.", manager=manager.name),
            _("Enter it on their Profile, then do this step now."),
        )
    return _send(step, by, Kind.MANAGER, manager.company_email, {**_facts(employee), "manager": manager.name})


def welcome(employee: Employee, step: PlannedStep, by: "User | str") -> str:
    """To the private address: nobody reads a company mailbox before the first sign-in. Raises CannotYet without one."""
    if not employee.personal_email:
        raise CannotYet(
            _("%(name)s has no personal email.", name=employee.name),
            _("Enter it on the Profile, then do this step now."),
        )
    return _send(step, by, Kind.WELCOME, employee.personal_email, _facts(employee))


def foresee_manager(step: PlannedStep) -> str:
    manager = step.employee.manager
    if manager is None:
        return _("There is no manager on the Profile, so nobody is told.")
    return (
        ""
        if manager.company_email
        else _("%(manager)s has no company email. Enter it on their Profile.", manager=manager.name)
    )


def foresee_welcome(step: PlannedStep) -> str:
    return "" if step.employee.personal_email else _("There is no personal email. Enter it on the Profile.")


def _facts(employee: Employee) -> dict[str, str]:
    """What the texts say: of the account that the company email is from, else of the one that was connected first."""
    accounts = sorted(Account.all_live_of(employee), key=lambda one: not one.connection.gives_company_email)
    if not accounts:
        raise CannotYet(_("%(name)s has no account yet.", name=employee.name), _("Create it, then do this step now."))
    if employee.start_date is None:
        raise CannotYet(
            _("%(name)s has no start date.", name=employee.name), _("Enter it on the Profile, then do this step now.")
        )
    return {
        "service": accounts[0].connection.service, "username": accounts[0].username,
        "first_day": employee.start_date.isoformat(),
    }  # fmt: skip


def _send(step: PlannedStep, by: "User | str", kind: Kind, recipient: str, details: dict[str, Any]) -> str:
    """Put the step's one email in line, and say that it has gone out. Raises Continues until then, CannotYet."""
    with transaction():
        notice, made = Notice.get_or_create(
            step=str(step.id),
            defaults={
                "organisation": step.organisation_id, "employee": step.employee_id, "kind": kind,
                "recipient": recipient, "details": details,
            },
        )  # fmt: skip
    # A person has seen to what the mail server refused. One that may have arrived is not sent again.
    if not made and isinstance(by, User) and notice.was_refused:
        notice.recipient, notice.details, notice.problem = recipient, details, ""
        notice.made_at = notice.not_before = now()
        notice.save()
    if notice.sent_at is not None:
        return notice.sentence
    if notice.was_refused or notice.is_lost:
        raise CannotYet(notice.sentence)
    delivery.sweep()
    raise Continues(notice.sentence)


catalogue.register(StepKind("tell_manager", act=tell_manager, foresee=foresee_manager))
catalogue.register(StepKind("welcome_mail", act=welcome, foresee=foresee_welcome))
