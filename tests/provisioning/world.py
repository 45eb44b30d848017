"""An organisation in which everything may go wrong, and what must hold of it all the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.auth.models import AccessLevel
from portal.connections import offer, settings_actions
from portal.connections.models import Connection
from portal.connections.settings import rules_of
from portal.connectors import for_connection
from portal.database import now
from portal.group_rules.models import GroupRule
from portal.hand_over.models import LoginMail, MailState
from portal.leaving import snapshots
from portal.leaving.steps import may_have_happened
from portal.mail import lane
from portal.operations import journal
from portal.operations.models import Operation, State, Step, StepState
from portal.operations.requests import CreateRequest, GroupsRequest, UpdateRequest, Verb
from portal.people import photos
from portal.people.models import Employee
from portal.provisioning.actions import AccountRequest, create_account
from portal.sandbox.state.catalogue import BUSINESS_BASIC, BUSINESS_PREMIUM
from tests.cast import Cast, Person, account_of
from tests.mailbox import Mailbox
from tests.people.test_photos import picture
from tests.provisioning.conftest import at, tab
from tests.provisioning.worker import deliver, finish, follow
from tests.sandbox.process import SandboxUser

DOMAIN = "acme.example"
# What has to be so before a verb makes sense.
BEFORE: dict[str, tuple[str, ...]] = {
    "create": (),
    "ahead": (),
    "allow": ("ahead",),
    "link": ("create", "unlink"),
    "restore": ("create", "unlink", "delete"),
    "unlink": ("create",),
    "deactivate": ("create",),
    "reactivate": ("create", "deactivate"),
    "resend": ("create",),
    "update": ("create", "edit"),
    "licences": ("create",),
    "groups": ("create", "rule"),
    "rename": ("create",),
    "picture": ("create", "photo"),
    "leave": ("create", "join"),
    "free-licences": ("create", "join", "leave"),
    "undo-leave": ("create", "join", "leave"),
    "erase": ("create", "deactivate", "ask"),
}
# Where a verb is pressed, if not at the address of its name.
PATHS = {"ahead": "create", "ask": "delete", "erase": "delete/approve"}
CHANGES_ENABLED = (Verb.CREATE, Verb.DEACTIVATE, Verb.REACTIVATE, Verb.ALLOW, Verb.LEAVE, Verb.UNDO_LEAVE)
# Not in the middle of a long row of letters: what is encrypted holds any three of them by chance.
SECRET = re.compile(r"(?<![\w-])eyJ[\w-]{20,}")


@dataclass
class World:
    """Alice's organisation at its tenant, with a manager whom all others report to."""

    app: Any
    alice: Person
    cast: Cast
    connection: Connection
    # The application at the other end: SandboxProcess, or one that is told in its words.
    sandbox: Any
    mailbox: Mailbox
    numbers: Any = field(default_factory=lambda: iter(range(1, 100_000)))
    passwords: set[str] = field(default_factory=set)
    opened: dict[Any, tuple[str, str | None]] = field(default_factory=dict)
    # The last operation before a change in the tenant itself: what it did need not be so any more.
    overtaken: set[int] = field(default_factory=set)
    # All users, while what holds of somebody is looked at: that changes nothing there.
    seen: list[SandboxUser] | None = None

    def __post_init__(self) -> None:
        self.licence, other = getattr(self.sandbox, "licences", (BUSINESS_PREMIUM, BUSINESS_BASIC))
        self.ticked = list(getattr(self.sandbox, "ticked", (self.licence, other)))
        for sku in (self.licence, other):
            self.sandbox.set_seats(sku, 10_000)
        settings_actions.choose(self.connection, by=self.alice.user, licences_go_on_deactivate=True)
        mona = self.sandbox.user(f"mona.manager@{DOMAIN}")
        self.manager = self.cast.employee(self.alice.user.organisation, "Mona", "Manager")
        Account.create(
            organisation=self.manager.organisation, employee=self.manager, connection=self.connection,
            remote_id=mona.id, username=mona.username, enabled=True, read_at=now(), fields_at=now(),
        )  # fmt: skip
        self.alice.get(tab(self.manager))
        offer.read(self.connection)

    def somebody(self) -> Employee:
        """A newcomer with a name of their own."""
        number = next(self.numbers)
        return self.cast.employee(
            self.alice.user.organisation, "Per", f"Person{number}", manager=self.manager, job_title="Clerk",
            personal_email=f"p{number}@home.example", start_date=(now() + timedelta(days=30)).date(),
        )  # fmt: skip

    def username(self, employee: Employee) -> str:
        return f"{employee.last_name.casefold()}@{DOMAIN}"

    def prepare(self, employee: Employee, verb: str) -> None:
        for step in BEFORE[verb]:
            operation = self._create(employee) if step == "create" else self.act(employee, step)
            if operation is not None and operation.is_open:
                # A busy machine was slower than an impatient test.
                self.settle(employee)

    def _create(self, employee: Employee) -> Operation:
        """Without the form, whose create is a verb of its own here."""
        wanted = AccountRequest(self.username(employee), licence_id=self.licence, update_company_email=True)
        with self.app.app_context():
            operation = create_account(Place.of(employee, self.connection), wanted, by=self.alice.user)
        lane.join()
        return operation

    def act(self, employee: Employee, verb: str) -> Operation | None:
        """Press what starts the verb, once; returns the operation that this began, as far as it got."""
        if verb == "delete":
            self.sandbox.delete_user(self.username(employee))
            return None
        if verb == "edit":
            changes = {Employee.job_title: f"Clerk {next(self.numbers)}", Employee.changed_at: now()}
            Employee.update(changes).where(Employee.id == employee.id).execute()
            return None
        if verb == "join":
            account = account_of(employee)
            if account is not None:
                for_connection(self.connection).add_to_group(account.remote_id, self.group)
            return None
        if verb == "photo":
            photos.save(employee, picture(), by="test")
            return None
        if verb == "rule":
            self._add_group_rule(employee)
            return None
        if verb in ("ask", "erase"):
            # What was asked for already still waits; what failed is asked for again.
            self.ada.post(self.address(employee, "ask"))
        if verb == "ask":
            return None
        before = self.latest(employee)
        self.alice.post(self.address(employee, verb), self._values(employee, verb), fragment=True)
        after = self.latest(employee)
        return after if after is not None and (before is None or after.id != before.id) else None

    def _add_group_rule(self, employee: Employee) -> None:
        """A rule that fits this employee alone. There may be only so many, so those of others go."""
        GroupRule.delete().execute()
        title = employee.job_title = f"Grouped {employee.id}"
        Employee.update(job_title=title, changed_at=now()).where(Employee.id == employee.id).execute()
        settings_actions.add_rule(
            self.connection, by=self.alice.user, kind=GroupRule, field="job_title", value=title, group=self.group,
            group_name="A group",
        )  # fmt: skip

    def address(self, employee: Employee, verb: str) -> str:
        """Where the verb is pressed."""
        return f"{at(employee, self.connection.service)}/{PATHS.get(verb, verb)}"

    def _values(self, employee: Employee, verb: str) -> dict[str, Any]:
        if verb in ("create", "ahead"):
            return {
                "username": employee.last_name.casefold(), "domain": DOMAIN, "licence_id": self.licence,
                "update_company_email": "y", "send_immediately": "ahead" if verb == "ahead" else "y",
            }  # fmt: skip
        if verb == "leave":
            return {"reply": "y", "inside": "Ask {successor}.", "outside": "Gone.", "forward": "y", "groups": "y"}
        if verb == "rename":
            return {"username": self._other_name(employee), "domain": DOMAIN, "update_company_email": "y"}
        if verb in ("link", "restore"):
            remote_id = next((remote.id for remote in self.remotes(employee)), "nobody")
            return {"remote_id": remote_id, "seen": remote_id}
        if verb == "licences":
            return {"held": self.licence, "licences": self.ticked}
        if verb == "groups":
            return {"join": [rule.group for rule in rules_of(self.connection, GroupRule) if rule.fits(employee)]}
        return {"send_immediately": "y"} if verb in ("resend", "undo-leave") else {}

    @cached_property
    def ada(self) -> Person:
        """Another Admin, who asks for what Alice approves, where accounts may be deleted."""
        settings_actions.choose(self.connection, by=self.alice.user, may_delete=True)
        return self.cast.person(self.alice.user.organisation, "Ada", AccessLevel.ADMIN)

    @cached_property
    def group(self) -> str:
        """A group that gives no licence, and whose members no rule decides: rules put people in, and leavers are in."""
        return next(one.id for one in for_connection(self.connection).groups() if one.name in ("Finance", "Sales"))

    def is_in_group(self, employee: Employee) -> bool:
        account = account_of(employee)
        found = for_connection(self.connection).groups_of(account.remote_id) if account else []
        return any(one.group.id == self.group for one in found)

    def _other_name(self, employee: Employee) -> str:
        """There and back again."""
        own, account = employee.last_name.casefold(), account_of(employee)
        return own if account and account.username.startswith("other.") else f"other.{own}"

    def latest(self, employee: Employee) -> Operation | None:
        return Operation.select().where(Operation.employee == employee).order_by(Operation.id.desc()).first()

    def remotes(self, employee: Employee) -> list[SandboxUser]:
        """Everything in the tenant that is called like the employee, the recycle bin too."""
        users = self.sandbox.users() if self.seen is None else self.seen
        return [user for user in users if user.display_name == employee.name]

    def settle(self, employee: Employee) -> Operation | None:
        """What the worker does in the end: every open operation of the employee, what follows, and mails."""
        for _ in range(4):
            operation = self.latest(employee)
            if operation is None:
                return None
            ended = not finish(operation).is_open
            if not follow(self.app, operation) and ended and self.latest(employee) == operation:
                break
        deliver(self.app)
        return self.latest(employee)

    def problems(self, employee: Employee) -> list[str]:
        """What does not hold of the employee, as words; nothing, if all is well."""
        self.seen = self.sandbox.users()
        try:
            found = [f"{name}: {value}" for name, check in CHECKS.items() if (value := check(self, employee))]
        finally:
            self.seen = None
        return [f"{employee.name}: {problem}" for problem in found]

    def leaks(self, tables: Any, logs: str) -> list[str]:
        """Passwords and tokens that are where they must not be."""
        self.passwords.update(filter(None, map(self._password_in, self.mailbox.messages)))
        text = logs + "".join(
            str(tables.execute_sql(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
            for name in tables.get_tables()
            if not name.startswith("employee_search")
        )
        found = [f"a password is kept: {password}" for password in self.passwords if password in text]
        found += [f"a token is kept: {token[:12]}…" for token in SECRET.findall(text)]
        found += ["the client secret is kept"] * (self.sandbox.client_secret in text)
        twice = len(self.passwords) != len([mail for mail in self.mailbox.messages if self._password_in(mail)])
        return found + ["a password is in more than one mail"] * twice

    def _password_in(self, message: Any) -> str | None:
        return self._opened(message)[1]

    def _opened(self, message: Any) -> tuple[str, str | None]:
        """Whom a mail went to, and the password in it. All mails are looked at again after each point."""
        if message not in self.opened:
            parts = self.mailbox.text(message).split("Temporary password:")
            self.opened[message] = message["X-Recipients"], parts[1].split()[0] if len(parts) > 1 else None
        return self.opened[message]


def _one_account(world: World, employee: Employee) -> Any:
    remotes, rows = [remote for remote in world.remotes(employee) if not remote.deleted], _linked(employee)
    if len(remotes) > 1:
        return f"{len(remotes)} accounts in the tenant"
    return f"{len(rows)} linked" if len(rows) > 1 else None


def _linked(employee: Employee) -> list[Account]:
    return list(Account.select().where(Account.employee == employee, Account.detached_at.is_null()))


def _every_account_has_its_row_and_receipt(world: World, employee: Employee) -> Any:
    rows = {account.remote_id for account in Account.select().where(Account.employee == employee)}
    for remote in world.remotes(employee):
        if remote.id not in rows:
            return f"{remote.username} has no row"
        receipts = Step.select().join(Operation).join(Account).where(
            Operation.employee == employee,
            Account.remote_id == remote.id,
            Step.name.in_(("create", "link")),
            Step.state == StepState.DONE,
        )  # fmt: skip
        if not receipts.exists():
            return f"{remote.username} has no receipt"
    return None


def _ends_well(world: World, employee: Employee) -> Any:
    operation = world.latest(employee)
    if operation is None or operation.state in (State.DONE, State.CANCELLED):
        return None
    words = operation.message and operation.next_step and operation.error_kind
    if operation.state in (State.FAILED, State.WAITING) and words:
        return None
    return f"{operation.words} is {operation.state}, {operation.message!r}"


def _page_says_no_more(world: World, employee: Employee) -> Any:
    """Done, and the status, are what the tenant holds."""
    operation, account = world.latest(employee), account_of(employee)
    held = next((remote for remote in world.remotes(employee) if not remote.deleted), None)
    shown = str(account.status if account else Status.NO_ACCESS)
    page = world.alice.get(tab(employee))
    if shown not in page.text:
        return f"the page does not say {shown}"
    if account is None or account.read_at is None:
        return None
    if held is None or held.id != account.remote_id:
        return f"{shown}, and the tenant has no such account"
    if (shown == Status.ACTIVE) == held.sign_in_blocked:
        return f"{shown}, and the tenant says blocked: {held.sign_in_blocked}"
    if operation is not None and operation.state == State.DONE and operation.id not in world.overtaken:
        return _done_is_true(world, employee, operation, held)
    return None


def _done_is_true(world: World, employee: Employee, operation: Operation, held: SandboxUser) -> Any:
    done = {step.name: step for step in operation.steps if step.state == StepState.DONE}
    blocks = operation.verb in (Verb.DEACTIVATE, Verb.LEAVE) or (
        operation.verb == Verb.CREATE and operation.request_as(CreateRequest).blocked
    )
    if operation.verb in CHANGES_ENABLED and held.sign_in_blocked != blocks:
        return f"{operation.words} is done, and blocked is {held.sign_in_blocked}"
    if "revoke" in done and held.sessions_valid_from.replace(microsecond=0) < operation.created_at.replace(
        microsecond=0
    ):
        return "sessions are revoked, and the tenant has an older moment"
    if "licence" in done and operation.request_as(CreateRequest).licence_id not in held.plans:
        return "the licence is assigned, and the tenant has none"
    if "take licences" in done and held.plans:
        return "the licences are taken, and the tenant has some"
    if done.get("manager") and done["manager"].after and not held.manager:
        return "the manager is set, and the tenant has none"
    if "rename" in done and held.username != operation.username:
        return "the username was changed, and the tenant has another"
    if "company email" in done and Employee.get_by_id(employee.id).company_email != held.username:
        return "the company email was not changed"
    if "join 0" in done and not _is_in(operation, held):
        return "the group is joined, and the tenant says no"
    if "fields" in done and held.properties.get("jobTitle") != operation.request_as(UpdateRequest).fields["job_title"]:
        return "the fields are sent, and the tenant has others"
    return _left_and_back(world, employee, operation, held, done)


def _shows_the_photo(world: World, employee: Employee) -> Any:
    operation, account = world.latest(employee), account_of(employee)
    if operation is None or operation.verb != Verb.PICTURE or operation.state != State.DONE or account is None:
        return None
    shown = world.sandbox.picture(account.username) == photos.of(employee)
    return None if shown else "the picture was set, and the tenant shows another"


def _left_and_back(
    world: World, employee: Employee, operation: Operation, held: SandboxUser, done: Mapping[str, Step]
) -> Any:
    """What leaving took, and what came back."""
    leaves = operation.verb == Verb.LEAVE
    if "groups" in done and world.is_in_group(employee) == leaves:
        # A group that refused is named on the receipt and on the page, and can still be given back by a second undo.
        told = "did not come back" in done["groups"].note and "did not come back" in " ".join(operation.results["left"])
        if operation.verb == Verb.UNDO_LEAVE and told and snapshots.open_of(employee, operation.connection):
            return ""
        return f"{operation.words} is done, and in the group is {leaves}"
    if "reply" in done and (held.reply.get("status") == "alwaysEnabled") != leaves:
        return f"{operation.words} is done, and the reply is {held.reply}"
    if "forward" in done and bool(held.rules) != leaves:
        return f"{operation.words} is done, and the rules are {held.rules}"
    if operation.verb == Verb.UNDO_LEAVE and "licences" in done and world.licence not in held.plans:
        return "the licences came back, and the tenant has none"
    return None


def _is_in(operation: Operation, held: SandboxUser) -> bool:
    group = operation.request_as(GroupsRequest).add[0]
    return any(one.member and one.group.id == group for one in for_connection(operation.connection).groups_of(held.id))


def _mailed_password_works(world: World, employee: Employee) -> Any:
    """The last mail to the employee opens the door, and nothing that was handed over is kept."""
    remote = next((remote for remote in world.remotes(employee) if not remote.deleted), None)
    mine = [
        message for message in world.mailbox.messages
        if employee.personal_email in world._opened(message)[0] and world._password_in(message)
    ]  # fmt: skip
    if remote is not None and mine and _last_word_on_the_password(employee, remote):
        result = world.sandbox.sign_in(remote.username, world._password_in(mine[-1]) or "")
        if result != ("blocked" if remote.sign_in_blocked else "must change password"):
            return f"with the last mail: {result}"
    over = LoginMail.select().join(Account).where(
        Account.employee == employee, LoginMail.state == MailState.SENT, LoginMail.encrypted_password != ""
    )  # fmt: skip
    ended = Operation.select().where(
        Operation.employee == employee,
        Operation.state.not_in((State.WAITING, State.RUNNING)),
        Operation.encrypted_password != "",
    )
    return "a password is kept that was handed over" if over.exists() or ended.exists() else None


def _last_word_on_the_password(employee: Employee, remote: SandboxUser) -> bool:
    """Whether the last mail is about this account, and no later Resend was cut off by a disconnect or given up."""
    sent = LoginMail.select(LoginMail, Account).join(Account).where(
        Account.employee == employee, LoginMail.state == MailState.SENT
    )  # fmt: skip
    last = sent.order_by(LoginMail.operation.desc()).first()
    if last is None or last.account.remote_id != remote.id:
        return False
    later = Operation.select().where(
        Operation.employee == employee,
        Operation.verb.in_((Verb.RESEND, Verb.ALLOW, Verb.LEAVE, Verb.UNDO_LEAVE)),
        Operation.id > last.operation_id,
        # A leaver gets a password that nobody knows.
        Operation.state.in_((State.CANCELLED, State.FAILED)) | (Operation.verb == Verb.LEAVE),
    )
    return not any(
        may_have_happened(operation, "password") or journal.step_may_have_happened(operation, "password")
        for operation in later
    )


CHECKS = {
    "one account": _one_account,
    "row and receipt": _every_account_has_its_row_and_receipt,
    "an end or a named thing": _ends_well,
    "the page": _page_says_no_more,
    "the mailed password": _mailed_password_works,
    "the picture": _shows_the_photo,
}
