"""Whether a user could send a password to an address of their own: then the portal asks for their password first."""

from datetime import timedelta
from typing import Any

from portal.accounts.models import Account
from portal.clock import lately
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people import addresses
from portal.people.models import Employee

LINKED_LATELY = timedelta(days=7)
WAITS = (MailState.SCHEDULED, MailState.SENDING, MailState.PAUSED)


def changed_lately(employees: Any) -> bool:
    """Whether where the passwords of one of them go, or whose account it is, was changed within some days.

    employees: a select of ids, or a list of them.
    """
    linked = Operation.select().where(
        Operation.employee.in_(employees), Operation.verb.in_((Verb.LINK, Verb.RESTORE)), Operation.state == State.DONE,
        lately(Operation.finished_at, LINKED_LATELY),
    )  # fmt: skip
    return addresses.replaced_lately(employees) or linked.exists()


def password_waits(employees: Any) -> bool:
    """Whether a password is on its way to one of them, so that a new address would get it."""
    theirs: Any = Account.select(Account.id).where(Account.employee.in_(employees))
    waiting = LoginMail.select().where(LoginMail.account.in_(theirs), LoginMail.state.in_(WAITS))
    creating = Operation.select().where(
        Operation.employee.in_(employees),
        Operation.verb.in_((Verb.CREATE, Verb.RESEND, Verb.ALLOW, Verb.PASS)),
        Operation.encrypted_password != "",
    )
    # On the morning of the first day a password goes out.
    ahead = Account.select().where(
        Account.employee.in_(employees), Account.waits_for_start, Account.detached_at.is_null()
    )
    return waiting.exists() or creating.exists() or ahead.exists()


def is_replaced(employee: Employee, address: str) -> bool:
    """Whether the form gives the employee another private address, to which a waiting password would go."""
    return address.casefold() != employee.personal_email.casefold() and password_waits([employee.id])


def waiting(employee: Employee) -> LoginMail | None:
    """The mail with a password that waits for its time, if one does; the first of several."""
    theirs: Any = Account.select(Account.id).where(Account.employee == employee, Account.detached_at.is_null())
    mine = LoginMail.account.in_(theirs) & (LoginMail.state == MailState.SCHEDULED)
    found: LoginMail | None = LoginMail.select().where(mine).order_by(LoginMail.send_at).first()
    return found
