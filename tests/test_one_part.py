"""An HR of one part works on many people at once, links, imports and plans: and reaches nobody of another part."""

import io
from datetime import timedelta

import pytest

from portal.accounts.models import Status
from portal.auth.models import User
from portal.database import now
from portal.people import lists
from portal.people.models import Employee
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.timeline_templates import saving
from portal.timeline_templates.steps import Kind
from portal.timelines.models import Itinerary, PlannedStep
from tests.cast import account_of
from tests.provisioning.conftest import at, connection, impatient, tab  # noqa: F401
from tests.runs.conftest import carried_out, plan_for, planned, start

RUNS = "/provisioning/runs"
IMPORT = "/people/employees/import"
ASKED = {"verb": "create", "send": "now", "domain": "acme.example", "licence": "none"}


@pytest.fixture
def sales(cast, acme):
    return cast.employee(acme, "Sam", "Seller", employee_number="S1")


def in_run(run):
    return {line.employee.first_name for line in RunLine.select().where(RunLine.run == run)}


@pytest.fixture
def bulk(app, hana, connection, mailbox, sales, secret):  # noqa: F811
    """Hana's plan for Sam."""
    run, _ = plan_for(app, hana, [sales])
    return run


@pytest.mark.parametrize("way", ["by number of the record", "everybody", "a list", "those of another bulk action"])
def test_a_bulk_action_takes_in_nobody_of_another_part(app, alice, hana, connection, mailbox, sales, secret, way):  # noqa: F811
    others, _ = plan_for(app, alice, [sales, secret])
    RunLine.update(state=LineState.DONE).where(RunLine.run == others).execute()
    chosen = {
        "by number of the record": {"employee": [sales.id, secret.id]},
        "everybody": {"everybody": "y", "q": ""},
        "a list": {"people": (io.BytesIO(b"number\nS1\nB1\n"), "people.csv")},
        "those of another bulk action": {"run": others.id, "of": "done"},
    }[way]
    hana.get("/people/employees")
    hana.post(RUNS, ASKED | chosen)
    run = planned(app)
    assert in_run(run) == {"Sam"}
    assert (run.part, run.part_value) == ("department", "Sales")
    assert "Zed" not in hana.get(f"{RUNS}/{run.id}").html


def test_a_long_list_that_the_worker_reads_is_held_to_the_part(app, hana, connection, sales, secret, monkeypatch):  # noqa: F811
    monkeypatch.setattr("portal.runs.choosing.SHORT_BYTES", 1)
    hana.get("/people/employees")
    hana.post(RUNS, ASKED | {"people": (io.BytesIO(b"number\nS1\nB1\n"), "people.csv")})
    run = planned(app)
    assert in_run(run) == {"Sam"}
    assert run.unknown == ["B1"]


def test_a_bulk_action_works_to_its_end_and_those_of_others_are_not_there(app, alice, hana, bulk, sales, secret):
    others, _ = plan_for(app, alice, [sales, secret])
    hana.get(f"{RUNS}/{bulk.id}")
    start(hana)
    assert carried_out(app, bulk).state == RunState.DONE
    assert account_of(sales).status == Status.ACTIVE
    assert "1 of 1" in hana.get(f"{RUNS}/{bulk.id}").text
    table = hana.get(RUNS).soup.select_one("tbody").get_text()
    assert "Hana" in table
    assert "Alice" not in table
    line = RunLine.get(RunLine.run == others)
    for verb in ("start", "approve", "cancel", "skip", "retry", "pause", f"lines/{line.id}/create-another"):
        assert hana.post(f"{RUNS}/{others.id}/{verb}").status == 404, verb
    for page in ("", "/report.csv"):
        assert hana.get(f"{RUNS}/{others.id}{page}").status == 404, page
    assert Run.get_by_id(others.id).state == RunState.PLANNED


def test_who_moves_out_of_the_part_meanwhile_is_not_touched_nor_shown(app, alice, hana, bulk, sales, sandbox):
    Employee.update(department="Board").where(Employee.id == sales.id).execute()
    assert "Sam" not in hana.get(f"{RUNS}/{bulk.id}").html
    assert "Sam" not in hana.get(f"{RUNS}/{bulk.id}/report.csv").html
    alice.get(f"{RUNS}/{bulk.id}")
    start(alice)
    carried_out(app, bulk)
    assert account_of(sales) is None
    assert "No longer in Sales" in alice.get(f"{RUNS}/{bulk.id}?show=failed").text
    hana.post(f"{RUNS}/{bulk.id}/retry")
    carried_out(app, bulk)
    assert account_of(sales) is None


def test_a_bulk_action_follows_its_department_and_a_user_only_the_present_part(acme, alice, hana, bulk):
    lists.change(acme, "department", "Sales", "Selling", by=alice.user)
    assert hana.get(f"{RUNS}/{bulk.id}").status == 200
    User.update(part="country", part_value="GB").where(User.id == hana.user.id).execute()
    assert hana.get(f"{RUNS}/{bulk.id}").status == 404
    User.update(part="", part_value="").where(User.id == hana.user.id).execute()
    assert hana.get(f"{RUNS}/{bulk.id}").status == 404


def test_an_account_that_shows_whose_it_is_can_be_linked(hana, cast, acme, connection):  # noqa: F811
    omar = cast.employee(acme, "Omar", "Ordinary")
    hana.get(tab(omar))
    hana.press("Link existing account")
    hana.press("Search", {"Search by name, address or employee number": "omar"})
    hana.press("Link omar.ordinary@acme.example")
    assert "The account has been linked." in hana.press("Confirm").text
    assert account_of(omar).username == "omar.ordinary@acme.example"


def test_the_account_of_somebody_else_is_neither_found_nor_linked(alice, hana, cast, acme, connection, sales, sandbox):  # noqa: F811
    omar = cast.employee(acme, "Omar", "Ordinary", department="Board", employee_number="B7")
    remote_id = sandbox.user("omar.ordinary@acme.example").id
    hana.get(f"{at(sales)}/link")
    found = hana.get(f"{at(sales)}/link", query_string={"q": "omar"})
    assert "omar.ordinary" not in found.html

    def tries():
        hana.get(tab(sales))
        chosen = {"remote_id": remote_id, "seen": remote_id}
        pages = [hana.post(f"{at(sales)}/{verb}", chosen, fragment=True) for verb in ("link", "not-theirs", "restore")]
        pages.append(hana.get(f"{at(sales)}/link/confirm", query_string=chosen, fragment=True))
        for page in pages:
            assert "Nothing shows that this account belongs to" in page.text, page.url
            assert "B7" not in page.text
        assert account_of(sales) is None

    tries()
    # Nor once the record of somebody of the part is made to look like theirs.
    Employee.update(first_name="Omar", last_name="Ordinary", company_email="omar.ordinary@acme.example").where(
        Employee.id == sales.id
    ).execute()
    tries()
    alice.get(f"{at(omar)}/link")
    alice.post(f"{at(omar)}/link", {"remote_id": remote_id}, fragment=True)
    assert account_of(omar) is not None
    tries()


def test_a_bulk_link_leaves_out_what_may_be_somebody_elses(app, hana, cast, acme, connection):  # noqa: F811
    same = {"company_email": "omar.ordinary@acme.example"}
    mine = cast.employee(acme, "Omar", "Ordinary", **same)
    cast.employee(acme, "Omar", "Ordinary", department="Board")
    run, _ = plan_for(app, hana, [mine], "link")
    line = RunLine.get(RunLine.run == run)
    assert line.state == LineState.LEFT_OUT
    assert "nobody outside Sales" in line.reason


def test_the_calendar_shows_the_steps_of_the_part_alone(alice, hana, connection, sales, secret):  # noqa: F811
    due = now() + timedelta(hours=1)
    for one in (sales, secret):
        made = Itinerary.create(organisation=one.organisation, employee=one, kind="leaver")
        for state in ("planned", "failed"):
            PlannedStep.create(
                organisation=one.organisation, itinerary=made, employee=one, key="block", anchor="end", days=0,
                day=due.date(), hour="18:00", due_at=due, state=state,
            )  # fmt: skip
    assert "Zed" in alice.get("/provisioning/calendar").html
    page = hana.get("/provisioning/calendar")
    assert page.html.count("Sam Seller") >= 2
    assert "Zed" not in page.html
    assert "2 steps: 2 for leavers" in page.text
    assert "Calendar" in [link.get_text() for link in page.soup.select(".sidebar a")]


def upload(person, text):
    person.get(IMPORT)
    return person.press("Upload", {"File (CSV or XLSX)": io.BytesIO(text.encode())})


def test_an_import_adds_and_changes_people_of_the_part(hana, sales, secret):
    Employee.update(manager=secret).where(Employee.id == sales.id).execute()
    # Who leads them may be elsewhere, as an export says.
    exported = hana.get("/people/employees/export.csv").html
    assert "1 unchanged" in upload(hana, exported).text.casefold() or "Unchanged 1" in hana.page.text
    upload(hana, "employee_number,first_name,department,job_title\nS1,Sam,Sales,Lead\nS2,Ida,Sales,\n")
    assert "1 added, 1 changed" in hana.press("Import").text
    assert Employee.get_by_id(sales.id).job_title == "Lead"
    assert Employee.get_by_id(sales.id).manager_id == secret.id


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("B1,Zed,Sales,", "another employee has this number"),
        ("S1,Sam,Board,", "You look after Sales"),
        ("S3,Ida,,", "You look after Sales"),
        ("S3,Ida,Sales,B1", "neither in the file nor in the Employee List"),
        ("S3,Ida,Sales,Zed Zulu", "neither in the file nor in the Employee List"),
        ("b1,Zed,Sales,", ""),
    ],
)
def test_an_import_reaches_and_names_nobody_of_another_part(hana, sales, secret, line, said):
    page = upload(hana, f"employee_number,first_name,department,manager\n{line}\n")
    assert said in page.text
    # The page repeats what Hana typed, and names nobody.
    assert "Zulu" not in page.text.replace("“Zed Zulu”", "")
    assert page.has_button("Import") is not bool(said)
    assert Employee.get_by_id(secret.id).department == "Board"


def test_an_import_is_held_to_the_part_that_its_user_has_when_it_happens(hana, sales, secret):
    upload(hana, "employee_number,first_name,department,job_title\nS1,Sam,Sales,Lead\n")
    User.update(part_value="Board").where(User.id == hana.user.id).execute()
    assert "check it again" in hana.press("Import").text
    assert Employee.get_by_id(sales.id).job_title == ""


def test_the_headings_that_an_hr_of_one_part_explains_stay_with_the_file(hana, alice, sales):
    upload(hana, "employee_number,first_name,Bereich XY\nS1,Sam,Sales\n")
    assert hana.post("/people/employees/import/columns/1/forget").status == 403
    assert "Column choices from earlier files" not in hana.get(IMPORT).text


def test_a_move_out_of_the_part_is_not_planned_and_a_taken_number_names_nobody(acme, hana, sales, secret):
    saving.switch_on(acme, Kind.MOVER, by="test")
    hana.get(f"/people/employees/{sales.id}/move")
    day = (now() + timedelta(days=9)).date().isoformat()
    page = hana.press("Continue", {"Day of the move": day, "Department": "Board"})
    assert page.status == 422
    assert "You look after Sales" in page.text
    hana.get(f"/people/employees/{sales.id}/edit")
    hana.press("Save", {"Employee number": "B1"})
    assert "Another employee has this number" in hana.page.text
    assert "Zed" not in hana.page.text


def test_what_compares_everybody_with_everything_stays_closed(hana, connection, sales):  # noqa: F811
    for address in (
        "/provisioning/matching", "/provisioning/clean-up", "/provisioning/differences", "/home",
        f"/people/employees/{sales.id}/reports", "/settings/integrations",
    ):  # fmt: skip
        assert hana.get(address).status == 403, address
