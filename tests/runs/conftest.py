import pytest

from portal.auth.models import AccessLevel
from portal.mail import lane
from portal.runs import carrying, planning
from portal.runs.models import Run, RunState
from tests.pages import words
from tests.provisioning.conftest import connect, impatient  # noqa: F401
from tests.provisioning.test_killed import eventually


@pytest.fixture
def connection(alice, sandbox, mailbox):
    """Acme connected to its tenant some time ago; new accounts get no licence unless a test asks for one."""
    return connect(sandbox, alice.user)


@pytest.fixture
def ada(cast, acme):
    """Ada, a second Admin of Acme."""
    return cast.person(acme, "Ada", AccessLevel.ADMIN)


@pytest.fixture
def staff(cast, acme):
    """Ten people: one who leads the others."""
    head = cast.employee(acme, "Helen", "Head", employee_number="100", personal_email="helen@home.example")
    others = [
        cast.employee(
            acme, f"Rita{number}", "Report", employee_number=str(200 + number), manager=head,
            personal_email=f"rita{number}@home.example",
        )
        for number in range(9)
    ]  # fmt: skip
    return [head, *others]


@pytest.fixture
def small_portions(monkeypatch):
    """A turn begins two people."""
    monkeypatch.setattr(carrying, "PORTION", 2)
    monkeypatch.setattr(carrying, "LONGEST_TURN", 0.0)


def latest() -> Run:
    return Run.select().order_by(Run.id.desc()).get()


def planned(app, run: Run | None = None) -> Run:
    """What the worker does after a run was asked for."""
    run = run or latest()
    with app.app_context():
        planning.plan(run)
    return Run.get_by_id(run.id)


def carried_out(app, run: Run | None = None, *, portions: int = 100) -> Run:
    """What the worker does after a run was started, until there is nothing more to do."""
    run = run or latest()
    with app.app_context():
        for _ in range(portions):
            if carrying.carry_on(Run.get_by_id(run.id)) is None:
                break
    lane.join()
    return Run.get_by_id(run.id)


def start(person):
    """Press the button that carries the plan out, or asks a second Admin to approve it, whatever it says."""
    return person.press(start_label(person.page))


def start_label(page) -> str:
    """What that button says; empty when there is none."""
    return words(page.first("#start-plan"))


def skip(person, *names):
    """Tick these people of the plan, and skip them."""
    return person.press("Skip", {f"Tick {name}": True for name in names})


def plan_for(app, person, employees, verb="create", **fields):
    """Tick the employees on the list, choose the verb, and have the worker plan."""
    person.get("/provisioning/runs/new?" + "&".join(f"employee={employee.id}" for employee in employees))
    form = person.page.first("form[enctype]")
    del form.find(".//input[@name='verb'][@checked]").attrib["checked"]
    form.find(f".//input[@name='verb'][@value='{verb}']").set("checked", "")
    person.press("Show the plan", fields)
    run = planned(app)
    # A worker that the test has started may have been first, and plans still.
    eventually(lambda: Run.get_by_id(run.id).state != RunState.PLANNING)
    run = Run.get_by_id(run.id)
    assert run.state == RunState.PLANNED, run.problem
    return run, person.get(f"/provisioning/runs/{run.id}")
