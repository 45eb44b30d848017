"""What a group or another system says about a user's access: made, changed, ended, each within the portal's own rules.

No source takes the access of the last Admin, or of one who may always use the password: the Users page says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal import audit
from portal.auth import actions, passwords, users
from portal.auth.models import AccessLevel, Kind, User, UserSource, new_token
from portal.connections.models import Connection
from portal.database import lock_row, now, transaction
from portal.languages import gettext as _
from portal.mailboxes import ending
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.problems import Problem

ALWAYS = _("This Admin may always sign in with the password, so nothing takes their access.")


class CannotCome(Problem):
    """The portal cannot make a user of this person."""

    status = 403
    next_step = _("Ask an Admin of your organisation for an invitation.")


@dataclass(frozen=True)
class Given:
    """What a source gives a person. key, subject, group, name: as of UserSource. part: the columns of User, or nothing.

    let_in_by: the users who chose the source, for whom the person cannot approve anything for some days.
    """

    kind: Kind
    key: str
    subject: str
    name: str
    access_level: AccessLevel
    part: dict[str, str] = field(default_factory=dict)
    let_in_by: tuple[int, ...] = ()
    group: str = ""

    @property
    def actor(self) -> str:
        """Who did it, for the audit log."""
        return UserSource(kind=self.kind, name=self.name).label

    @property
    def told(self) -> dict[str, Any]:
        """Of who chose the source, for the audit log."""
        return {"let_in_by": list(self.let_in_by)} if self.let_in_by else {}


def own_domains(organisation: Organisation) -> set[str]:
    """The domains that the organisation has proved to own, at the applications that it is connected to."""
    return {domain.casefold() for one in Connection.all_live_of(organisation) for domain in one.domains}


def make(
    organisation: Organisation, given: Given, *, email: str, name: str, employee: Employee | None = None,
    also: Callable[[User], None] | None = None,
) -> User:  # fmt: skip
    """A new user, who has no password yet. Raises CannotCome, or UserRefused when the address signs in already.

    also: what is done in the same transaction. The address must be of the organisation's own domains: nobody becomes a
    user of a company without being asked.
    """
    email = actions.plain_email(email)
    if email.rpartition("@")[2] not in own_domains(organisation):
        raise CannotCome(
            _("%(email)s is not an address of your organisation’s own domains, so it gives no access.", email=email)
        )
    known = {"employee": employee, "name": employee.name} if employee else actions.as_employee(organisation, email)
    password_hash = passwords.hashed(new_token())
    with transaction():
        lock_row(Organisation, organisation.id)
        if User.select().where(User.email == email).exists():
            raise actions.UserRefused(_("Another user already signs in as %(email)s.", email=email))
        user = User.create(
            organisation=organisation, email=email, password_hash=password_hash, access_level=given.access_level,
            **given.part, **{**known, "name": known["name"] or name[:200]},
        )  # fmt: skip
        UserSource.create(
            organisation=organisation, user=user, kind=given.kind, key=given.key, subject=given.subject,
            name=given.name, group=given.group,
        )  # fmt: skip
        if also is not None:
            also(user)
        audit.record(
            given.actor, "create user", user, organisation=organisation, email=email,
            access_level=str(given.access_level), **given.told,
        )  # fmt: skip
    return user


def follow(source: UserSource, given: Given, *, name: str | None = None) -> None:
    """Give the user the level, and back the access that a source took; an Admin's Deactivate stays.

    name: another name for the user; None for the one they have.
    """
    user = User.get_by_id(source.user_id)
    part = given.part or {"part": "", "part_value": ""}
    problem = ""
    if user.break_glass and given.access_level != AccessLevel.ADMIN:
        _note(source, name=given.name, group=given.group, held=False, problem=ALWAYS)
        return
    with transaction():
        if source.ended_at is not None and not user.enabled:
            users.reactivate(user, by=given.actor, **given.told)
        try:
            users.change_user(
                user, name=user.name if name is None else name[:200], access_level=given.access_level,
                by=given.actor, **part, **given.told,
            )  # fmt: skip
        except (users.LastAdmin, users.NoBreakGlass) as refusal:
            problem = refusal.message
        _note(source, name=given.name, group=given.group, ended_at=None, held=False, problem=problem)


def end(source: UserSource) -> None:
    """Take the access of a user to whom the source gives none any more, unless nobody could be without them."""
    user = User.get_by_id(source.user_id)
    if not user.enabled:
        return
    if user.break_glass:
        _note(source, problem=ALWAYS, held=False)
        return
    try:
        with transaction():
            users.deactivate(user, by=source.label)
            _note(source, ended_at=now(), held=False, problem="")
    except (users.LastAdmin, users.NoBreakGlass) as refusal:
        _note(source, problem=refusal.message, held=False)
    else:
        ending.end_of(user, by=source.label)


def _note(source: UserSource, **values: Any) -> None:
    changed = {name: value for name, value in values.items() if getattr(source, name) != value}
    if changed:
        UserSource.update(**changed).where(UserSource.id == source.id).execute()
        for name, value in changed.items():
            setattr(source, name, value)


def hold(source: UserSource) -> None:
    """Ask an Admin before the access is taken."""
    _note(source, held=True)
