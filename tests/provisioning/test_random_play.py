"""Random verbs, faults, crashes and hours against a simple model; `make soak` plays for longer.

The model knows who is linked and who is blocked. Whatever was played: when everything works again and every
operation has ended, portal and tenant agree with it.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from portal.account_page import card_page
from portal.accounts.models import Account, Status
from portal.addons import cut_off, disconnecting
from portal.connections import offer
from portal.connectors import SERVICES, http
from portal.connectors.microsoft365.fresh import FRESH
from portal.database import transaction
from portal.operations import engine, journal
from portal.operations.models import Operation, State
from portal.sync import tenant as sync
from tests.cast import account_of
from tests.provisioning.conftest import connect
from tests.provisioning.test_fault_points import FAULTS, SHORT, break_it, mend
from tests.provisioning.worker import LONG_AGO, carry_on
from tests.provisioning.world import World

SOAK = "SOAK" in os.environ
EXAMPLES = int(os.environ.get("SOAK", "0") or 0) or 4
STEPS = 25 if SOAK else 16
VERBS = (
    "create",
    "edit",
    "reactivate",
    "deactivate",
    "resend",
    "licences",
    "update",
    "rename",
    "unlink",
    "link",
    "restore",
)
IN_THE_TENANT = ("block", "unblock", "delete", "put back")


POWER_CUT = "power cut"
KINDS = (None, None, POWER_CUT, POWER_CUT, *sorted(FAULTS))
TROUBLE = st.tuples(st.sampled_from(KINDS), st.integers(0, 4))


class Killed(BaseException):
    """As after kill -9: nothing of the process runs after it."""


class Play(RuleBasedStateMachine):
    """One employee at a time; what was played before only makes the tenant fuller."""

    world: World
    fuse: dict[str, int]

    @initialize()
    def newcomer(self):
        mend(self.world)
        self.fuse["calls"] = -1
        self.employee = self.world.somebody()
        self.linked = self.blocked = self.connected_before = False
        self.seen = 0
        if not self.world.connection.is_live:
            self.come_back()

    @property
    def connected(self):
        return self.world.connection.is_live

    @property
    def busy(self):
        operation = self.world.latest(self.employee)
        return operation is not None and operation.is_open

    @property
    def sensible(self):
        if not self.linked:
            return ("create", "create", "link", "restore")
        return ("reactivate", "unlink") if self.blocked else (*VERBS[1:9], "deactivate")

    @rule(choice=st.integers(0, 99), trouble=TROUBLE)
    def press(self, choice, trouble):
        verbs = self.sensible if choice < 85 else VERBS
        self.in_trouble(trouble, lambda: self.world.act(self.employee, verbs[choice % len(verbs)]))

    @precondition(lambda self: self.busy)
    @rule(trouble=TROUBLE)
    def worker(self, trouble):
        self.in_trouble(trouble, lambda: carry_on(self.world.latest(self.employee)))

    def in_trouble(self, trouble, act):
        """Act, while a call fails in some way or the power does. What is broken stays so until it is repaired."""
        kind, call = trouble
        if kind == POWER_CUT:
            self.fuse["calls"] = call
        elif kind is not None:
            break_it(self.world, call, kind)
        self.killable(act)

    @rule()
    def mend(self):
        mend(self.world)

    @rule(hours=st.sampled_from((1, 30)))
    def time_passes(self, hours):
        self.world.sandbox.advance(hours * 3600)

    @precondition(lambda self: self.connected)
    @rule()
    def disconnect(self):
        self.note()
        disconnecting.disconnect(self.world.connection, by=self.world.alice.user)
        self.world.connection = type(self.world.connection).get_by_id(self.world.connection.id)
        self.note()
        self.connected_before, self.linked = self.linked, False

    @precondition(lambda self: not self.connected)
    @rule()
    def come_back(self):
        self.fuse["calls"] = -1
        mend(self.world)
        with transaction():
            connection = self.world.connection = connect(self.world.sandbox, self.world.alice.user)
            disconnecting.adopt_accounts(connection)
            cut_off.look_for_accounts(connection, by=self.world.alice.user)
        offer.read(connection)
        self.linked, self.connected_before = self.connected_before, False

    @precondition(lambda self: self.connected and not self.busy and self.linked)
    @rule(what=st.sampled_from(IN_THE_TENANT))
    def somebody_works_in_the_admin_centre(self, what):
        self.fuse["calls"] = -1
        account = account_of(self.employee)
        sandbox, remote_id = self.world.sandbox, account.remote_id
        if what in ("block", "unblock"):
            sandbox.patch_user(remote_id, accountEnabled=what == "unblock")
            self.blocked = what == "block"
        else:
            sandbox.delete_user(remote_id)
            if what == "put back":
                sandbox.restore_user(remote_id)
            self.linked = what == "put back"
        self.world.overtaken.add(self.world.latest(self.employee).id)
        mend(self.world)
        self.read_the_tenant()

    @rule()
    def everything_ends_well(self):
        self.fuse["calls"] = -1
        mend(self.world)
        if not self.connected:
            self.come_back()
        self.world.settle(self.employee)
        self.read_the_tenant()
        self.note()
        found = self.world.problems(self.employee)
        assert not found, found
        account = account_of(self.employee)
        if self.blocked is None and account is not None:
            held = {remote.id: remote for remote in self.world.remotes(self.employee)}
            self.blocked = held[account.remote_id].sign_in_blocked
        status = Status.NO_ACCESS if not self.linked else Status.DEACTIVATED if self.blocked else Status.ACTIVE
        assert (account.status if account else Status.NO_ACCESS) == status
        assert not Operation.select().where(Operation.state.in_((State.WAITING, State.RUNNING))).exists()

    def teardown(self):
        self.everything_ends_well()

    def killable(self, act):
        try:
            act()
        except Killed:
            # Another process goes on: it knows of no token and no new account, and the lease runs out.
            SERVICES["microsoft-365"].forget(self.world.connection.tenant_id)
            FRESH.clear()
            Operation.update(lease_until=LONG_AGO).where(Operation.state == State.RUNNING).execute()
        self.fuse["calls"] = -1
        self.note()

    def read_the_tenant(self):
        Account.update(read_at=LONG_AGO).where(
            Account.employee == self.employee, Account.read_at.is_null(False)
        ).execute()
        # By now it counts for something that an account is not found.
        FRESH.clear()
        sync.sync_changes(self.world.connection, despite_brake=True)

    def note(self):
        """What the operations that have ended since say of themselves."""
        ended = Operation.select().where(Operation.employee == self.employee, Operation.id > self.seen)
        for operation in ended.order_by(Operation.id):
            if operation.is_open:
                return
            self.seen = operation.id
            if operation.state != State.DONE and journal.may_have_changed(operation):
                # Cut off half-way by a disconnect: only the tenant knows.
                self.blocked = None
            if operation.state == State.DONE:
                self.linked = operation.verb != "unlink"
                self.blocked = {"deactivate": True, "reactivate": False, "create": False}.get(
                    operation.verb, self.blocked
                )
                if operation.verb in ("link", "restore"):
                    held = {remote.id: remote for remote in self.world.remotes(self.employee)}
                    self.blocked = held[operation.results["remote_id"]].sign_in_blocked


@pytest.fixture
def fuse(monkeypatch):
    """{"calls": n}: after so many calls more the process is killed, with the answer in its hands."""
    left, once = {"calls": -1}, http.Channel._once

    def burning(channel, *arguments, **options):
        answer = once(channel, *arguments, **options)
        if left["calls"] == 0:
            left["calls"] = -1
            raise Killed()
        left["calls"] -= left["calls"] > 0
        return answer

    monkeypatch.setattr(http.Channel, "_once", burning)
    return left


def test_portal_tenant_and_model_agree_whatever_was_played(
    app, alice, cast, connection, sandbox, mailbox, impatient, monkeypatch, fuse, tables, caplog, record_property
):
    monkeypatch.setattr(http, "TIMEOUT", SHORT)
    # A game has no second person at the page: it waits for each press.
    monkeypatch.setattr(card_page, "PATIENCE", 60.0)
    world = World(app, alice, cast, connection, sandbox, mailbox)
    play = type("Play", (Play,), {"world": world, "fuse": fuse})
    run_state_machine_as_test(
        play,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=not SOAK, database=None,
            suppress_health_check=list(HealthCheck), print_blob=True, phases=(Phase.generate,),
        ),
    )  # fmt: skip
    assert not world.leaks(tables, caplog.text)
    record_property("games played", EXAMPLES)
    assert engine.due() == []
