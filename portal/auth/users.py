"""Who may sign in to an organisation: change, deactivate, bring back. The last Admin stays one."""

from portal import audit
from portal.auth import second_factor
from portal.auth.models import AccessLevel, Session, User
from portal.database import take_turns, transaction
from portal.organisations.models import Organisation
from portal.problems import Problem


class LastAdmin(Problem):
    """This is the only Admin who can sign in. Without one, nobody could change settings or let anybody in."""

    next_step = "Make somebody else an Admin first."


def users_of(organisation: Organisation) -> list[User]:
    return list(User.select().where(User.organisation == organisation).order_by(User.enabled.desc(), User.email))


def change_user(user: User, *, name: str, access_level: AccessLevel, by: User) -> None:
    """Give the user this name and level. Raises LastAdmin."""
    before = {"name": user.name, "access_level": user.access_level}
    after = {"name": name, "access_level": str(access_level)}
    if before == after:
        return
    with transaction():
        if access_level != AccessLevel.ADMIN:
            _keep_an_admin(user)
        User.update(**after).where(User.id == user.id).execute()
        audit.record(by, "change user", user, email=user.email, before=before, after=after)


def deactivate(user: User, *, by: User | str) -> None:
    """The user cannot sign in any more, and every session of theirs ends. Raises LastAdmin."""
    with transaction():
        _keep_an_admin(user)
        User.update(enabled=False).where(User.id == user.id).execute()
        ended = Session.delete().where(Session.user == user).execute()
        second_factor.forget_halves(user)
        audit.record(by, "deactivate user", user, email=user.email, sessions_ended=ended)


def reactivate(user: User, *, by: User | str) -> None:
    """The user can sign in again, with the password they had."""
    with transaction():
        User.update(enabled=True).where(User.id == user.id).execute()
        audit.record(by, "reactivate user", user, email=user.email)


def _keep_an_admin(user: User) -> None:
    """Raises LastAdmin unless another one stays. Inside the change's transaction, so that two Admins who remove each
    other at the same moment take turns."""
    take_turns(Organisation, user.organisation_id)
    others = User.select().where(
        User.organisation == user.organisation_id,
        User.access_level == AccessLevel.ADMIN,
        User.enabled == True,  # noqa: E712
        User.id != user.id,
    )
    is_admin = User.get_by_id(user.id).access_level == AccessLevel.ADMIN
    if is_admin and not others.exists():
        raise LastAdmin()
