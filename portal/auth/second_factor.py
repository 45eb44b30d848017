"""The second factor: codes of an authenticator app (TOTP), and recovery codes for when it is lost."""

import base64
import secrets
from datetime import timedelta

import pyotp

from portal import audit, vault
from portal.auth import throttle
from portal.auth.models import HalfSignIn, RecoveryCode, Session, User, hash_of, new_token
from portal.database import now, transaction
from portal.organisations.models import Organisation
from portal.problems import Problem

ISSUER = "Account Portal"
STEP = 30
# A clock that is half a minute off is forgiven, in both directions.
DRIFT = (0, -1, 1)
HALF_LASTS = timedelta(minutes=10)
RECOVERY_CODES = 8


class WrongCode(Problem):
    """That code is not right, or it was used already."""

    status = 422
    next_step = "Wait for the next code of your app, or use a recovery code."


class StartAgain(Problem):
    """The sign-in took too long, or was finished elsewhere."""

    status = 422
    next_step = "Enter email and password once more."


def new_seed() -> str:
    return pyotp.random_base32()


def address_of(seed: str, user: User) -> str:
    """What the QR code holds: the seed, for an authenticator app."""
    return pyotp.TOTP(seed).provisioning_uri(name=user.email, issuer_name=ISSUER)


def turn_on(user: User, seed: str, code: str) -> list[str]:
    """Ask for codes of this seed from now on; returns the recovery codes, to be shown once. Raises WrongCode.

    Other sessions of the user end: whoever opened one did not need the second factor.
    """
    step = _step_of(seed, code, after=None)
    if step is None:
        raise WrongCode()
    with transaction():
        User.update(sealed_totp=vault.seal(seed), totp_used_step=step).where(User.id == user.id).execute()
        codes = _replace_recovery_codes(user)
        Session.delete().where(Session.user == user, Session.id != user.session.id).execute()  # type: ignore[union-attr]
        audit.record(user, "turn on second factor", user)
    return codes


def turn_off(user: User, *, by: User | str) -> None:
    """Ask for no code any more, and end the user's other sessions."""
    own = isinstance(by, User) and by.id == user.id
    with transaction():
        User.update(sealed_totp="", totp_used_step=None).where(User.id == user.id).execute()
        RecoveryCode.delete().where(RecoveryCode.user == user).execute()
        forget_halves(user)
        kept = by.session.id if own else 0  # type: ignore[union-attr]
        Session.delete().where(Session.user == user, Session.id != kept).execute()
        audit.record(by, "turn off second factor", user)


def new_recovery_codes(user: User) -> list[str]:
    """Fresh recovery codes, to be shown once; the old ones are worth nothing any more."""
    with transaction():
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


def begin(user: User) -> str:
    """The password was right; returns the token with which the code may follow."""
    token = new_token()
    with transaction():
        HalfSignIn.delete().where(HalfSignIn.created_at < now() - HALF_LASTS).execute()
        HalfSignIn.create(user=user, token_hash=hash_of(token))
    return token


def half_of(token: str) -> HalfSignIn | None:
    """The sign-in that waits for its code, if there is one and it is not too old."""
    half = (
        HalfSignIn.select(HalfSignIn, User, Organisation)
        .join(User)
        .join(Organisation)
        .where(HalfSignIn.token_hash == hash_of(token), HalfSignIn.created_at >= now() - HALF_LASTS)
        .first()
    )
    return half if half is not None and half.user.enabled and half.user.has_second_factor else None


def finish(token: str, code: str, *, address: str) -> tuple[User, str]:
    """The user whose sign-in is now whole, and what proved it. Raises StartAgain, WrongCode or TooManyTries."""
    half = half_of(token)
    if half is None:
        raise StartAgain()
    # Counted for the user, wherever the tries come from: whoever gets here has the password already.
    origin = throttle.Origin(f"code of {half.user.email}", address, "second step")
    throttle.check(origin)
    used = _use(half.user, code)
    if not used:
        throttle.refused(origin, half.user, "wrong code")
        raise WrongCode()
    if not HalfSignIn.delete().where(HalfSignIn.id == half.id).execute():
        raise StartAgain()
    return half.user, used


def forget_halves(user: User) -> None:
    HalfSignIn.delete().where(HalfSignIn.user == user).execute()


def _use(user: User, code: str) -> str:
    """Use the code up: "app" or "recovery code"; empty when it is wrong or was used."""
    plain = _plain(code)
    if len(plain) > 6:
        mine = RecoveryCode.update(used_at=now()).where(
            RecoveryCode.user == user, RecoveryCode.code_hash == hash_of(plain), RecoveryCode.used_at.is_null()
        )
        return "recovery code" if mine.execute() else ""
    step = _step_of(vault.open_sealed(user.sealed_totp), plain, after=user.totp_used_step)
    fresh = User.totp_used_step.is_null() | (User.totp_used_step < step)
    if step is None or not User.update(totp_used_step=step).where(User.id == user.id, fresh).execute():
        return ""
    return "app"


def _step_of(seed: str, code: str, *, after: int | None) -> int | None:
    """Which half minute the code belongs to; None when to none that is near, or to one that was used."""
    app, current = pyotp.TOTP(seed), int(now().timestamp()) // STEP
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    for step in (current + offset for offset in DRIFT):
        if (after is None or step > after) and secrets.compare_digest(app.at(step * STEP), code):
            return step
    return None
