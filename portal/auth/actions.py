"""Sign in and out, and the sessions of a user."""

from datetime import timedelta

from portal import audit
from portal.auth import passwords, second_factor, throttle
from portal.auth.models import AccessLevel, PasswordReset, Session, User, hash_of
from portal.auth.passwords import PasswordRefused
from portal.database import now, transaction
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.problems import Problem

IDLE_LIMIT = timedelta(hours=12)
ABSOLUTE_LIMIT = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
# How long a password that was asked again is good for.
CHECK_LASTS = timedelta(minutes=10)


class WrongCredentials(Problem):
    """That email address and password do not belong together."""

    status = 422


class UserRefused(Problem):
    """This user cannot be created."""

    status = 422


def check_password(email: str, password: str, *, address: str, known_device: str = "") -> User:
    """The user these belong to. Raises WrongCredentials, the same for every reason, or throttle.TooManyTries.

    address: where the request came from. known_device: the name of a browser this user signed in with before.
    """
    email = email.strip().casefold()
    origin = throttle.Origin(email, address, known_device)
    throttle.check(origin)
    user = User.get_or_none(User.email == email)
    fits = passwords.fits(user.password_hash if user else passwords.hash_of_nobody(), password)
    if user is None or not fits or not user.enabled:
        throttle.refused(origin, user, "deactivated" if user and fits else "wrong password")
        raise WrongCredentials()
    if passwords.hasher.check_needs_rehash(user.password_hash):
        User.update(password_hash=passwords.hasher.hash(password)).where(User.id == user.id).execute()
    return user


def start_session(user: User, *, address: str, device: str, factors: str, password_given: bool = True) -> User:
    """Sign in a user who proved who they are. A fresh token: whatever the browser held before opens nothing.

    device: the browser's own words about itself. factors: what was proved, for the trail. password_given: False when
    another service vouched for them, so that whatever wants the password once more asks for it.
    """
    with transaction():
        user.session = Session.start(user, address=address, device=device, password_given=password_given)
        audit.record(user, "sign in", user, factors=factors)
    return user


def user_of_session(token: str) -> User | None:
    """The user whose sign-in this token is, unless the session ended or the user was disabled."""
    session = (
        Session.select(Session, User, Organisation)
        .join(User)
        .join(Organisation)
        .where(Session.token_hash == hash_of(token))
        .first()
    )
    moment = now()
    if session is None or session.last_seen_at + IDLE_LIMIT < moment or session.created_at + ABSOLUTE_LIMIT < moment:
        return None
    if session.last_seen_at + SEEN_EVERY < moment:
        Session.update(last_seen_at=moment).where(Session.id == session.id).execute()
    session.token = token
    session.user.session = session
    return session.user


def password_is_fresh(user: User) -> bool:
    """True when this session's user gave the password within CHECK_LASTS."""
    given = user.session.checked_at if user.session else None
    return given is not None and given + CHECK_LASTS >= now()


def check_again(user: User, password: str, *, address: str) -> None:
    """Take the password of somebody who is signed in once more. Raises as check_password does."""
    check_password(user.email, password, address=address, known_device=f"session {user.session.id}")  # type: ignore[union-attr]
    Session.update(checked_at=now()).where(Session.id == user.session.id).execute()  # type: ignore[union-attr]


def sign_out(user: User) -> None:
    """End this session: its cookie opens nothing any more."""
    with transaction():
        Session.delete().where(Session.id == user.session.id).execute()  # type: ignore[union-attr]
        audit.record(user, "sign out", user)


def sign_out_everywhere(user: User, *, by: User | None = None) -> None:
    """End every session of the user, and sign-ins that wait for their code. by: an Admin, if not the user."""
    with transaction():
        ended = Session.delete().where(Session.user == user).execute()
        second_factor.forget_halves(user)
        audit.record(by or user, "sign out everywhere", user, sessions=ended)


def sessions_of(user: User) -> list[Session]:
    """The sessions of the user that still open something, the latest first."""
    moment = now()
    return list(
        Session.select()
        .where(
            Session.user == user,
            Session.last_seen_at >= moment - IDLE_LIMIT,
            Session.created_at >= moment - ABSOLUTE_LIMIT,
        )
        .order_by(Session.last_seen_at.desc(), Session.id.desc())
    )


def end_session(user: User, session_id: int) -> bool:
    """End one of the user's own sessions; False when it is none of theirs."""
    with transaction():
        ended = Session.delete().where(Session.user == user, Session.id == session_id).execute()
        if ended:
            audit.record(user, "end session", user, session=session_id)
    return bool(ended)


def end_other_sessions(user: User) -> int:
    """End every session but this one. Runs inside the transaction of what made it necessary."""
    kept = user.session.id if user.session else 0
    return Session.delete().where(Session.user == user, Session.id != kept).execute()


def change_password(user: User, current: str, new: str, *, address: str) -> None:
    """Give the user a new password and end their other sessions. Raises WrongCredentials or PasswordRefused."""
    check_again(user, current, address=address)
    set_password(user, new, by=user)


def set_password(user: User, password: str, *, by: User | str) -> None:
    """Replace the password: other sessions and links of the user open nothing any more. Raises PasswordRefused."""
    password_hash = passwords.hashed(password, context=(user.email, user.name, user.organisation.name))
    with transaction():
        User.update(password_hash=password_hash).where(User.id == user.id).execute()
        PasswordReset.update(used_at=now()).where(PasswordReset.user == user, PasswordReset.used_at.is_null()).execute()
        second_factor.forget_halves(user)
        ended = end_other_sessions(user)
        audit.record(by, "set password", user, sessions_ended=ended)


def create_user(
    organisation: Organisation, email: str, password: str, access_level: AccessLevel, *, by: User | str = "command line"
) -> User:
    """Let somebody sign in. Tied to the employee of the same company email, so that Managers see their own reports.

    Raises UserRefused when the address is taken or malformed, or the password too short.
    """
    email = plain_email(email)
    try:
        password_hash = passwords.hashed(password)
    except PasswordRefused as problem:
        raise UserRefused(problem.message) from None
    if User.select().where(User.email == email).exists():
        raise UserRefused(f"Somebody already signs in as {email}.")
    with transaction():
        user = User.create(
            organisation=organisation, email=email, password_hash=password_hash, access_level=access_level,
            **as_employee(organisation, email),
        )  # fmt: skip
        audit.record(by, "create user", user, organisation=organisation, email=email, access_level=str(access_level))
    return user


def plain_email(email: str) -> str:
    """The address as it is kept. Raises UserRefused when it is none."""
    email = email.strip().casefold()
    plain = email.isprintable() and not any(letter in email for letter in ' ,;:<>()[]"\\')
    if "@" not in email[1:-1] or email.count("@") != 1 or len(email) > 254 or not plain:
        raise UserRefused(f"“{email[:80]}” is not an email address.")
    return email


def as_employee(organisation: Organisation, email: str) -> dict:
    """Who of the organisation's employees has this company email, and their name."""
    employee = Employee.get_or_none(Employee.organisation == organisation, Employee.company_email == email)
    return {"employee": employee, "name": employee.name if employee else ""}
