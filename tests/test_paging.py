"""One page of a long list, and what of it is looked for, as every list of the portal reads them from its address."""

from dataclasses import dataclass

import pytest

from portal import audit, database, filters, paging
from portal.paging import beyond, every, page_of
from portal.people.models import Employee


@pytest.fixture
def people(cast, acme, monkeypatch):
    """Seven employees, and room for three on a page."""
    monkeypatch.setattr(paging, "PER_PAGE", 3)
    monkeypatch.setattr(paging, "IN_ONE_PART", 2)
    for number, name in enumerate("BADCABE"):
        cast.employee(acme, name, "Smith", employee_number=str(number), department=name)
    return Employee.select().where(Employee.organisation == acme)


def pages(people, **options):
    """The employee numbers of each page, by its `further`, from the first page to the last."""
    found = page_of(people, Employee.id, None, **options)
    shown = [[row.employee_number for row in found.rows]]
    while found.further:
        found = page_of(people, Employee.id, found.further, **options)
        shown.append([row.employee_number for row in found.rows])
    return shown


def test_every_row_is_on_one_page_in_order_and_the_last_page_says_so(people):
    assert pages(people) == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert pages(people, newest_first=True) == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_a_list_that_just_fits_has_one_page(people):
    assert pages(people.where(Employee.employee_number < "3")) == [["0", "1", "2"]]
    assert pages(people.where(Employee.employee_number > "9")) == [[]]


def test_a_row_that_comes_or_goes_meanwhile_shifts_no_page(people, cast, acme):
    first = page_of(people, Employee.id, None)
    Employee.delete().where(Employee.employee_number == "1").execute()
    second = page_of(people, Employee.id, first.further)
    assert [row.employee_number for row in second.rows] == ["3", "4", "5"]
    assert (second.start, second.further) == (first.further, second.rows[-1].id)


def test_an_export_reads_every_row_once(people):
    assert [row.employee_number for row in every(people, Employee.id)] == list("0123456")


@pytest.mark.parametrize("downwards", [False, True])
def test_what_is_beyond_a_place_in_an_order_by_two_keys_is_what_comes_after_it(people, downwards):
    keys = [Employee.department, Employee.id]
    ordered = list(people.order_by(*(key.desc() if downwards else key for key in keys)))
    for place, row in enumerate(ordered):
        after = people.where(beyond(keys, (row.department, row.id), downwards=downwards))
        assert {each.id for each in after} == {each.id for each in ordered[place + 1 :]}


@dataclass(frozen=True)
class Fruit(filters.Filter):
    name: str = ""
    kind: str = filters.one_of(("apple", "pear"))
    sort: str = filters.one_of(("name", "-name"), "name")
    note: str = filters.words(most=5)


def test_a_filter_is_in_the_address_what_was_read_from_it():
    address = {"name": "Cox", "kind": "apple", "sort": "-name", "note": "ripe"}
    assert Fruit.read(address).values() == address
    assert Fruit.read({}).values() == {}
    assert Fruit.read({"sort": "name", "kind": ""}) == Fruit()


def test_what_a_filter_does_not_understand_is_as_if_it_were_absent():
    assert Fruit.read({"kind": "brick", "sort": "price", "page": "7"}) == Fruit()
    assert Fruit.read({"name": " two\r\nlines\x00 ", "note": "far too long"}) == Fruit(name="two lines", note="far t")


def test_the_foot_of_a_list_leads_on_with_what_is_looked_for_and_back_to_the_start(people, alice):
    with database.transaction():
        for person in people:
            audit.record(alice.user, "wave at", person)
    first = alice.get("/settings/audit-log?action=wave+at&whom=smith")
    second = alice.get(first.soup.find("a", string="Next")["href"])
    third = alice.get(second.soup.find("a", string="Next")["href"])
    whom = "tbody td[data-label=Person]"
    shown = [[cell.get_text()[0] for cell in page.soup.select(whom)] for page in (first, second, third)]
    assert shown == [["E", "B", "A"], ["C", "D", "A"], ["B"]]
    assert not third.soup.find("a", string="Next")
    assert not first.soup.find("a", string="First")
    assert third.soup.find("a", string="First")["href"] == "/settings/audit-log?action=wave+at&whom=smith"
