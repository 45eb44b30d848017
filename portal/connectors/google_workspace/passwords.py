"""Temporary passwords to Google's rules: 8 to 100 ASCII characters, and as strong as a customer may ask for.

https://support.google.com/a/answer/33386
"""

import secrets

# No characters that look like one another, and no signs, whose keys differ from country to country.
LOWER, UPPER, DIGITS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
LENGTH = 20
LEAST_OF_A_KIND = 2


def temporary_password(username: str) -> str:
    """A fresh password of 20 letters and digits, without the username in it."""
    name = username.partition("@")[0].casefold()
    while True:
        password = "".join(secrets.choice(LOWER + UPPER + DIGITS) for _ in range(LENGTH))
        varied = all(sum(sign in kind for sign in password) >= LEAST_OF_A_KIND for kind in (LOWER, UPPER, DIGITS))
        if varied and not (name and name in password.casefold()):
            return password
