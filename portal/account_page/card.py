"""What the card of one application shows: the account, the latest operation, its mail, and what is to be decided."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from portal.account_page import card_words
from portal.accounts import managers, units
from portal.accounts.known import look_at, refresh
from portal.accounts.licences import Default, Held, default_for, held_by
from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.connections import health
from portal.connections.doctor import next_step_of
from portal.connections.health import ends_sessions
from portal.connections.models import Connection
from portal.connections.offer import name_of
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError, NotFound
from portal.connectors.values import Protection
from portal.hand_over import first_day_words, mail_words, pausing
from portal.hand_over.actions import pending_mail
from portal.hand_over.models import LoginMail, MailState
from portal.languages import gettext as _
from portal.languages import joined, listed, ngettext, read
from portal.leaving import snapshots
from portal.leaving.actions import deleted_of
from portal.leaving.models import Snapshot
from portal.operations.activity import steps_of
from portal.operations.models import Operation, State, Step, StepState
from portal.operations.requests import CreateRequest, RestoreRequest, Verb
from portal.people.models import Employee
from portal.provisioning.steps import has_sessions
from portal.renaming import words as renaming
from portal.sync import differences
from portal.sync.differences import Difference
from portal.theirs.looking import Look
from portal.theirs.rules import PROTECTED


@dataclass
class Card:
    """Everything the card shows about one employee at one application. unread: why the tenant could not be asked.

    look: the accounts that may be the employee's already, where that was asked. announce: whether it says what the
    latest operation has done.
    """

    place: Place
    operation: Operation | None = None
    login_mail: LoginMail | None = None
    gone: Account | None = None
    differences: list[Difference] = field(default_factory=list)
    unread: ConnectorError | None = None
    look: Look | None = None
    announce: bool = False

    @property
    def employee(self) -> Employee:
        return self.place.employee

    @property
    def is_denied(self) -> bool:
        """Whether the tenant answered, and does not know an account that it showed minutes ago."""
        return isinstance(self.unread, NotFound) and self.account is not None

    @property
    def connection(self) -> Connection:
        return self.place.connection

    @property
    def active_elsewhere(self) -> str:
        """Which other applications the employee still has an active account at, as a sentence; empty when none."""
        others = [connection for connection in Connection.all_live_of(self.employee.organisation)
                  if connection.id != self.connection.id]  # fmt: skip
        active = [
            connection.service_name for connection in others
            if (account := Account.live_of(self.employee, connection)) and account.status == Status.ACTIVE
        ]  # fmt: skip
        if not active:
            return ""
        return ngettext(
            "The account in %(applications)s stays active: deactivate it on its own card.",
            "The accounts in %(applications)s stay active: deactivate each on its own card.",
            len(active),
            applications=listed(active),
        )

    @property
    def ends_sessions(self) -> bool:
        return ends_sessions(self.connection)

    @property
    def service(self) -> Service:
        return self.place.service

    @property
    def account(self) -> Account | None:
        return self.place.account

    @property
    def id(self) -> str:
        """The id of the card in the page: every application has its own."""
        return f"account-card-{self.service.key}"

    @property
    def is_busy(self) -> bool:
        """Whether an operation is under way at this application."""
        return self.operation is not None and self.operation.is_open

    @property
    def may_look(self) -> bool:
        """Whether it is to be looked if the employee has an account already: there is none, and none is being made."""
        return self.account is None and not self.is_busy

    @property
    def status(self) -> Status:
        return self.account.status if self.account else Status.NO_ACCESS

    @property
    def unit(self) -> str:
        """The part of the tenant that the account is in, where the application has such parts."""
        account = self.account
        return units.in_words(account.connection, account.unit) if account and account.unit else ""

    @property
    def state_note(self) -> str:
        """What the application says of the state of the account beyond its status."""
        return read(self.account.state_note) if self.account else ""

    def step_after(self, problem: ConnectorError) -> str:
        """What to do about a question that was not answered: the page asks it, so the portal does not try again."""
        return next_step_of(problem)

    @property
    def waits_for_start(self) -> bool:
        """Whether the account was made ahead, and nobody has allowed the sign-in yet."""
        return self.account is not None and self.account.waits_for_start

    @property
    def first_day_words(self) -> str:
        """When the sign-in is allowed, beside the status: "starts 3 Dec, sign-in from 06:00"; or empty."""
        return first_day_words.beside_status(self.employee) if self.waits_for_start else ""

    @property
    def rename_warning(self) -> str:
        """That mail still goes out under the old username, as a sentence; empty when it does not."""
        return renaming.warning(self.account) if self.account is not None else ""

    @cached_property
    def left(self) -> Snapshot | None:
        """What was noted before the account left, while leaving can be undone."""
        return snapshots.open_of(self.employee, self.connection) if self.account or self.gone else None

    @cached_property
    def manager_words(self) -> str:
        return managers.words(self.account, self.employee) if self.account and not self.protected else ""

    @property
    def protected(self) -> list[str]:
        """Why the portal leaves the account alone, as sentences; empty when it may change it."""
        return [PROTECTED[Protection(kind)] for kind in self.account.protections] if self.account else []

    @property
    def licences(self) -> list[Held]:
        return held_by(self.account) if self.account else []

    @cached_property
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
        """Where an administrator looks at the account, or at the tenant while there is none."""
        connector = self.service.connector(self.connection.tenant_id)
        return connector.admin_url(self.account.remote_id if self.account else None)

    @property
    def restored_id(self) -> str:
        """The account that the latest operation was to restore."""
        return self.operation.request_as(RestoreRequest).remote_id if self.operation else ""

    @property
    def warnings(self) -> list[Step]:
        """Steps that were refused although the operation as a whole is done."""
        if self.operation is None or self.operation.state != State.DONE:
            return []
        return [step for step in steps_of(self.operation) if step.state == StepState.FAILED]

    @property
    def title(self) -> str:
        """What the card says of the operation as a whole while it waits, and once it has failed."""
        if self.operation is None:
            return ""
        if self.operation.is_open:
            return card_words.UNDER_WAY.get(self.operation.verb, self.operation.words)
        return card_words.NOT_DONE.get(self.operation.verb, _("Not done: %(words)s", words=self.operation.words))

    @property
    def field_warnings(self) -> dict[str, str]:
        """What the portal knows, by field, of values of the HR record that the account does not have, or not whole."""
        if self.operation is None or self.operation.state != State.DONE:
            return {}
        return {name: read(words) for name, words in self.operation.results.get("field_warnings", {}).items()}

    @property
    def done_sentence(self) -> str:
        """What happened, in one sentence; only what was read back and what the mail server took."""
        operation = self.operation
        if operation is None or operation.state != State.DONE:
            return ""
        if operation.verb == Verb.CREATE and operation.request_as(CreateRequest).blocked:
            return _("The account has been created. Nobody can sign in to it yet.")
        if operation.verb == Verb.PICTURE:
            return read(operation.results.get("skipped") or "") or _("The picture has been set.")
        if operation.verb == Verb.RENAME:
            return renaming.done_sentence(operation)
        if operation.verb == Verb.UNDO_LEAVE and not self.mail_of_operation:
            return joined(_("The employee can sign in again."), *map(read, operation.results.get("left", [])))
        if operation.verb == Verb.DEACTIVATE:
            return card_words.deactivated(has_sessions(operation))
        sentence = card_words.DONE_SENTENCES.get(operation.verb, lambda mail: "")(self.mail_of_operation)
        if operation.verb == Verb.RESTORE:
            # Where the application assigns licences, they show later.
            none = "" if self.service.capabilities.licences_come_by_themselves else _("It has no licence.")
            held = _("It has %(licences)s.", licences=listed(held.name for held in self.licences))
            return joined(sentence, held if self.licences else none)
        return sentence

    @property
    def after_done(self) -> tuple[str, str, str] | None:
        """What one may want next: a few words before the button, its label and its verb; None when nothing is near."""
        verb = self.operation.verb if self.operation is not None and self.operation.state == State.DONE else ""
        return None if self.protected else card_words.NEXT.get((verb, self.status))

    def difference_words(self, row: Difference) -> str:
        """What somebody changed at the application, against what the portal has set there."""
        if row.what == differences.STATUS:
            if row.theirs == Status.ACTIVE:
                return _(
                    "Somebody allowed this sign-in again in %(service)s after it was deactivated here.",
                    service=self.service.name,
                )
            return _(
                "Somebody blocked this sign-in in %(service)s after it was active here.", service=self.service.name
            )
        theirs, ours = (_("“%(value)s”", value=value) if value else _("nothing") for value in (row.theirs, row.ours))
        return _(
            "Somebody changed %(field)s in %(service)s to %(theirs)s. The portal had set it to %(ours)s.",
            field=row.label,
            service=self.service.name,
            theirs=theirs,
            ours=ours,
        )

    def mail_sentence(self, when: Callable[[datetime], str]) -> str:
        """What becomes of the operation's mail when it has not gone out; empty when it has. when: writes a moment."""
        mail = self.mail_of_operation
        return mail_words.sentence(mail, when) if mail is not None else ""

    def mail_words(self, when: Callable[[datetime], str]) -> str:
        """Where the login information is now. when: writes a moment in the organisation's zone."""
        mail = self.login_mail
        if mail is None:
            return ""
        if self.mail_held:
            return _(
                "Not sent while the account is deactivated. It was to go to %(goes_to)s on %(when)s.",
                goes_to=mail.goes_to,
                when=when(mail.send_at),
            )
        return mail_words.words(mail, when)

    @property
    def mail_held(self) -> bool:
        """Whether login information waits for its time, and would bring a password that does not work."""
        waits = self.login_mail is not None and self.login_mail.state == MailState.SCHEDULED
        return waits and self.status == Status.DEACTIVATED and not self.waits_for_start

    @property
    def is_moving(self) -> bool:
        """Whether something is under way that shows here in a moment: an operation, or the mail."""
        sending = self.login_mail is not None and self.login_mail.state == MailState.SENDING
        return sending or self.is_busy

    @property
    def mail_of_operation(self) -> LoginMail | None:
        mail = self.login_mail
        return (
            mail if mail is not None and self.operation is not None and mail.operation_id == self.operation.id else None
        )


def card_of(
    place: Place, *, read: bool = False, beside: Callable[[Account], None] = lambda account: None
) -> Card:  # fmt: skip
    """The card of a place that was just loaded. read: ask the tenant first, so that it shows what is true there now.

    beside: begins what else is asked about the account meanwhile.
    """
    card = Card(place, Operation.latest_of(place.employee, place.connection))
    if read and place.account is not None and place.account.read_at and not card.is_busy:
        beside(place.account)
        card.unread = refresh(place.account)
        if card.unread and not place.connection.problem:
            # The Add-ons page then has the button that the card asks somebody to press.
            health.note(place.connection, card.unread)
        card.place = place = place.as_it_is()
    if place.account is not None:
        card.login_mail = pending_mail(place.account)
        card.differences = differences.open_of(place.account)
    else:
        card.gone = deleted_of(place)
    return card


@dataclass(frozen=True)
class Unconnected:
    """An application that is not connected. paused: login information that waits until it is."""

    service: Service
    paused: LoginMail | None = None


def unconnected(employee: Employee, connected: Iterable[Connection]) -> list[Unconnected]:
    """The applications that could be connected and are not; the first there is while there is nothing else to show."""
    keys = {connection.service for connection in connected}
    free = [service for service in SERVICES.values() if service.key not in keys]
    offered = [service for service in free if service.configured()] or ([] if keys else free[:1])
    return [Unconnected(service, pausing.latest_of(employee, service.key)) for service in offered]


def why_left_alone(account: Account) -> list[str]:
    """Why the portal does not change the account, as sentences, by what the tenant shows now; empty when it may.

    Raises ConnectorError.
    """
    _, found = look_at(for_connection(account.connection), account)
    return [PROTECTED[protection] for protection in sorted(found)]
