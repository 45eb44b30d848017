"""Passwords of portal users: how they are kept, compared and judged."""

from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.languages import gettext as _
from portal.languages import number
from portal.problems import Problem

SHORTEST = 12
LONGEST = 256

hasher = PasswordHasher()
# Each takes 64 MB and every core: more at once would be no faster, and a crowd could use up the memory.
AT_ONCE = BoundedSemaphore(4)


class PasswordRefused(Problem):
    """You cannot use this password."""

    status = 422


@lru_cache(maxsize=1)
def hash_of_nobody() -> str:
    """Checked when the address is unknown, so that an answer takes as long as for a known one."""
    return hasher.hash("nobody has this password")


def fits(password_hash: str, password: str) -> bool:
    """True when the password is the one that was hashed. One that is too long is compared as nothing."""
    try:
        with AT_ONCE:
            return hasher.verify(password_hash, password if len(password) <= LONGEST else "")
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def hashed(password: str, *, context: tuple[str, ...] | None = None) -> str:
    """What is kept of a new password. Raises PasswordRefused with the reason.

    context: words an attacker would try first, such as the address; None when the operator chose the
    password. There is no rule about kinds of characters: length is what counts.
    """
    if len(password) < SHORTEST:
        raise PasswordRefused(_("The password needs at least %(number)s characters.", number=number(SHORTEST)))
    if len(password) > LONGEST:
        raise PasswordRefused(_("The password can have at most %(number)s characters.", number=number(LONGEST)))
    if context is not None and easily_guessed(password, context):
        raise PasswordRefused(_("That password is one of the first an attacker tries. Choose another one."))
    with AT_ONCE:
        return hasher.hash(password)


def easily_guessed(password: str, context: tuple[str, ...] = ()) -> bool:
    """True for few different characters, a run of the keyboard, or nothing but well-known words and digits."""
    plain = password.casefold()
    if len(set(plain)) < 5 or any(plain in run or plain[::-1] in run for run in RUNS):
        return True
    for word in sorted({*COMMON, *_parts(context)}, key=len, reverse=True):
        plain = plain.replace(word, "")
    return sum(letter.isalpha() for letter in plain) <= 2 and len(plain) <= 6


def _parts(context: tuple[str, ...]) -> set[str]:
    words = "".join(letter if letter.isalnum() else " " for text in context for letter in text.casefold()).split()
    return {word for word in words if len(word) > 3}


RUNS = tuple(
    run * 3
    for run in (
        "1234567890", "0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp",
        "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    )
)  # fmt: skip
# The words the longer entries of published lists are made of.
COMMON = frozenset(
    {
        "password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "pass1234", "welcome", "willkommen", "letmein",
        "changeme", "changethis", "iloveyou", "iloveu", "love", "administrator", "admin", "root", "user", "login",
        "signin", "secret", "master", "dragon", "monkey", "football", "baseball", "basketball", "sunshine", "princess",
        "superman", "batman", "spiderman", "pokemon", "starwars", "computer", "internet", "whatever", "trustno1",
        "freedom", "shadow", "michael", "jordan", "jennifer", "hunter", "charlie", "thomas", "daniel", "jessica",
        "ashley", "liverpool", "chelsea", "arsenal", "barcelona", "juventus", "qwerty", "qwertz", "azerty", "qwer",
        "asdf", "zxcv", "asdfgh", "zxcvbn", "qazwsx", "abc123", "abcd", "1234567890", "123456789", "12345678",
        "1234567", "123456", "12345", "1234", "4321", "54321", "654321", "7654321", "87654321", "987654321",
        "0987654321", "112233", "123123", "111111", "000000", "123321", "321321", "696969", "121212", "spring",
        "summer", "autumn", "winter", "january", "february", "march", "april", "june", "july", "august", "september",
        "october", "november", "december", "monday", "friday", "company", "office", "portal", "microsoft", "google",
        "facebook", "samsung", "hello", "test", "testing", "guest", "default", "temp", "temporary",
    }
)  # fmt: skip
