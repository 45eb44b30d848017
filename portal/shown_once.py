"""A secret that a page shows once. The form that made it leads to that page, so loading it again makes nothing more.

Until then the browser's session holds it, encrypted.
"""

import json

from flask import session

from portal import vault

NAME = "shown_once"


def keep(subject: str, secret: str) -> None:
    """Have the next page about `subject` show the secret."""
    session[NAME] = vault.encrypt(json.dumps([subject, secret]))


def take(subject: str) -> str | None:
    """The secret about `subject`, once; None when there is none, or it was shown."""
    kept = session.get(NAME)
    if kept is None:
        return None
    try:
        about, secret = json.loads(vault.decrypt(kept))
    except vault.CannotOpen:
        about = secret = None
    if about != subject:
        return None
    session.pop(NAME)
    return str(secret)
