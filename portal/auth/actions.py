"""Sign in, sign out, and the users of an organisation."""

from datetime import timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal import audit
from portal.auth.models import AccessLevel, Session, User
from portal.database import now, transaction
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.problems import Problem

IDLE_LIMIT = timedelta(hours=12)
ABSOLUTE_LIMIT = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
SHORTEST_PASSWORD = 12

hasher = PasswordHasher()


class WrongCredentials(Problem):
    """That email address and password do not belong together."""

    status = 422


class UserRefused(Problem):
    """This user cannot be created."""

    status = 422


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    """Checked when the address is unknown, so that an answer takes as long as for a known one."""
    return hasher.hash("nobody has this password")


def sign_in(email: str, password: str, *, address: str, device: str) -> User:
    """Start a session for the user with this address. Raises WrongCredentials, the same for every reason.

    address: where the request came from. device: the browser's own words about itself.
    """
    user = User.get_or_none(User.email == email.strip().casefold())
    fits = _fits(user.password_hash if user else _hash_of_nobody(), password)
    if user is None or not fits or not user.enabled:
        raise WrongCredentials()
    with transaction():
        if hasher.check_needs_rehash(user.password_hash):
            user.password_hash = hasher.hash(password)
            user.save(only=[User.password_hash])
        user.session = Session.start(user, address=address, device=device)
        audit.record(user, "sign in", user, address=address)
    return user


def _fits(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def user_of_session(token: str) -> User | None:
    """The user whose sign-in this token is, unless the session ended or the user was disabled."""
    session = (
        Session.select(Session, User, Organisation)
        .join(User)
        .join(Organisation)
        .where(Session.token_hash == Session.hash_of(token))
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


def sign_out(user: User) -> None:
    """End this session: its cookie opens nothing any more."""
    with transaction():
        Session.delete().where(Session.id == user.session.id).execute()  # type: ignore[union-attr]
        audit.record(user, "sign out", user)


def sign_out_everywhere(user: User) -> None:
    """End every session of the user, on every device."""
    with transaction():
        ended = Session.delete().where(Session.user == user).execute()
        audit.record(user, "sign out everywhere", user, sessions=ended)


def create_user(
    organisation: Organisation, email: str, password: str, access_level: AccessLevel, *, by: User | str = "command line"
) -> User:
    """Let somebody sign in. Tied to the employee of the same company email, so that Managers see their own reports.

    Raises UserRefused when the address is taken or malformed, or the password too short.
    """
    email = email.strip().casefold()
    if "@" not in email[1:-1] or len(email) > 254:
        raise UserRefused(f"“{email}” is not an email address.")
    if len(password) < SHORTEST_PASSWORD:
        raise UserRefused(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    if User.select().where(User.email == email).exists():
        raise UserRefused(f"Somebody already signs in as {email}.")
    employee = Employee.get_or_none(Employee.organisation == organisation, Employee.company_email == email)
    with transaction():
        user = User.create(
            organisation=organisation,
            email=email,
            name=employee.name if employee else "",
            employee=employee,
            password_hash=hasher.hash(password),
            access_level=access_level,
        )
        audit.record(by, "create user", user, organisation=organisation, email=email, access_level=str(access_level))
    return user
