"""Adding, publishing, pausing and closing a vacancy, its team, and its stages' first form."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from anyascii import anyascii

from portal import audit
from portal.auth.models import AccessLevel, User
from portal.database import now
from portal.languages import current, in_language, pgettext
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.recruitment import actions, choices
from portal.recruitment.models import Application, Ended, Part, Stage, StageKind, TeamMember, Vacancy, VacancyState

FIRST_STAGES = (
    (pgettext("stage", "New"), StageKind.NEW), (pgettext("stage", "Screening"), StageKind.SCREENING),
    (pgettext("stage", "Interview"), StageKind.INTERVIEW), (pgettext("stage", "Offer"), StageKind.OFFER),
)  # fmt: skip
LONGEST_ADDRESS = 60


class CannotPublish(Problem):
    """The vacancy cannot be published as it is."""


class ChangedMeanwhile(Problem):
    """Another user changed this vacancy after the form was opened. current: the vacancy as it is now."""

    title = _("Somebody else was faster")
    next_step = _("Look at what was changed, and edit it again.")

    def __init__(self, current: Vacancy):
        super().__init__(_("Another user changed this vacancy after the form was opened."))
        self.current = current


class CannotJoin(Problem):
    """The user cannot work on this vacancy."""


def add(organisation: Organisation, values: dict[str, Any], *, by: User) -> Vacancy:
    """A vacancy in draft, with the usual stages. values: by the row's fields."""
    with audit.turn(organisation.id):
        choices.begin(organisation)
        vacancy = Vacancy.create(
            organisation=organisation, owner=by, address=free_address(organisation, values["title"]), **values
        )
        for position, (name, kind) in enumerate(FIRST_STAGES, 1):
            Stage.create(
                organisation=organisation,
                vacancy=vacancy,
                position=position,
                name=in_language(name, current()),
                kind=kind,
            )
        _bring_in_hiring_manager(vacancy)
        audit.record(by, "add vacancy", vacancy)
    return vacancy


def free_address(organisation: Organisation, title: str) -> str:
    """A word for the vacancy's address, made of its title, that no other vacancy of the organisation has."""
    plain = re.sub(r"[^a-z0-9]+", "-", anyascii(title).casefold()).strip("-")[:LONGEST_ADDRESS].strip("-") or "vacancy"
    taken = Vacancy.select(Vacancy.address).where(
        Vacancy.organisation == organisation, Vacancy.address.startswith(plain)
    )
    addresses, number = {one.address for one in taken}, 1
    while (address := plain if number == 1 else f"{plain}-{number}") in addresses:
        number += 1
    return address


def seen(vacancy: Vacancy, fields: Iterable[str]) -> str:
    """A short word for what these fields say: another one as soon as any of them differs."""
    values = [(name, vacancy.__data__[name]) for name in sorted(fields)]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def edit(vacancy: Vacancy, values: dict[str, Any], *, by: User, opened_as: str | None = None) -> list[str]:
    """Change the fields that differ; returns their names. Its address stays as it is.

    opened_as: seen() of these fields when the person began to edit; None to change it whatever happened since.
    Raises ChangedMeanwhile.
    """
    with audit.turn(vacancy.organisation_id):
        current = Vacancy.get_by_id(vacancy.id)
        changed = [name for name, value in values.items() if getattr(current, name) != value]
        if not changed:
            return []
        if opened_as is not None and opened_as != seen(current, values):
            raise ChangedMeanwhile(current)
        for name in changed:
            setattr(current, name, values[name])
        current.save()
        if "hiring_manager" in changed:
            _bring_in_hiring_manager(current)
        audit.record(by, "edit vacancy", current, fields=changed)
    return changed


def _bring_in_hiring_manager(vacancy: Vacancy) -> None:
    """The hiring manager works on the vacancy, if they sign in to the portal as a Manager or an Admin."""
    if vacancy.hiring_manager_id is None:
        return
    levels = (AccessLevel.MANAGER, AccessLevel.ADMIN)
    user = User.get_or_none(User.employee == vacancy.hiring_manager_id, User.enabled, User.access_level.in_(levels))
    if user is not None:
        values = {"organisation": vacancy.organisation_id, "vacancy": vacancy, "user": user}
        TeamMember.insert(part=Part.HIRING_MANAGER, **values).on_conflict_ignore().execute()


def publish(vacancy: Vacancy, *, by: User) -> None:
    """Show it outside, and take applications. Raises CannotPublish."""
    with audit.turn(vacancy.organisation_id):
        current = Vacancy.get_by_id(vacancy.id)
        if not current.description.strip():
            raise CannotPublish(
                _("Nobody outside could read what it is about."), _("Write a description on Details first.")
            )
        if current.is_over:
            raise CannotPublish(
                _("Its last day for applications has passed."), _("Choose a later day on Details first.")
            )
        if current.state == VacancyState.OPEN:
            return
        current.state, current.published_at = VacancyState.OPEN, current.published_at or now()
        current.save()
        audit.record(by, "publish vacancy", current)


def pause(vacancy: Vacancy, *, by: User) -> None:
    """Take no applications for a while. Those there are stay as they are."""
    with audit.turn(vacancy.organisation_id):
        current = Vacancy.get_by_id(vacancy.id)
        if current.state == VacancyState.OPEN:
            current.state = VacancyState.PAUSED
            current.save()
            audit.record(by, "pause vacancy", current)


def close(vacancy: Vacancy, *, by: User, reason: str = "", end_all: bool = False) -> int:
    """Take no applications any more. Returns how many applications this ended.

    end_all: end those that are still open as not taken, for this reason; else they stay where they are.
    """
    with audit.turn(vacancy.organisation_id):
        current = Vacancy.get_by_id(vacancy.id)
        still = list(open_applications(current)) if end_all else []
        for application in still:
            actions.end_within(application, Ended.NOT_TAKEN, by=by, reason=reason)
        if current.state != VacancyState.CLOSED:
            current.state = VacancyState.CLOSED
            current.save()
            audit.record(by, "close vacancy", current, applications_ended=len(still))
    return len(still)


def open_applications(vacancy: Vacancy) -> Any:
    """The applications for the vacancy that have not ended, as a select."""
    return Application.select().where(Application.vacancy == vacancy, Application.ended.is_null())


def add_member(vacancy: Vacancy, user: User, part: Part, *, by: User) -> None:
    """Let the user work on the vacancy, or give them another part in it. Raises CannotJoin."""
    if part != Part.INTERVIEWER and user.access_level == AccessLevel.EMPLOYEE:
        raise CannotJoin(
            _("%(user)s has the access level Employee, and would see nothing here.", user=user.display_name),
            _("Choose Interviewer, or make them a Manager under Settings > Users first."),
        )
    with audit.turn(vacancy.organisation_id):
        mine = (TeamMember.vacancy == vacancy) & (TeamMember.user == user)
        values = {"organisation": vacancy.organisation_id, "vacancy": vacancy, "user": user}
        TeamMember.insert(part=part, **values).on_conflict_ignore().execute()
        TeamMember.update(part=part).where(mine).execute()
        audit.record(by, "add to hiring team", vacancy, user=user.display_name, part=part)


def remove_member(member: TeamMember, *, by: User) -> None:
    """The user no longer works on the vacancy, and does not see it unless they are an Admin."""
    with audit.turn(member.organisation_id):
        member.delete_instance()
        audit.record(by, "remove from hiring team", member.vacancy, user=member.user.display_name)
