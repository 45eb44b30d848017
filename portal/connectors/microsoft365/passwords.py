"""Temporary passwords to Microsoft's rules, that a person can read off a screen and type on any keyboard.

https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy#microsoft-entra-password-policies
"""

import secrets

# No signs, whose keys differ from country to country, and none of the characters that look like one another.
LOWER, UPPER, DIGITS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
LENGTH = 16
LEAST_OF_A_KIND = 2


def temporary_password(username: str) -> str:
    """A fresh password of 16 letters and digits: three of Microsoft's four kinds, and without the username in it."""
    name = username.partition("@")[0].casefold()
    while True:
        password = "".join(secrets.choice(LOWER + UPPER + DIGITS) for _ in range(LENGTH))
        varied = all(sum(sign in kind for sign in password) >= LEAST_OF_A_KIND for kind in (LOWER, UPPER, DIGITS))
        if varied and not (name and name in password.casefold()):
            return password
