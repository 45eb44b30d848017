"""Temporary passwords to Microsoft's rules: three of four kinds of character, and not the username."""

import secrets

# Without characters that are mistaken for one another when read from a screen or paper.
LOWER, UPPER, DIGITS, SIGNS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!#%+-=?@"
LENGTH = 16


def temporary_password(username: str) -> str:
    """A fresh password of 16 characters with every kind of character, that does not hold the username."""
    name = username.partition("@")[0].casefold()
    while True:
        required = [secrets.choice(kind) for kind in (LOWER, UPPER, DIGITS, SIGNS)]
        rest = [secrets.choice(LOWER + UPPER + DIGITS) for _ in range(LENGTH - len(required))]
        secrets.SystemRandom().shuffle(required)
        password = secrets.choice(UPPER) + "".join(required) + "".join(rest)
        if name not in password.casefold():
            return password[:LENGTH]
