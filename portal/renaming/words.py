"""What is told of another username, on the card and wherever else the employee shows."""

from datetime import timedelta

from portal.accounts.models import Account
from portal.connectors import SERVICES
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined
from portal.notices.models import Notice
from portal.operations.models import Operation, State
from portal.operations.requests import RenameRequest, Verb
from portal.renaming.steps import KEPT, kept_words

# By then the addresses follow a new username.
FOLLOWS_IN = timedelta(hours=1)


def done_sentence(operation: Operation) -> str:
    """What a change of the username that is done has come to."""
    asked = operation.request_as(RenameRequest)
    old = ""
    if kept_words(operation.id) == KEPT:
        old = _("Mail to %(old)s still arrives: it is %(kept)s.", old=asked.old, kept=KEPT)
    notice = Notice.of(operation)
    now_called = _("The username is now %(username)s.", username=asked.username)
    return joined(now_called, old, notice.sentence if notice else "")


def last_of(account: Account) -> Operation | None:
    """The change of the account's username that was done last."""
    done = (Operation.account == account) & (Operation.verb == Verb.RENAME) & (Operation.state == State.DONE)
    return Operation.select().where(done).order_by(Operation.id.desc()).first()


def warning(account: Account) -> str:
    """That mail still goes out under the old name after an hour, as a sentence; empty when it does not."""
    if not account.email or account.email.casefold() == account.username.casefold():
        return ""
    operation = last_of(account)
    if operation is None or operation.finished_at is None or operation.finished_at > now() - FOLLOWS_IN:
        return ""
    asked = operation.request_as(RenameRequest)
    if account.email.casefold() != asked.old.casefold() or account.username.casefold() != asked.username.casefold():
        return ""
    words = _(
        "The username has been %(username)s for more than an hour, and mail still goes out as %(email)s.",
        username=account.username,
        email=account.email,
    )
    return joined(words, SERVICES[account.connection.service].words.primary_address)


def old_name(account: Account) -> str:
    """The username that the account had before, when it can go back to it; empty when there is none."""
    operation = last_of(account)
    asked = operation.request_as(RenameRequest) if operation is not None else None
    return asked.old if asked is not None and asked.username.casefold() == account.username.casefold() else ""
