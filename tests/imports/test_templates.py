"""Files to begin with."""

import csv
import io

from openpyxl import load_workbook

from tests.imports.conftest import stored

TEMPLATE = "/people/employees/import/template"


def test_the_csv_template_can_be_filled_in_and_imported(upload, alice):
    answer = alice.client.get(f"{TEMPLATE}.csv")
    assert answer.get_data().startswith("\ufeff".encode())
    (headings,) = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    assert (headings[0], headings[-1], len(headings)) == ("Employee number", "Second manager", 19)
    upload(",".join(headings) + "\n00007,Ana,Ruiz,,,,,,,,,,\n")
    alice.press("Import")
    assert stored() == {"00007": "Ana Ruiz"}


def test_the_workbook_keeps_every_cell_as_text(upload, alice):
    book = load_workbook(io.BytesIO(alice.client.get(f"{TEMPLATE}.xlsx").get_data()))
    sheet, notes = book.worksheets
    assert [sheet["A2"].number_format, sheet["M500"].number_format] == ["@", "@"]
    assert notes["A1"].value == sheet["A1"].value == "Employee number"


def test_the_page_links_both_and_others_are_not_there(alice, bob):
    page = alice.get("/people/employees/import")
    links = [tag["href"] for tag in page.soup.select("#file-format a")]
    assert links == [f"{TEMPLATE}.xlsx", f"{TEMPLATE}.csv"]
    assert alice.get(f"{TEMPLATE}.pdf").status == 404
    assert bob.get(f"{TEMPLATE}.csv").status == 403
