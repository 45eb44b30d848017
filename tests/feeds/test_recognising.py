"""What other systems write: their header rows, encodings, titles and dates, read without a hand or asked about."""

import io

import pytest

from portal.feeds.models import Feed, FeedRun, RunState
from portal.people.models import Employee
from tests.feeds.conftest import by_number, numbers, of, people, run, work
from tests.feeds.test_runs import approved
from tests.imports.conftest import upload  # noqa: F401

# For a file that has no column with it.
THE_NUMBER = "employee number"
# Header rows as the systems write them, and which columns are asked about.
RECOGNISED = {
    "Employment Hero": (
        ("First name,Last name,Account email,Location,Middle name,Known as,Employee code,Job Title,Employment type,"
         "Company email,Company mobile,Personal mobile number,Home phone,Primary manager,Secondary manager,Start date,"
         "Termination date,Employing entity,Primary cost centre"),
        {"Account email", "Company mobile", "Personal mobile number"},
    ),
    "KeyPay": (
        ("EmployeeId,PreferredName,FirstName,MiddleName,Surname,DateOfBirth,ResidentialCountry,StartDate,EndDate,"
         "EmailAddress,MobilePhone,EmploymentType"), {"EmailAddress"},
    ),
    "BambooHR": (
        ("Employee #,First Name,Last Name,Preferred Name,Job Title,Reporting to,Department,Division,Location,Hire Date,"
         "Original Hire Date,Employment Status,Status,Work Email,Home Email,Mobile Phone,Country,Termination Date"),
        set(),
    ),
    "Workday": ("Employee ID,Worker,Business Title,Job Profile,Cost Center,Hire Date,Active Status", {"Worker"}),
    "ADP": (
        "Payroll Name,Position ID,Position Description,Home Department,Position Status,Hire Date",
        {"Payroll Name", "Position ID"},
    ),
    "SuccessFactors": (
        "Person ID External,First Name,Last Name,Position,Job Title,Department,Employment Status", set(),
    ),
    "Oracle HCM": (
        "Person Number,Display Name,Job Name,Position Name,Department Name,Assignment Status,Hire Date",
        {"Display Name", "Job Name", "Position Name"},
    ),
    "Paylocity": ("Employee Id,Last Name,First Name,Job Title,Cost Center 1,Status,Hire Date,Employee Type", set()),
    "QuickBooks": ("Employee,Employee ID,Status,Hire date,Job title,Work location", {"Employee"}),
    "Homebase": ("First name,Last name,Email,Phone,Role,Job title,Status", {"Email", "Phone"}),
    "Lattice": (
        "Employee ID,Legal First Name,Surname,Business title,Hire date,Manager email,Department", set(),
    ),
    "Lattice in other words": ("Empl ID,Full name,Title,Start date,Supervisor email", {"Title"}),
    "Lattice once more": ("External user ID,First name,Last name,Job title,Hire date", {"External user ID"}),
    "7shifts": ("First Name,Last Name,Email,Roles,Departments,Active,Hire Date", {"Email", "Roles", "Active"}),
    "Personio": (
        ("Personnel number,First name,Last name,Position,Department,Hire date,Contract end date,Employment end date,"
         "Supervisor,Office,Cost center"), {"Position"},
    ),
    "Personio in German": (
        "Personalnummer,Vorname,Nachname,Position,Abteilung,Einstellungsdatum,Vorgesetzter", {"Position"},
    ),
    "HiBob": (
        "Legal first name,Legal last name,Display name,Job Title,Manager email,Status,Start Date,Department,Site",
        {"Site"},
    ),
    "PeopleForce": (
        "employee_id,first_name,last_name,personal_email,hired_on,mobile_number,department,employment_type", set(),
    ),
    "Worknice": ("employee_code,given_name,family_name,personal_email,profile_email,status,archived", set()),
    "Horilla": (
        ("Badge id,First Name,Last Name,Phone,Email,Department,Job Position,Job Role,Employee Type,Reporting Manager,"
         "Company,Location,Date joining,Contract End Date"),
        {"Email", "Phone", "Contract End Date"},
    ),
    "French payroll": ("Nom;Prénom;Poste;Service;Statut;Date d'entrée", {THE_NUMBER}),
    "German payroll": ("Personalnummer,Nachname,Vorname,Eintrittsdatum,Austrittsdatum,E-Mail,Handynummer", {"E-Mail"}),
}  # fmt: skip


def tried(alice, made, content):
    """The page of a trial with this file."""
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Try", {"File (CSV or XLSX)": io.BytesIO(content)})
    work()
    return alice.get(alice.page.url)


def asked_about(page):
    """The columns for which an Admin has to choose."""
    return {tag.label.get_text(strip=True) for tag in page.soup.select("#columns .field") if _is_open(tag)}


def _is_open(tag):
    chosen = tag.select_one("option[selected]")
    return chosen is None or not chosen.get("value")


@pytest.mark.parametrize("system", RECOGNISED)
def test_o22_the_header_rows_of_other_systems_are_known_and_what_may_mean_two_things_is_asked(alice, feed, system):
    header, ambiguous = RECOGNISED[system]
    sign = ";" if ";" in header else ","
    page = tried(alice, feed(), f"{header}\nx{sign * header.count(sign)}\n".encode())
    if THE_NUMBER in ambiguous:
        assert "Choose the column that holds the employee number" in page.text
        return
    assert asked_about(page) == ambiguous, page.text
    if not ambiguous:
        assert "What do the columns mean?" not in page.text


def test_o22_our_own_export_changes_nothing(alice, cast, acme, feed):
    boss = cast.employee(acme, "Ana", "Ruiz", start_date="2024-01-08", department="Sales", location="Leeds")
    cast.employee(acme, "Wei", "Zhang", manager=boss, country="DE", end_date="2027-01-31", mobile="+44 1")
    exported = alice.get("/people/employees/export.csv")
    page = tried(alice, feed(), exported.html.encode())
    found = FeedRun.select().order_by(FeedRun.id.desc()).first().found
    assert (found["added"], found["changed"], found["unchanged"], found["refused"]) == (0, 0, 2, 0), page.text


def test_what_a_column_means_is_answered_once_for_all_files_of_a_feed(alice, company, feed):
    made = feed()
    content = b"Personnel number,First name,Position\n7,Ana,Buyer\n"
    tried(alice, made, content)
    alice.press("Continue", {"Position": "job_title"})
    work()
    page = alice.get(alice.page.url)
    assert "7 Ana" in page.text
    assert "Buyer" in page.text
    assert "What do the columns mean?" not in tried(alice, made, content.replace(b"Buyer", b"Chef")).text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Personalnummer;Vorname;Nachname\n7;Jürgen;Größmann\n".encode("utf-16"), "UTF-16, separated by semicolons"),
        ("Personalnummer\tVorname\tNachname\n7\tJürgen\tGrößmann\n".encode("cp1252"), "Windows-1252"),
        ("\ufeffPersonalnummer,Vorname,Nachname\n7,Jürgen,Größmann\n".encode(), "UTF-8, separated by commas"),
        (
            "Mitarbeiterliste\n\nPersonalnummer|Vorname|Nachname\n7|Jürgen|Größmann\nAnzahl|1|\n".encode(),
            "separated by vertical bars",
        ),
    ],
)
def test_o23_encodings_separators_titles_and_footers_are_read_and_said(alice, feed, content, said):
    page = tried(alice, feed(), content)
    assert "7 Jürgen Größmann" in page.text
    assert said in page.text


def test_o24_a_day_that_may_be_two_is_asked_and_one_clear_day_settles_the_file(alice, feed):
    made = feed()
    doubtful = b"Employee ID,First name,Start date\n7,Ana,03/04/2026\n"
    page = tried(alice, made, doubtful)
    assert "Which day is “03/04/2026”?" in page.text
    alice.press("Continue", {"3 April 2026: the day comes first": True})
    work()
    assert "7 Ana" in alice.get(alice.page.url).text
    assert "Which day" not in tried(alice, made, doubtful).text
    other = Feed.create(organisation=made.organisation, name="Other", kind="bamboohr")
    assert "Which day" not in tried(alice, other, doubtful + b"8,Wei,25/04/2026\n").text


def test_o24_lost_zeros_are_warned_of(alice, feed, cast, acme):
    cast.employee(acme, "Ana", "Ruiz", employee_number="00417")
    page = tried(alice, feed(), b"Employee ID,First name,Last name\n417,Ana,Ruiz\n")
    assert "1 number looks as if zeros were lost" in page.text
    assert "00417 for 417" in page.text


def test_a_field_from_the_feed_is_named_and_nobody_changes_it_here(alice, company, feed):
    company.workers = people(3)
    made = feed()
    approved(alice, run(made))
    two = by_number("E2")
    alice.get(f"/people/employees/{two.id}/edit")
    assert "From the feed “HR system”. Change it there." in alice.page.text
    assert "readonly" in alice.page.field("Job title").attrib
    alice.press("Save", {"Job title": "Emperor", "Time zone": "Europe/Berlin"})
    two = Employee.get_by_id(two.id)
    assert (two.job_title, two.time_zone, two.manager) == ("Clerk", "Europe/Berlin", by_number("E1"))


def test_a_column_that_is_empty_throughout_clears_nothing(alice, company, feed, cast, acme):
    cast.employee(acme, "First1", "Last1", employee_number="E1", personal_email="h1@home.example", mobile="+44 1")
    company.workers = people(2)
    made = feed()
    approved(alice, run(made))
    assert by_number("E1").mobile == "+44 1"
    assert alice.get(f"/people/employees/{by_number('E1').id}/edit").field("Mobile").get("readonly") is None
    company.workers[1].mobile = "+44 2"
    Feed.update(previews=0).execute()
    assert run(made).state == RunState.DONE
    assert (by_number("E2").mobile, by_number("E1").mobile) == ("+44 2", "")


def test_who_changes_a_field_can_be_chosen_and_the_next_run_is_shown_first(alice, company, feed):
    company.workers = people(3)
    made = feed()
    approved(alice, run(made))
    alice.get(f"/settings/integrations/feeds/{made.id}/fields")
    page = alice.page
    choice = page.soup.select_one('input[name="owner_job_title"][value="here"]')
    alice.post(page.url, {**dict_of(page), "owner_job_title": choice["value"]})
    assert (of(made).previews, of(made).owned["job_title"]) == (3, "here")
    company.workers[1].title, company.workers[2].department = "Emperor", "Board"
    assert approved(alice, run(made)).state == RunState.DONE
    assert (by_number("E2").job_title, by_number("E3").department) == ("Clerk", "Board")
    assert numbers() == ["E1", "E2", "E3"]


def dict_of(page):
    """What is chosen in the form now."""
    return {tag["name"]: tag["value"] for tag in page.soup.select("input[type=radio][checked]")}


def test_a_token_cannot_change_what_a_feed_says(alice, app, company, feed):
    from portal.api_tokens import actions
    from portal.api_tokens.scopes import Scope

    company.workers = people(2)
    approved(alice, run(feed()))
    _, token = actions.make(
        alice.user.organisation, name="Payroll", scopes=tuple(Scope), days=9, networks=(), by=alice.user
    )
    answer = app.test_client().patch(
        f"/api/v1/employees/{by_number('E2').id}", json={"job_title": "Emperor"},
        headers={"Authorization": f"Bearer {token}", "If-Match": "*"},
    )  # fmt: skip
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/job_title")
    assert "HR system" in answer.json["errors"][0]["detail"]
