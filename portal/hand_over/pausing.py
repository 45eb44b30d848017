"""Login information that waits while the organisation is disconnected, until the same tenant is connected again.

A paused mail keeps its password, encrypted, for LASTS at most. The portal sends none late whose time has passed:
an Admin decides, and until then it stays paused. The link of a mail that has gone out shows nothing while paused.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import audit
from portal.accounts.models import Account
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.database import now, transaction
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail, MailState
from portal.hand_over.steps import withdraw_mails
from portal.languages import gettext as _
from portal.operations import journal
from portal.operations.models import OPEN, Operation
from portal.operations.requests import Verb
from portal.organisations.models import Organisation
from portal.people.models import Employee

LASTS = timedelta(days=30)
TOO_LONG = _("The application was disconnected for more than %(days)s days.", days=LASTS.days)
ELSEWHERE = "Another {service} was connected."
DOUBTFUL = _("A fresh password may have been set, so it was not sent.")
PAUSED = LoginMail.state == MailState.PAUSED


@dataclass(frozen=True)
class Resumed:
    """What became of paused mails: how many go on, wait for an Admin's decision, or were cancelled."""

    going_on: int = 0
    asked: int = 0
    cancelled: int = 0


def waiting_at(connection: Connection) -> Any:
    """A select of the login information that was not handed over yet."""
    link = (LoginMail.state == MailState.UNKNOWN) & (LoginMail.encrypted_password != "")
    states = (MailState.SCHEDULED, MailState.TO_SHOW, MailState.TO_OPEN, MailState.PAUSED)
    return LoginMail.select().where(LoginMail.account.in_(_accounts(connection)), LoginMail.state.in_(states) | link)


def _accounts(connection: Connection) -> Any:
    return Account.select(Account.id).where(Account.connection == connection.id, Account.detached_at.is_null())


def pause(connection: Connection) -> int:
    """Pause everything that waits, within the transaction that ends the connection and before it is forgotten.

    A mail that is being sent cannot be called back: its sender finishes it. Returns how many are paused.
    """
    _withdraw_doubtful(connection)
    some = waiting_at(connection).select(LoginMail.id).where(LoginMail.state != MailState.PAUSED)
    changes = {
        LoginMail.paused_from: LoginMail.state, LoginMail.state: MailState.PAUSED, LoginMail.paused_at: now(),
        LoginMail.not_before: None,
    }  # fmt: skip
    return LoginMail.update(changes).where(LoginMail.id.in_(some)).execute()


def _withdraw_doubtful(connection: Connection) -> None:
    """Of an account whose fresh password was cut off in the middle no earlier password is handed over."""
    cut_off = Operation.select().where(
        Operation.connection == connection.id,
        Operation.verb.in_((Verb.RESEND, Verb.ALLOW, Verb.PASS)),
        Operation.state.in_(OPEN),
    )
    for operation in list(cut_off):
        if operation.account is not None and any(
            journal.step_may_have_happened(operation, name) for name in ("password", "pass")
        ):
            withdraw_mails(operation.account, problem=DOUBTFUL)


def resume(connection: Connection) -> Resumed:
    """Let the mails of accounts that were found again go on; cancel those for another tenant.

    Within the transaction that makes the connection, after its accounts are attached.
    """
    going_on, mine = 0, PAUSED & LoginMail.account.in_(_accounts(connection))
    for before in (MailState.SCHEDULED, MailState.TO_SHOW, MailState.TO_OPEN, MailState.UNKNOWN):
        still = LoginMail.send_at > now() if before == MailState.SCHEDULED else LoginMail.id.is_null(False)
        again = LoginMail.update(state=before, paused_at=None, paused_from="")
        going_on += again.where(mine, LoginMail.paused_from == before, still).execute()
    others = Connection.select(Connection.id).where(
        Connection.organisation == connection.organisation_id, Connection.service == connection.service,
        Connection.tenant_id != connection.tenant_id,
    )  # fmt: skip
    theirs = LoginMail.account.in_(Account.select(Account.id).where(Account.connection.in_(others)))
    elsewhere = ELSEWHERE.format(service=SERVICES[connection.service].name)
    return Resumed(going_on, asked_about(connection), _cancel(PAUSED & theirs, elsewhere))


def _cancel(which: Any, problem: str) -> int:
    wiped = {"encrypted_password": "", "encrypted_link": "", "problem": problem}
    return LoginMail.update(state=MailState.CANCELLED, **wiped).where(which).execute()


def asked_about(connection: Connection) -> int:
    """How many mails wait for an Admin's decision, since their time passed while nothing was connected."""
    return LoginMail.select().where(PAUSED, LoginMail.account.in_(_accounts(connection))).count()


def count(organisation: Organisation, service_key: str | None = None) -> int:
    """How many mails are paused; service_key: of accounts at this application alone."""
    query = LoginMail.select().where(PAUSED, LoginMail.organisation == organisation)
    if service_key is not None:
        query = query.join(Account).join(Connection).where(Connection.service == service_key)
    return query.count()


def latest_of(employee: Employee, service: str) -> LoginMail | None:
    """The employee's mail that is paused until the application is connected again."""
    query = LoginMail.select().join(Account).join(Connection)
    query = query.where(PAUSED, Account.employee == employee, Connection.service == service)
    return query.order_by(LoginMail.id.desc()).first()


def send_all(connection: Connection, *, by: User) -> int:
    """Send the mails whose time has passed after all; returns how many."""
    mine = PAUSED & LoginMail.account.in_(_accounts(connection))
    with transaction():
        again = LoginMail.update(
            state=MailState.SCHEDULED, send_at=now(), on_start=False, paused_at=None, paused_from=""
        )
        sent = again.where(mine).execute()
        audit.record(by, "send paused login mails", connection, mails=sent)
    delivery.wake()
    return sent


def cancel_all(connection: Connection, *, by: User) -> int:
    with transaction():
        cancelled = _cancel(PAUSED & LoginMail.account.in_(_accounts(connection)), "")
        audit.record(by, "cancel paused login mails", connection, mails=cancelled)
    return cancelled


def wipe_secrets() -> None:
    """What was paused for too long is cancelled, and its password wiped."""
    with transaction():
        _cancel(PAUSED & (LoginMail.paused_at < now() - LASTS), TOO_LONG)
