"""The second factor: codes of an authenticator app (TOTP), and recovery codes for when it is lost."""

import base64
import secrets
from datetime import timedelta

import pyotp
from peewee import JOIN, IntegrityError

from portal import audit, vault
from portal.auth import proof, throttle
from portal.auth.models import HalfSignIn, LinkedSignIn, RecoveryCode, Session, UsedCode, User, hash_of, new_token
from portal.clock import lately
from portal.database import lock_row, now, transaction
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem

ISSUER = "Account Portal"
STEP = 30
# A clock that is half a minute off is forgiven, in both directions.
DRIFT = (0, -1, 1)
HALF_LASTS = timedelta(minutes=10)
RECOVERY_CODES = 8
# Digits of a code of the app; a recovery code is longer.
APP_CODE = 6
USED_CODES_KEPT = 100


class WrongCode(Problem):
    message = _("That code is wrong, or you have used it already.")
    status = 422
    next_step = _("Wait for the next code in your app, or use a recovery code.")


class StartAgain(Problem):
    message = _("The sign-in took too long, or you finished it elsewhere.")
    status = 422
    next_step = _("Enter your email and password again.")


def new_seed() -> str:
    return pyotp.random_base32()


def address_of(seed: str, user: User) -> str:
    """What the QR code holds: the seed, for an authenticator app."""
    return pyotp.TOTP(seed).provisioning_uri(name=user.email, issuer_name=ISSUER)


def turn_on(user: User, seed: str, code: str) -> list[str]:
    """Ask for codes of this seed from now on; returns the recovery codes, to be shown once. Raises WrongCode.

    Other sessions of the user end: they were opened without the second factor. Raises ProofOver.
    """
    step = _step_of(seed, code)
    if step is None:
        raise WrongCode()
    with transaction():
        proof.hold(user)
        User.update(encrypted_totp=vault.encrypt(seed)).where(User.id == user.id).execute()
        UsedCode.delete().where(UsedCode.user == user).execute()
        UsedCode.create(user=user, step=step)
        codes = _replace_recovery_codes(user)
        forget_halves(user)
        Session.delete().where(Session.user == user, Session.id != user.session.id).execute()  # type: ignore[union-attr]
        audit.record(user, "turn on second factor", user)
    return codes


def turn_off(user: User, *, by: User | str) -> None:
    """Ask for no code any more, and end the user's other sessions."""
    own = isinstance(by, User) and by.id == user.id
    with transaction():
        lock_row(Organisation, user.organisation_id)
        proof.hold_actor(by)
        User.update(encrypted_totp="").where(User.id == user.id).execute()
        UsedCode.delete().where(UsedCode.user == user).execute()
        RecoveryCode.delete().where(RecoveryCode.user == user).execute()
        forget_halves(user)
        kept = by.session.id if own else 0  # type: ignore[union-attr]
        Session.delete().where(Session.user == user, Session.id != kept).execute()
        audit.record(by, "turn off second factor", user)


def new_recovery_codes(user: User) -> list[str]:
    """Fresh recovery codes, to be shown once; the old ones are worth nothing any more."""
    with transaction():
        proof.hold(user)
        codes = _replace_recovery_codes(user)
        audit.record(user, "make new recovery codes", user)
    return codes


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.select().where(RecoveryCode.user == user, RecoveryCode.used_at.is_null()).count()


def _replace_recovery_codes(user: User) -> list[str]:
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.delete().where(RecoveryCode.user == user).execute()
    for code in codes:
        RecoveryCode.create(user=user, code_hash=hash_of(_plain(code)))
    return codes


def _recovery_code() -> str:
    """120 random bits, in groups of four letters and digits: long enough that a plain hash of it is safe to keep."""
    letters = base64.b32encode(secrets.token_bytes(15)).decode().casefold()
    return "-".join(letters[at : at + 4] for at in range(0, 24, 4))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.casefold() if letter.isalnum())


def begin(user: User, linked: LinkedSignIn | None = None) -> str:
    """The password was right, or `linked` was used; returns the token for the second step. Raises ProofOver."""
    token = new_token()
    with transaction():
        proof.hold(user, linked)
        HalfSignIn.create(user=user, token_hash=hash_of(token), linked=linked)
    return token


def half_of(token: str) -> HalfSignIn | None:
    """The sign-in that waits for its code, if there is one and it is not too old."""
    half = (
        HalfSignIn.select(HalfSignIn, User, Organisation, LinkedSignIn)
        .join(User)
        .join(Organisation)
        .switch(HalfSignIn)
        .join(LinkedSignIn, JOIN.LEFT_OUTER)
        .where(HalfSignIn.token_hash == hash_of(token), lately(HalfSignIn.created_at, HALF_LASTS))
        .first()
    )
    return half if half is not None and half.user.enabled and half.user.has_second_factor else None


def finish(token: str, code: str, *, address: str, known_device: str = "") -> tuple[HalfSignIn, str]:
    """The sign-in that is now whole, and what proved it. Raises StartAgain, WrongCode or TooManyTries.

    known_device: the name of a browser this user signed in with before; it is held by its own failures alone.
    """
    half = half_of(token)
    if half is None:
        raise StartAgain()
    plain = _plain(code)
    # 120 random bits cannot be guessed, so a recovery code works while guessers are held.
    long = len(plain) > APP_CODE
    used = _use_recovery_code(half.user, plain) if long else _try_app(half.user, plain, address, known_device)
    if not used:
        raise WrongCode()
    if not HalfSignIn.delete().where(HalfSignIn.id == half.id).execute():
        raise StartAgain()
    return half, used


def _try_app(user: User, code: str, address: str, known_device: str) -> str:
    """ "app" for a code of the app; empty when it is wrong. Raises TooManyTries.

    Tries are counted for the user, wherever they come from, and for the password: a new one leaves a guesser behind.
    """
    whose = f"code of {user.email} {user.password_hash}"
    attempt = throttle.begin(throttle.Origin(whose, address, known_device, second_step=True))
    if _use_app_code(user, code):
        attempt.succeeded()
        return "app"
    attempt.failed(user, "wrong code")
    return ""


def forget_halves(user: User) -> None:
    HalfSignIn.delete().where(HalfSignIn.user == user).execute()


def _use_recovery_code(user: User, code: str) -> str:
    """Use it up: "recovery code"; empty when it is wrong or was used."""
    mine = RecoveryCode.update(used_at=now()).where(
        RecoveryCode.user == user, RecoveryCode.code_hash == hash_of(code), RecoveryCode.used_at.is_null()
    )
    return "recovery code" if mine.execute() else ""


def _use_app_code(user: User, code: str) -> bool:
    """Use the code up; False when it is wrong or was used.

    The codes themselves are remembered, not the latest of them: a clock that jumped, in either direction, neither makes
    a used one good again nor keeps the app of its owner out.
    """
    step = _step_of(vault.decrypt(user.encrypted_totp), code)
    if step is None:
        return False
    try:
        with transaction():
            used = UsedCode.create(user=user, step=step)
            older = UsedCode.select(UsedCode.id).where(UsedCode.user == user, UsedCode.id <= used.id)
            forgotten = older.order_by(UsedCode.id.desc()).offset(USED_CODES_KEPT).limit(1000)
            UsedCode.delete().where(UsedCode.id.in_(forgotten)).execute()
    except IntegrityError:
        return False
    return True


def _step_of(seed: str, code: str) -> int | None:
    """Which half minute the code belongs to; None when to none that is near."""
    app, current = pyotp.TOTP(seed), int(now().timestamp()) // STEP
    if not (len(code) == APP_CODE and code.isascii() and code.isdigit()):
        return None
    for step in (current + offset for offset in DRIFT):
        if secrets.compare_digest(app.at(step * STEP), code):
            return step
    return None
