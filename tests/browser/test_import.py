"""Importing a file in a real browser: what the columns mean, and whether a person is known."""

from datetime import date

from portal.imports import jobs, uploads
from portal.imports.uploads import Import

FILE = "Employee ID,Frist name,Last name,Position,E-Mail,Start date,Parking space\n"
FILE += "417,Gina,Hansen,Buyer,gina@post.example,03/04/2026,P1\nX9,Wei,Zhang,Clerk,WEI@post.example,03/05/2026,P2\n"


def test_the_questions_of_an_import_are_answered_on_the_page(walk, cast, acme, alice):
    cast.employee(acme, "Gina", "Hansen", employee_number="00417")
    cast.employee(
        acme, "Wei", "Zhang", employee_number="N1", personal_email="wei@post.example", start_date=date(2026, 4, 3)
    )
    walker = walk()
    page = walker.page
    walker.come_in(alice.user, "/people/employees")
    page.get_by_role("link", name="Import from Excel or CSV").click()
    walker.look()
    page.get_by_label("File (CSV or XLSX)").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_label("Frist name").select_option(label="First name")
    walker.look()
    page.get_by_label("Position").select_option(label="Job title")
    page.get_by_label("E-Mail").select_option(label="Personal email")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("the day comes first").check()
    page.get_by_label("Put the zeros back").check()
    walker.look()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("change the number to X9").check()
    walker.look()
    page.get_by_role("button", name="Save answers").click()
    page.get_by_text("Employee number: N1 → X9").wait_for()
    walker.look()
    page.get_by_role("button", name="Import").click()
    page.get_by_text("Imported: 2 changed.").wait_for()
    assert walker.complaints == []


def test_the_title_of_the_page_says_what_has_become_of_a_file_meanwhile(walk, app, alice, monkeypatch):
    monkeypatch.setattr(uploads, "SHORT", 0)
    walker = walk()
    page = walker.page
    walker.come_in(alice.user, "/people/employees/import")
    page.get_by_label("File (CSV or XLSX)").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": b"employee_number,first_name\nE1,Wei\n"}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", level=1, name="Reading the file").wait_for()
    with app.app_context():
        jobs.carry_on(Import.get())
    page.get_by_role("heading", level=1, name="Check before importing").wait_for()
    assert page.title() == "Check before importing · Account Portal"
