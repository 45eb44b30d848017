"""Who may sign in to an organisation: change, deactivate, bring back. The last Admin stays one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal import audit, filters
from portal.auth import actions, links, proof
from portal.auth.models import AccessLevel, Invitation, Part, User, UserSource
from portal.database import lock_row, transaction
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.paging import PER_PAGE, Page, start_of
from portal.people import lists
from portal.problems import Problem

# What else ends when a user is no longer an Admin: called with the user, and who acts, within the transaction.
WITH_AN_ADMIN: list[Callable[[User, User | str], None]] = []


class NoBreakGlass(Problem):
    message = _("No Admin may always sign in with the password.")
    next_step = _(
        "Under Users, open an Admin who has two-step sign-in, and let them always use the password. Keep "
        "that password in a safe."
    )


class LastBreakGlass(NoBreakGlass):
    message = _(
        "Your organisation requires another way to sign in, and this is the only Admin who may always use the password."
    )
    next_step = _("First let another Admin with two-step sign-in always use the password.")


class NotStrong(Problem):
    message = _("Only an Admin with two-step sign-in can always sign in with the password.")


class FromElsewhere(Problem):
    message = _("A group or another system decides about this user’s access level.")
    next_step = _("Change it there, or choose “Decide here from now on” first.")


class LastAdmin(Problem):
    message = _(
        "This is the only Admin who can sign in. Without an Admin, nobody could change settings or invite users."
    )
    next_step = _("Make another user an Admin first.")


@dataclass(frozen=True)
class Filter(filters.Filter):
    """Which users are listed. q: a part of the name or the email."""

    q: str = filters.words()
    level: str = filters.one_of(AccessLevel)


def users_of(organisation: Organisation) -> Any:
    return User.select().where(User.organisation == organisation)


def page_of_users(organisation: Organisation, chosen: Filter, after: int | None) -> Page[User]:
    """One page of the users, by email. after: the user behind whom it begins."""
    found = users_of(organisation).order_by(User.email)
    if chosen.q:
        found = found.where(User.name.contains(chosen.q) | User.email.contains(chosen.q))
    if chosen.level:
        found = found.where(User.access_level == chosen.level)
    start = User.get_or_none(User.id == after, User.organisation == organisation) if after else None
    rows, more = start_of(found.where(User.email > start.email) if start else found, PER_PAGE)
    return Page(rows, start.id if start else None, rows[-1].id if more else None)


def source_of(user: User) -> UserSource | None:
    """What decides about the user's access, if no Admin does here."""
    found: UserSource | None = UserSource.get_or_none(UserSource.user == user)
    return found


def sources_of(organisation: Organisation) -> Any:
    """The same for all users of the organisation who have one, as a select."""
    return UserSource.select().where(UserSource.organisation == organisation)


def decide_here(user: User, *, by: User) -> None:
    """From now on Admins look after this user here. Access and level stay as they are."""
    with transaction():
        proof.hold_actor(by)
        source = source_of(user)
        if source is not None and source.delete_instance():
            audit.record(by, "decide on user here", user, email=user.email, before=source.label)


def hide_trial_notice(user: User) -> None:
    User.update(trial_notice_hidden=True).where(User.id == user.id).execute()


def choose_language(user: User, language: str) -> None:
    """Have the portal speak to the user in this language from now on; in the organisation's where it is empty."""
    User.update(language=language).where(User.id == user.id).execute()
    user.language = language


def show_trial_notice(organisation: Organisation) -> None:
    """To everybody of the organisation, also to those who hid it."""
    User.update(trial_notice_hidden=False).where(User.organisation == organisation).execute()


def withdraw_power(user: User, *, by: User | str) -> None:
    """Within a transaction: what an Admin set going, and another person would finish, ends with their being one."""
    for invitation in list(Invitation.select().where(Invitation.invited_by == user)):
        links.withdraw(invitation, by=by)
    for withdraw in WITH_AN_ADMIN:
        withdraw(user, by)


def change_user(
    user: User, *, name: str, access_level: AccessLevel, part: str = "", part_value: str = "", by: User | str,
    **detail: Any,
) -> None:  # fmt: skip
    """Give the user this name and level. part, part_value: as the columns of User. detail: for the audit log.

    Raises LastAdmin, NoBreakGlass; FromElsewhere when an Admin gives another level than the user's source does.
    """
    after: dict[str, Any] = {"name": name, "access_level": str(access_level)}
    if part or user.part:
        after |= {"part": part, "part_value": part_value}
    before = {field: getattr(user, field) for field in after}
    if before == after:
        return
    with transaction():
        lock_row(Organisation, user.organisation_id)
        proof.hold_actor(by)
        if isinstance(by, User) and before | {"name": name} != after and source_of(user):
            raise FromElsewhere()
        if access_level != AccessLevel.ADMIN:
            _keep_an_admin(user)
            _keep_break_glass(user)
            after |= {"break_glass": False} if user.break_glass else {}
            withdraw_power(user, by=by)
        User.update(**after).where(User.id == user.id).execute()
        audit.record(by, "change user", user, email=user.email, before=before, after=after, **detail)


def let_break_glass(user: User, allowed: bool, *, by: User) -> None:
    """Let this Admin always sign in with the password, or not any more. Raises NotStrong, NoBreakGlass."""
    with transaction():
        lock_row(Organisation, user.organisation_id)
        proof.hold_actor(by)
        current = User.get_by_id(user.id)
        if allowed and not (
            current.access_level == AccessLevel.ADMIN and current.enabled and current.has_second_factor
        ):
            raise NotStrong()
        if not allowed:
            _keep_break_glass(user)
        if User.update(break_glass=allowed).where(User.id == user.id, User.break_glass != allowed).execute():
            action = "let use the password always" if allowed else "no longer let use the password always"
            audit.record(by, action, user, email=user.email)


def break_glass_of(organisation: Organisation | int) -> Any:
    """A select of the Admins who can always sign in with the password."""
    return User.select().where(
        User.organisation == organisation, User.break_glass, User.enabled, User.access_level == AccessLevel.ADMIN
    )


def _keep_break_glass(user: User) -> None:
    """Raises LastBreakGlass where users have to sign in elsewhere and no other Admin could use the password."""
    if Organisation.get_by_id(user.organisation_id).outside_sign_in_required:
        others = break_glass_of(user.organisation_id).where(User.id != user.id)
        if User.get_by_id(user.id).break_glass and not others.exists():
            raise LastBreakGlass()


def deactivate(user: User, *, by: User | str) -> None:
    """The user cannot sign in any more; what is open or under way for them ends. Raises LastAdmin, NoBreakGlass."""
    with transaction():
        lock_row(Organisation, user.organisation_id)
        proof.hold_actor(by)
        _keep_an_admin(user)
        _keep_break_glass(user)
        withdraw_power(user, by=by)
        User.update(enabled=False).where(User.id == user.id).execute()
        ended = actions.end_everything(user)
        audit.record(by, "deactivate user", user, email=user.email, sessions_ended=ended)


def reactivate(user: User, *, by: User | str, **detail: Any) -> None:
    """The user can sign in again, with the password they had. detail: for the audit log.

    Raises FromElsewhere when an Admin brings back whom a source has ended.
    """
    with transaction():
        proof.hold_actor(by)
        source = source_of(user) if isinstance(by, User) else None
        if source is not None and source.ended_at is not None:
            raise FromElsewhere()
        User.update(enabled=True).where(User.id == user.id).execute()
        audit.record(by, "reactivate user", user, email=user.email, **detail)


def _follow_department(organisation: Organisation, field: str, old: str, new: str) -> None:
    """A department's HR keeps looking after the same people when it is renamed."""
    if field != Part.DEPARTMENT:
        return
    for model in (User, Invitation):
        held = (model.organisation == organisation) & (model.part == Part.DEPARTMENT) & (model.part_value == old)
        model.update(part_value=new).where(held).execute()


lists.FOLLOWS.append(_follow_department)


def _keep_an_admin(user: User) -> None:
    """Raises LastAdmin unless another one stays. Two Admins who remove each other at the same moment take turns."""
    others = User.select().where(
        User.organisation == user.organisation_id,
        User.access_level == AccessLevel.ADMIN,
        User.enabled == True,  # noqa: E712
        User.id != user.id,
    )
    is_admin = User.get_by_id(user.id).access_level == AccessLevel.ADMIN
    if is_admin and not others.exists():
        raise LastAdmin()
