"""What an employee's account card shows: the account, the latest operation, its mail, and what is to be decided."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from portal.accounts import managers
from portal.accounts.known import look_at, refresh
from portal.accounts.licences import Default, Held, default_for, held_by
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connections.offer import name_of
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Protection, Service
from portal.connectors.errors import ConnectorError
from portal.hand_over import mail_words, pausing
from portal.hand_over.actions import pending_mail
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import Operation, State, Step, StepState, Verb
from portal.people.models import Employee
from portal.provisioning.steps import has_sessions
from portal.sync import differences as differences
from portal.sync.differences import Difference
from portal.theirs.rules import PROTECTED


@dataclass
class Card:
    """Everything the account card shows about one employee. unread: why the tenant could not be asked, if so.

    paused: login information that waits while nothing is connected.
    """

    employee: Employee
    connection: Connection | None
    service: Service | None = None
    account: Account | None = None
    operation: Operation | None = None
    login_mail: LoginMail | None = None
    gone: Account | None = None
    differences: list[Difference] = field(default_factory=list)
    unread: ConnectorError | None = None
    paused: LoginMail | None = None

    @property
    def may_look(self) -> bool:
        """Whether it is to be looked if the employee has an account already: there is none, and none is being made."""
        under_way = self.operation is not None and self.operation.is_open
        return self.connection is not None and self.account is None and not under_way

    @property
    def status(self) -> Status:
        return self.account.status if self.account else Status.NO_ACCESS

    @property
    def manager_words(self) -> str:
        return managers.words(self.account, self.employee) if self.account else ""

    @property
    def protected(self) -> list[str]:
        """Why the portal leaves the account alone, as sentences; empty when it may change it."""
        return [PROTECTED[Protection(kind)] for kind in self.account.protections] if self.account else []

    @property
    def licences(self) -> list[Held]:
        return held_by(self.account) if self.account else []

    @property
    def licence_to_give(self) -> Default | None:
        """The licence that an account which was restored, and has none, would get if it were new; None otherwise."""
        operation, account = self.operation, self.account
        if operation is None or operation.verb != Verb.RESTORE or operation.state != State.DONE or self.protected:
            return None
        if account is None or account.status != Status.ACTIVE or account.licence_ids:
            return None
        default = default_for(self.employee, account.connection)
        return default if default.licence_id else None

    @property
    def licence_name(self) -> str:
        """What that licence is called."""
        wanted, account = self.licence_to_give, self.account
        return name_of(account.connection, wanted.licence_id or "") if wanted and account else ""

    @property
    def admin_url(self) -> str:
        """Where an administrator looks at the account, or at the tenant while there is none; empty without a tenant."""
        if self.connection is None:
            return ""
        connector = SERVICES[self.connection.service].connector(self.connection.tenant_id)
        return connector.admin_url(self.account.remote_id if self.account else None)

    @property
    def warnings(self) -> list[Step]:
        """Steps that were refused although the operation as a whole is done."""
        if self.operation is None or self.operation.state != State.DONE:
            return []
        return [step for step in self.operation.steps if step.state == StepState.FAILED]

    @property
    def title(self) -> str:
        """What the card says of the operation as a whole while it waits, and once it has failed."""
        if self.operation is None:
            return ""
        if self.operation.is_open:
            return UNDER_WAY.get(self.operation.verb, self.operation.words.capitalize())
        return NOT_DONE.get(self.operation.verb, f"Not done: {self.operation.words}")

    @property
    def field_warnings(self) -> dict[str, str]:
        """What was said, by field, of values of the HR record that the account does not have, or not whole."""
        if self.operation is None or self.operation.state != State.DONE:
            return {}
        return self.operation.results.get("field_warnings", {})

    @property
    def done_sentence(self) -> str:
        """What happened, in one sentence; only what was read back and what the mail server took."""
        operation = self.operation
        if operation is None or operation.state != State.DONE:
            return ""
        sentence = DONE_SENTENCES.get(operation.verb, lambda mail: "")(self.mail_of_operation)
        if operation.verb == Verb.DEACTIVATE:
            return sentence + (" and open sessions are revoked." if has_sessions(operation) else ".")
        if operation.verb == Verb.RESTORE:
            return f"{sentence} It has {' and '.join(held.name for held in self.licences) or 'no licence'}."
        return sentence

    def mail_sentence(self, when: Callable[[datetime], str]) -> str:
        """What becomes of the operation's mail when it has not gone out; empty when it has. when: writes a moment."""
        mail = self.mail_of_operation
        return mail_words.sentence(mail, when) if mail is not None else ""

    def mail_words(self, when: Callable[[datetime], str]) -> str:
        """Where the login information is now. when: writes a moment in the organisation's zone."""
        return mail_words.words(self.login_mail, when) if self.login_mail is not None else ""

    @property
    def is_moving(self) -> bool:
        """Whether something is under way that shows here in a moment: an operation, or the mail."""
        sending = self.login_mail is not None and self.login_mail.state == MailState.SENDING
        return sending or (self.operation is not None and self.operation.is_open)

    @property
    def mail_of_operation(self) -> LoginMail | None:
        mail = self.login_mail
        return (
            mail if mail is not None and self.operation is not None and mail.operation_id == self.operation.id else None
        )


def _created(mail: LoginMail | None) -> str:
    return "The account has been created" + _mail_words(mail)


def _resent(mail: LoginMail | None) -> str:
    return "A fresh temporary password has been set" + _mail_words(mail)


def _mail_words(mail: LoginMail | None) -> str:
    if mail is not None and mail.state in mail_words.WENT_OUT:
        return " and an email has been sent to the employee."
    return "."


# What the card says of an operation that failed, and of one that waits.
NOT_DONE = {
    "create": "The account was not created",
    "resend": "The login information was not sent",
    "deactivate": "The account was not deactivated",
    "reactivate": "The account was not reactivated",
    "link": "The account was not linked",
    "restore": "The account was not restored",
    "update": "The account was not updated",
    "licence": "The licences were not changed",
    "unlink": "The link was not taken away",
}
UNDER_WAY = {
    "create": "Creating the account",
    "resend": "Setting a temporary password",
    "deactivate": "Deactivating the account",
    "reactivate": "Reactivating the account",
    "link": "Linking the account",
    "restore": "Restoring the account",
    "update": "Updating the account",
    "licence": "Changing the licences",
    "unlink": "Taking the link away",
}
DONE_SENTENCES = {
    "create": _created,
    "resend": _resent,
    "deactivate": lambda mail: "The account has been deactivated: the sign-in is blocked",
    "reactivate": lambda mail: "The account has been reactivated: the employee can sign in again.",
    "link": lambda mail: "The account has been linked.",
    "restore": lambda mail: "The deleted account has been restored and linked.",
    "update": lambda mail: "The HR record has been sent and read back.",
    "licence": lambda mail: "The licences have been changed and read back.",
    "unlink": lambda mail: "The link has been taken away. The account itself is as it was.",
}


def card_of(
    employee: Employee, *, read: bool = False, beside: Callable[[Account], None] = lambda account: None
) -> Card:  # fmt: skip
    """The card of an employee. read: ask the tenant first, so that the card shows what is true there now.

    beside: begins what else is asked about the account meanwhile.
    """
    connection = Connection.live_of(employee.organisation)
    card = Card(employee, connection)
    if connection is None:
        card.paused = pausing.latest_of(employee)
        return card
    card.service = SERVICES[connection.service]
    card.operation = _latest_on(employee, connection)
    card.account = Account.live_of(employee)
    if read and card.account is not None and card.account.read_at and not (card.operation and card.operation.is_open):
        beside(card.account)
        card.unread = refresh(card.account)
        card.account = Account.live_of(employee)
    if card.account is not None:
        card.login_mail = pending_mail(card.account)
        card.differences = differences.open_of(card.account)
    else:
        card.gone = _gone(employee, connection)
    return card


def _latest_on(employee: Employee, connection: Connection) -> Operation | None:
    query = Operation.select().where(Operation.employee == employee, Operation.connection == connection)
    return query.order_by(Operation.id.desc()).first()


def _gone(employee: Employee, connection: Connection) -> Account | None:
    """The account that vanished from the tenant, while it is the last thing known about this employee."""
    latest = (
        Account.select()
        .where(Account.employee == employee, Account.connection == connection)
        .order_by(Account.id.desc())
        .first()
    )
    return latest if latest is not None and latest.detached_by == "deleted" else None


def why_left_alone(account: Account) -> list[str]:
    """Why the portal does not change the account, as sentences, by what the tenant shows now; empty when it may.

    Raises ConnectorError.
    """
    _, found = look_at(for_connection(account.connection), account)
    return [PROTECTED[protection] for protection in sorted(found)]
