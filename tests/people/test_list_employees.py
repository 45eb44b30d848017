import gzip
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from peewee import chunked
from playhouse.test_utils import count_queries

from portal.auth.models import AccessLevel
from portal.database import database, now
from portal.organisations.models import Organisation
from portal.people.models import Employee
from tests.people.conftest import LIST, headings, names

TODAY = now().date()


def test_the_list_is_in_the_order_of_names_and_says_how_many(alice, cast, acme):
    cast.employee(acme, "Zoë", "Adams")
    cast.employee(acme, "Adam", "Zeller")
    cast.employee(acme, "Madonna", "")
    page = alice.get(LIST)
    assert page.title == "Employee List"
    assert names(page) == ["Zoë Adams", "Madonna", "Adam Zeller"]
    assert "3 employees" in page.text


def test_an_empty_list_says_what_to_do_next(alice):
    page = alice.get(LIST)
    assert "No employees yet" in page.text
    assert page.has_button("Add employee")
    assert page.has_button("Import from Excel or CSV")


def test_the_employee_opens_from_the_list(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang")
    alice.get(LIST)
    assert alice.press("Wei Zhang").title.endswith(" Wei Zhang")


def test_nobody_sees_the_employees_of_another_organisation(mallory, cast, acme):
    employee = cast.employee(acme, "Wei", "Zhang")
    assert names(mallory.get(LIST)) == []
    assert "Department" not in mallory.page.field("Department").text_content()
    assert names(mallory.get(f"{LIST}?q=wei")) == []
    assert names(mallory.get(f"{LIST}?after={employee.id}")) == []


def test_a_manager_sees_the_own_reports_and_nobody_else(bob, cast, acme):
    cast.employee(acme, "Wei", "Zhang", manager=bob.user.employee)
    cast.employee(acme, "Other", "Person")
    page = bob.get(LIST)
    assert names(page) == ["Bob Barker", "Wei Zhang"]
    assert not page.has_button("Add employee")
    assert not page.has_button("Import from Excel or CSV")


def test_an_employee_sees_only_themself(carol, cast, acme):
    cast.employee(acme, "Wei", "Zhang")
    assert names(carol.get(LIST)) == ["Carol Cole"]


def test_a_manager_without_a_record_is_told_who_will_be_listed(cast, acme):
    newcomer, wei = cast.person(acme, "Newcomer", AccessLevel.MANAGER), cast.employee(acme, "Wei", "Zhang")
    page = newcomer.get(LIST)
    assert "You see the people who report to you here." in page.text
    # Wei, who has no manager either, is not theirs.
    assert "Zhang" not in page.text
    assert newcomer.get(f"/people/employees/{wei.id}").status == 404


@pytest.mark.parametrize("text", ["muller", "MÜLLER", "jörg mull", "müller jor", "E77", "welder", "jm@acme"])
def test_search_finds_each_word_anywhere_with_and_without_accents(alice, cast, acme, text):
    cast.employee(
        acme, "Jörg", "Müller", employee_number="E77", job_title="Welder", company_email="jm@acme.example"
    )  # fmt: skip
    cast.employee(acme, "Anna", "Schmidt", company_email="jm@acorn.example")
    assert names(alice.get(LIST, query_string={"q": text})) == ["Jörg Müller"]


@pytest.mark.parametrize("text", ["王", "wang", "小明"])
def test_search_finds_names_in_any_script(alice, cast, acme, text):
    cast.employee(acme, "小明", "王")
    assert names(alice.get(LIST, query_string={"q": text})) == ["小明 王"]


@pytest.mark.parametrize(
    ("text", "found"), [("wa", ["Anna Walker"]), ("al", []), ("wa an", ["Anna Walker"]), ("alk", ["Anna Walker"])]
)
def test_two_letters_are_found_where_a_word_begins_and_three_anywhere(alice, cast, acme, text, found):
    cast.employee(acme, "Anna", "Walker")
    cast.employee(acme, "Wei", "Zhang")
    assert names(alice.get(LIST, query_string={"q": text})) == found


def test_the_search_follows_the_record(alice, cast, acme):
    employee = cast.employee(acme, "Anna", "Walker")
    employee.last_name = "Taylor"
    employee.save()
    assert names(alice.get(f"{LIST}?q=walker")) == []
    assert names(alice.get(f"{LIST}?q=taylor")) == ["Anna Taylor"]
    employee.delete_instance()
    assert names(alice.get(f"{LIST}?q=taylor")) == []


@pytest.mark.parametrize("how_many", [1001, 10_001])
def test_a_search_with_very_many_hits_is_in_order_and_not_counted_to_the_end(alice, cast, acme, how_many):
    rows = [(acme.id, str(n), "Wei", f"zhang {n:05}", " wei zhang", now(), now()) for n in range(how_many)]
    columns = ("organisation", "employee_number", "first_name", "sort_name", "search_text", "created_at", "changed_at")
    with database.atomic():
        for some in chunked(rows, 1000):
            Employee.insert_many(some, fields=[getattr(Employee, name) for name in columns]).execute()
    cast.employee(acme, "Anna", "Walker")
    page = alice.get(f"{LIST}?q=zhang&sort=-name")
    assert "More than 1,000 employees found" in page.text
    assert names(page) == ["Wei"] * 25
    assert page.soup.select_one("tbody tr td:nth-of-type(3)").get_text(strip=True) == str(how_many - 1)
    assert f"{how_many + 1:,} employees" in alice.get(LIST).text


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1 --"])
def test_signs_of_the_database_are_searched_as_they_are(alice, cast, acme, text):
    cast.employee(acme, "Wei", "Zhang")
    assert names(alice.get(LIST, query_string={"q": text})) == []
    cast.employee(acme, "Odd", "Sign", job_title=f"a{text}b")
    assert names(alice.get(LIST, query_string={"q": text})) == ["Odd Sign"]


def test_a_search_without_a_hit_offers_everyone_again(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang")
    page = alice.get(f"{LIST}?q=nobody")
    assert "No matches" in page.text
    assert names(alice.press("Show everyone")) == ["Wei Zhang"]


def test_the_plain_form_searches_without_javascript(alice, cast, acme):
    alice.htmx = False
    cast.employee(acme, "Wei", "Zhang", department="Buying")
    cast.employee(acme, "Wei", "Chen", department="Sales")
    alice.get(LIST)
    page = alice.press("Apply", {"Search": "wei", "Department": "Buying"})
    assert names(page) == ["Wei Zhang"]
    assert page.value("Search") == "wei"
    assert page.value("Department") == "Buying"


def test_typing_answers_with_the_table_and_the_address_to_come_back_to(alice, cast, acme):
    cast.employee(acme, "Wei", "Zhang")
    cast.employee(acme, "Anna", "Schmidt")
    fragment = alice.get(f"{LIST}?q=wei&department=&status=&who=&sort=-name", fragment=True)
    assert fragment.soup.find(True)["id"] == "employee-table"
    assert fragment.headers["HX-Push-Url"] == f"{LIST}?q=wei&sort=-name"
    page = alice.get(fragment.headers["HX-Push-Url"])
    assert names(page) == names(fragment) == ["Wei Zhang"]
    assert page.value("Search") == "wei"


def test_one_department_can_be_chosen(alice, staff):
    page = alice.get(LIST, query_string={"department": "Department 1"})
    assert len(names(page)) == 10
    assert page.value("Department") == "Department 1"
    assert "10 employees found" in page.text


def test_starters_leavers_and_current_employees_can_be_chosen(alice, cast, acme):
    month = timedelta(days=30)
    cast.employee(acme, "Starter", "", start_date=TODAY + month)
    cast.employee(acme, "Left", "", start_date=TODAY - 2 * month, end_date=TODAY - month)
    cast.employee(acme, "Leaving", "", start_date=TODAY - month, end_date=TODAY + month)
    cast.employee(acme, "Undated", "")
    assert names(alice.get(f"{LIST}?who=starters")) == ["Starter"]
    assert names(alice.get(f"{LIST}?who=leavers")) == ["Leaving", "Left"]
    assert names(alice.get(f"{LIST}?who=current")) == ["Leaving", "Undated"]
    assert alice.page.value("Show") == "current"


def test_each_status_can_be_chosen_and_is_shown(alice, cast, acme, with_account):
    with_account(cast.employee(acme, "Working", ""))
    with_account(cast.employee(acme, "Blocked", ""), enabled=False)
    with_account(cast.employee(acme, "Unlinked", ""), detached_at=now())
    with_account(cast.employee(acme, "Unread", ""), read_at=None)
    cast.employee(acme, "Nothing", "")
    for status, people in (
        ("Active", ["Working"]),
        ("Deactivated", ["Blocked"]),
        ("No access", ["Nothing", "Unlinked", "Unread"]),
    ):
        page = alice.get(LIST, query_string={"status": status})
        assert names(page) == people
        assert all(row.find_all("td")[-1].get_text(strip=True) == status for row in page.soup.select("tbody tr"))
        assert page.value("Account status") == status


def test_disconnecting_turns_every_status_to_no_access(alice, cast, acme, with_account, connected):
    with_account(cast.employee(acme, "Working", ""))
    connected.disconnected_at = now()
    connected.save()
    assert names(alice.get(LIST, query_string={"status": "No access"})) == ["Working"]


@pytest.mark.parametrize("person", ["bob", "carol", "stan"])
def test_who_may_not_provision_sees_no_account_status_and_cannot_filter_by_it(request, person):
    person = request.getfixturevalue(person)
    page = person.get(f"{LIST}?status=Active")
    assert "Account status" not in page.text
    assert "Account" not in headings(page)
    assert names(page) == names(person.get(LIST))


@pytest.mark.parametrize(
    ("key", "label", "order"),
    [
        ("name", "Name", ["B", "C", "A"]),
        ("employee-number", "Number", ["A", "B", "C"]),
        ("department", "Department", ["C", "B", "A"]),
        ("start-date", "Start date", ["C", "A", "B"]),
    ],
)
def test_every_column_sorts_both_ways(alice, cast, acme, key, label, order):
    cast.employee(acme, "A", "Zed", employee_number="1", department="Z", start_date=TODAY)
    cast.employee(acme, "B", "Ann", employee_number="2", department="D")
    cast.employee(acme, "C", "Moe", employee_number="3", department="B", start_date=TODAY - timedelta(days=9))
    first_names = {"A": "A Zed", "B": "B Ann", "C": "C Moe"}
    alice.get(f"{LIST}?sort=employee-number")
    page = alice.get(LIST) if key == "name" else alice.press(label)
    if key == "employee-number":
        page = alice.get(f"{LIST}?sort={key}")
    assert names(page) == [first_names[name] for name in order]
    backwards = ["A", "C", "B"] if key == "start-date" else order[::-1]
    alice.get(f"{LIST}?sort={key}")
    assert names(alice.press(label)) == [first_names[name] for name in backwards]


def walk(person, url):
    """Every page of the list from this address to its end, by Next."""
    pages = [person.get(url)]
    while pages[-1].has_button("Next"):
        pages.append(person.press("Next"))
    return pages


@pytest.mark.parametrize("sort", ["name", "-name", "department", "-department", "start-date", "-start-date"])
def test_paging_shows_everybody_once_in_both_directions(alice, cast, acme, staff, sort):
    for n in range(30):
        start = TODAY - timedelta(days=n // 4) if n % 5 else None
        cast.employee(acme, f"Twin{n % 4}", "Same", start_date=start, department=f"Department {n % 3}")
    alice.htmx = False
    forth = [names(page) for page in walk(alice, f"{LIST}?sort={sort}")]
    ids = [row.a["href"] for row in alice.page.soup.select("tbody tr")]
    assert [len(page) for page in forth] == [25, 25, 10]
    assert len(set(ids)) == 10
    back = [forth[-1]]
    while alice.page.has_button("Previous"):
        back.append(names(alice.press("Previous")))
    assert back[::-1] == forth


def test_paging_keeps_what_was_chosen(alice, staff):
    page = alice.get(f"{LIST}?q=name&sort=-name")
    assert names(page)[0] == "Name30"
    page = alice.press("Next")
    assert names(page) == ["Name05", "Name04", "Name03", "Name02", "Name01"]
    assert alice.page.url.startswith(f"{LIST}?q=name&sort=-name&after=")


@pytest.mark.parametrize(
    "cursor", ["after=abc", "after=999999", "after=-1", "after=" + "9" * 40, "before=x", "before="]
)
def test_a_cursor_that_means_nothing_shows_the_first_page(alice, staff, cursor):
    assert names(alice.get(f"{LIST}?{cursor}"))[0] == "Name01"


def test_an_address_with_a_department_that_nobody_has_says_so(alice, staff):
    page = alice.get(f"{LIST}?department=Gone")
    assert page.value("Department") == "Gone"
    assert "No employees match these filters." in page.text


@pytest.mark.parametrize("values", ["sort=salary", "who=all&status=Gone", "q=%00&department=%00", "q=" + "x" * 5000])
def test_a_filter_that_means_nothing_breaks_nothing(alice, staff, values):
    assert alice.get(f"{LIST}?{values}").status == 200


def test_the_number_of_queries_is_the_same_for_one_employee_and_for_many(alice, cast, acme, with_account):
    with_account(cast.employee(acme, "One", ""))
    with count_queries() as one:
        alice.get(f"{LIST}?sort=name")
    for n in range(60):
        with_account(cast.employee(acme, f"Name{n}", "", manager=Employee.get()))
    with count_queries() as many:
        alice.get(f"{LIST}?sort=name")
    assert many.count <= one.count + 1


def test_a_fragment_is_light(alice, staff):
    assert len(gzip.compress(alice.get(LIST, fragment=True).html.encode())) < 5_000


def test_a_starter_is_one_by_the_day_where_the_organisation_is(cast, acme, alice):
    # The first of these is always a day or more ahead of the second.
    early, late = "Pacific/Kiritimati", "Etc/GMT+12"
    wei = cast.employee(acme, "Wei", "Zhang", start_date=now().astimezone(ZoneInfo(early)).date())
    for zone, starts in ((early, False), (late, True)):
        Organisation.update(time_zone=zone).where(Organisation.id == acme.id).execute()
        assert ("Starter" in alice.get(LIST).soup.select_one("tbody").get_text()) is starts
        assert ("Starts on" in alice.get(f"/people/employees/{wei.id}").text) is starts
