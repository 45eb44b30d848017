"""Sign in and out, and the sessions of a user."""

from datetime import timedelta
from typing import Any

from peewee import IntegrityError

from portal import audit
from portal.asking import kept
from portal.auth import linked_sign_ins, passwords, proof, second_factor, throttle
from portal.auth.models import AccessLevel, LinkedSignIn, OutsideSignIn, PasswordReset, Session, User, hash_of
from portal.auth.passwords import PasswordRefused
from portal.clock import lately, over
from portal.database import lock_row, now, transaction
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.problems import Problem

IDLE_LIMIT = timedelta(hours=12)
ABSOLUTE_LIMIT = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
# How long a password that was asked again is good for.
CHECK_LASTS = timedelta(minutes=10)


class WrongCredentials(Problem):
    message = _("Wrong email address or password.")
    status = 422


class UserRefused(Problem):
    """This user cannot be created."""

    status = 422


def check_password(email: str, password: str, *, address: str, known_device: str = "") -> User:
    """The user these belong to. Raises WrongCredentials, the same for every reason, or throttle.TooManyTries.

    address: where the request came from. known_device: the name of a browser this user signed in with before.
    """
    email = email.strip().casefold()
    attempt = throttle.begin(throttle.Origin(email, address, known_device))
    user = User.get_or_none(User.email == email)
    fits = passwords.fits(user.password_hash if user else passwords.hash_of_nobody(), password)
    if user is None or not fits or not user.enabled:
        attempt.failed(user, "deactivated" if user and fits else "wrong password")
        raise WrongCredentials()
    attempt.succeeded()
    if passwords.hasher.check_needs_rehash(user.password_hash) and not _hash_again(user, password):
        return check_password(email, password, address=address, known_device=known_device)
    return user


def _hash_again(user: User, password: str) -> bool:
    """Keep the password as hashes are made today; False when the hash was replaced while it was compared."""
    fresh = passwords.hasher.hash(password)
    mine = (User.id == user.id) & (User.password_hash == user.password_hash)
    replaced = User.update(password_hash=fresh).where(mine).execute()
    user.password_hash = fresh
    return bool(replaced)


def start_session(
    user: User, *, address: str, device: str, factors: str, linked: LinkedSignIn | None = None
) -> User:  # fmt: skip
    """Sign in a user who proved who they are. A fresh token: whatever the browser held before opens nothing.

    device: the browser's own words about itself. factors: what was proved, for the audit log. linked: the
    outside account that was used instead of the password; what wants the password once more then asks for it.
    Raises ProofOver, and OnlyElsewhere for a user who has to sign in with what they have linked.
    """
    with transaction():
        proof.hold(user, linked)
        if linked is None:
            linked_sign_ins.refuse_password(user)
        session = Session.start(user, address=address, device=device, linked=linked)
        audit.record(user, "sign in", user, factors=factors)
    user.session = session
    return user


@kept
def _session(*, token_hash: Any) -> Any:
    """The session of this token with its user and their organisation."""
    found = Session.select(Session, User, Organisation).join(User).join(Organisation)
    return found.where(Session.token_hash == token_hash)


def user_of_session(token: str) -> User | None:
    """The user whose sign-in this token is, unless the session ended or the user was disabled."""
    session = _session.first(token_hash=hash_of(token))
    if session is None or over(session.created_at, ABSOLUTE_LIMIT) or session.last_seen_at < now() - IDLE_LIMIT:
        return None
    if over(session.last_seen_at, SEEN_EVERY):
        Session.update(last_seen_at=now()).where(Session.id == session.id).execute()
    session.token = token
    session.user.session = session
    return session.user


def password_is_fresh(user: User) -> bool:
    """True when this session's user gave the password within CHECK_LASTS."""
    given = user.session.checked_at if user.session else None
    return given is not None and not over(given, CHECK_LASTS)


def check_again(user: User, password: str, *, address: str) -> None:
    """Take the password of a signed-in user once more. Raises as check_password does, or ProofOver."""
    session: Any = user.session
    fresh = check_password(user.email, password, address=address, known_device=f"session {session.id}")
    fresh.session = session
    with transaction():
        proof.hold(fresh)
        session.checked_at = now()
        Session.update(checked_at=session.checked_at).where(Session.id == session.id).execute()
    # The hash may have been renewed.
    user.password_hash = fresh.password_hash


def sign_out(user: User) -> None:
    """End this session: its cookie opens nothing any more."""
    with transaction():
        Session.delete().where(Session.id == user.session.id).execute()  # type: ignore[union-attr]
        audit.record(user, "sign out", user)


def sign_out_everywhere(user: User, *, by: User | None = None) -> None:
    """End every session of the user, and sign-ins that wait for their code. by: an Admin, if not the user."""
    with transaction():
        lock_row(Organisation, user.organisation_id)
        proof.hold_actor(by or user)
        audit.record(by or user, "sign out everywhere", user, sessions=end_everything(user))


def sessions_of(user: User) -> list[Session]:
    """The sessions of the user that still open something, the latest first."""
    return list(
        Session.select()
        .where(
            Session.user == user,
            Session.last_seen_at >= now() - IDLE_LIMIT,
            lately(Session.created_at, ABSOLUTE_LIMIT),
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


def end_everything(user: User, *, but: Session | None = None) -> int:
    """End the user's sessions, half-done sign-ins and mailed links; returns how many sessions it were.

    Runs inside the transaction of what made it necessary, so that nothing comes back when the user does. but: a session
    that continues.
    """
    User.update(endings=User.endings + 1).where(User.id == user.id).execute()
    second_factor.forget_halves(user)
    OutsideSignIn.delete().where(OutsideSignIn.user == user).execute()
    end_links(user)
    return Session.delete().where(Session.user == user, Session.id != (but.id if but else 0)).execute()


def end_links(user: User) -> None:
    """Within a transaction: links to a new password that were mailed to the user open nothing any more."""
    PasswordReset.update(used_at=now()).where(PasswordReset.user == user, PasswordReset.used_at.is_null()).execute()


def change_password(user: User, current: str, new: str, *, address: str) -> None:
    """Give the user a new password and end their other sessions.

    Raises WrongCredentials, PasswordRefused, or ProofOver when another process changed it first.
    """
    check_again(user, current, address=address)
    password_hash = passwords.hashed(new, context=context_of(user))
    with transaction():
        proof.hold(user)
        replace_password(user, password_hash, by=user)


def set_password(user: User, password: str, *, by: User | str) -> None:
    """Give the user a new password, for somebody who may without the old one. Raises PasswordRefused."""
    password_hash = passwords.hashed(password, context=context_of(user))
    with transaction():
        replace_password(user, password_hash, by=by)


def context_of(user: User) -> tuple[str, ...]:
    """Words that an attacker tries first as the user's password."""
    return user.email, user.name, user.organisation.name


def replace_password(user: User, password_hash: str, *, by: User | str) -> None:
    """Within a transaction: other sessions, half-done sign-ins and mailed links of the user open nothing any more."""
    lock_row(Organisation, user.organisation_id)
    User.update(password_hash=password_hash).where(User.id == user.id).execute()
    user.password_hash = password_hash
    audit.record(by, "set password", user, sessions_ended=end_everything(user, but=user.session))


def create_user(
    organisation: Organisation, email: str, password: str, access_level: AccessLevel, *, by: User | str = "command line"
) -> User:
    """Add a user. Tied to the employee of the same company email, so that Managers see their own reports.

    Raises UserRefused when the address is taken or malformed, or the password too short.
    """
    email = plain_email(email)
    try:
        password_hash = passwords.hashed(password)
    except PasswordRefused as problem:
        raise UserRefused(problem.message) from None
    try:
        with transaction():
            user = User.create(
                organisation=organisation, email=email, password_hash=password_hash, access_level=access_level,
                **as_employee(organisation, email),
            )  # fmt: skip
            audit.record(
                by, "create user", user, organisation=organisation, email=email, access_level=str(access_level)
            )
    except IntegrityError:
        raise UserRefused(_("Another user already signs in as %(email)s.", email=email)) from None
    return user


def plain_email(email: str) -> str:
    """The address as it is kept. Raises UserRefused when it is none."""
    email = email.strip().casefold()
    plain = email.isprintable() and not any(letter in email for letter in ' ,;:<>()[]"\\')
    if "@" not in email[1:-1] or email.count("@") != 1 or len(email) > 254 or not plain:
        raise UserRefused(_("“%(address)s” is not an email address.", address=email[:80]))
    return email


def as_employee(organisation: Organisation, email: str) -> dict:
    """Who of the organisation's employees has this company email, and their name."""
    employee = Employee.get_or_none(Employee.organisation == organisation, Employee.company_email == email)
    return {"employee": employee, "name": employee.name if employee else ""}
