"""The link that stops emails: it works without a sign-in, and only a press on its page stops anything.

A scanner that opens every link of an email stops nothing.
"""

import hmac

from portal import audit, vault
from portal.auth.models import User
from portal.config import settings
from portal.database import transaction
from portal.languages import gettext as _
from portal.notifications.models import MailChoice, Rhythm

DIGEST, URGENT = "digest", "urgent"
WORDS = {DIGEST: _("The digest of the morning"), URGENT: _("Emails about what is urgent")}


def _code(user_id: int, what: str) -> str:
    return vault.keyed_hash(f"stop mails {what} {user_id}")[:40]


def link_for(user: User, what: str) -> str:
    """The address of the page that stops these emails. what: DIGEST or URGENT."""
    return f"{settings().public_url}/stop-mails/{what}-{user.id}-{_code(user.id, what)}"


def whose(token: str) -> tuple[User, str] | None:
    """The user and the kind of emails that the link is for; None when it was not made here."""
    what, _hyphen, rest = token.partition("-")
    number, _, code = rest.partition("-")
    if what not in WORDS or not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    if not hmac.compare_digest(code.encode(), _code(int(number), what).encode()):
        return None
    user = User.get_or_none(User.id == int(number))
    return None if user is None else (user, what)


def choose(user: User, *, digest: str, urgent: bool, by: User | str) -> None:
    """Keep what the user wants to hear by email."""
    with transaction():
        before = MailChoice.of(user)
        if (before.digest, before.urgent) == (digest, urgent):
            return
        MailChoice.insert(user=user, digest=digest, urgent=urgent).on_conflict(
            conflict_target=[MailChoice.user], preserve=[MailChoice.digest, MailChoice.urgent]
        ).execute()
        audit.record(by, "choose emails", user, digest=digest, urgent=urgent)


def stop(user: User, what: str) -> None:
    """Send the user none of these emails any more."""
    now_ = MailChoice.of(user)
    digest = Rhythm.OFF if what == DIGEST else now_.digest
    choose(user, digest=digest, urgent=now_.urgent and what != URGENT, by="link in the mail")
