"""No person is added a second time before the preview has pointed at a known one, and asked."""

import csv
import io
import tracemalloc
from datetime import date

import pytest

from portal.import_plans import likeness
from portal.import_plans.staff import Facts
from portal.imports import jobs as import_jobs
from portal.imports import uploads
from portal.imports.importing import ImportRefused, import_file
from portal.imports.options import answers_of
from portal.imports.uploads import Import
from portal.people.models import Employee
from tests.imports.conftest import assumed, by_number, legends, stored
from tests.people.test_import_employees import counts

SAME = "The same person: update Gina Hansen, and keep the number 00417"


@pytest.fixture
def gina(cast, acme):
    return cast.employee(
        acme,
        "Gina",
        "Hansen",
        employee_number="00417",
        personal_email="gina.hansen@post.example",
        start_date="2026-03-01",
    )


def test_numbers_that_lost_their_zeros_are_asked_about_once(upload, alice, gina):
    page = upload("employee_number,first_name,last_name,job_title\n417,Gina,Hansen,Buyer\n9,New,Person,\n")
    assert legends(page) == ["2 numbers look as if zeros were lost"]
    assert "00417 for 417" in page.text
    assert not page.has_button("Import")
    page = alice.press("Continue", {"Put the zeros back: 00417 for 417, 00009 for 9": "restore"})
    assert (counts(page)["To be added"], counts(page)["To be changed"]) == ("1", "1")
    assert "Zeros were put back (2 in all), as in 00417 for 417." in assumed(page)
    alice.press("Import")
    assert stored() == {"00417": "Gina Hansen", "00009": "New Person"}
    assert by_number("00417").job_title == "Buyer"


def test_numbers_that_are_right_without_zeros_are_asked_about_one_by_one(upload, alice, gina):
    upload("employee_number,first_name,last_name\n417,Gina,Hansen\n")
    page = alice.press("Continue", {"The numbers are right as they are in the file": "keep"})
    assert legends(page) == ["Line 2: is Gina Hansen (417) somebody you have already?"]
    assert "the same number except for zeros or signs" in page.text
    assert not page.has_button("Import")
    page = alice.press("Save answers", {"Another person: add": "add"})
    alice.press("Import")
    assert stored() == {"00417": "Gina Hansen", "417": "Gina Hansen"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("X9,Regina,Olsen,GINA.Hansen@post.example,", "the same email address, gina.hansen@post.example"),
        ("X9,Hansen,Gína,,2026-03-01", "the same name and start date, 1 March 2026"),
    ],
)
def test_the_same_address_or_name_and_start_date_are_pointed_out(upload, alice, gina, line, why):
    page = upload(f"employee_number,first_name,last_name,company_email,start_date\n{line}\n")
    assert len(legends(page)) == 1
    assert f"Gina Hansen (00417), since 1 March 2026: {why}" in page.text
    assert not page.has_button("Import")
    page = alice.press("Save answers")
    assert (page.status, "Choose an answer first." in page.text) == (422, True)
    alice.press("Save answers", {SAME: f"same {gina.id}"})
    alice.press("Import")
    assert list(stored()) == ["00417"]


def test_the_same_name_alone_is_no_evidence(upload, gina):
    page = upload("employee_number,first_name,last_name,start_date\nX9,Gina,Hansen,2020-01-01\n")
    assert legends(page) == []
    assert counts(page)["To be added"] == "1"


@pytest.mark.parametrize(
    ("known", "line", "why"),
    [
        ({"employee_number": "7417"}, "7417.0,Gina,Berg,", "the same number except for how it is written"),
        ({"employee_number": "E-00124"}, "124,Gina,Hansen,", "the same number except for how it is written"),
        (
            {"first_name": "Jürgen", "last_name": "Größmann"},
            "X9,Juergen,Groessmann,2026-03-01",
            "the same name and start date",
        ),
        (
            {"first_name": "William", "last_name": "Newname-Vance"},
            "X9,Bill,Vance,2026-03-01",
            "a similar name and the same start date",
        ),
    ],
)
def test_what_a_look_at_accounts_calls_alike_an_import_does_too(upload, cast, acme, known, line, why):
    values = {"first_name": "Gina", "last_name": "Hansen", "employee_number": "K1", "start_date": "2026-03-01"}
    cast.employee(acme, **{**values, **known})
    page = upload(f"employee_number,first_name,last_name,start_date\n{line}\n")
    assert len(legends(page)) == 1
    assert why in page.text
    assert not page.has_button("Import")


@pytest.mark.parametrize(
    "line",
    [
        # The family name and the day alone, and numbers of another series.
        "X9,Zelda,Hansen,2026-03-01",
        "417,Zelda,Barker,2026-03-01",
        "F-00417,Gina,Berg,",
    ],
)
def test_others_are_added_without_a_question(upload, cast, acme, line):
    cast.employee(acme, "Gina", "Hansen", employee_number="E-00417", start_date="2026-03-01")
    page = upload(f"employee_number,first_name,last_name,start_date\n{line}\n")
    assert legends(page) == []
    assert counts(page)["To be added"] == "1"


def test_one_word_is_no_name_of_a_manager(upload, cast, acme, gina):
    page = upload("employee_number,first_name,manager\nE2,Ana,Hansen\n")
    assert "“Hansen” is only one word of a name: enter the whole name or the employee number." in page.text
    page = upload("employee_number,first_name,manager\nE2,Ana,Hansen Gina\n")
    assert counts(page)["To be added"] == "1"


@pytest.fixture
def exchanged(cast, acme):
    """Two people, and a file in which one column was sorted without the others."""
    cast.employee(acme, "Wei", "Zhang", employee_number="A6", personal_email="wei@home.example")
    cast.employee(acme, "Carol", "Cole", employee_number="A7", personal_email="carol@home.example")
    return (
        "employee_number,first_name,last_name,personal_email\n"
        "A6,Carol,Cole,carol@home.example\nA7,Wei,Zhang,wei@home.example\n"
    )


def test_a_number_that_gets_anothers_name_and_address_is_asked_about(upload, alice, exchanged):
    page = upload(exchanged)
    assert legends(page)[0] == "Line 2: Wei Zhang (A6) becomes Carol Cole. Is this still the same person?"
    assert "the same number, but another name and another personal email" in page.text
    assert "Another person: add" not in page.text
    assert not page.has_button("Import")
    said = {f"who-{line}": f"same {by_number(number).id}" for line, number in ((2, "A6"), (3, "A7"))}
    for answers in ({"everybody": "same"}, {"everybody": "add"}, {"who-2": "add"}):
        alice.post(f"{page.url}/answers", answers)
        assert not alice.get(page.url).has_button("Import")
    alice.post(f"{page.url}/answers", {**said, "who-3": "skip"})
    page = alice.get(page.url)
    assert (counts(page)["To be changed"], counts(page)["Skipped"]) == ("1", "1")


@pytest.mark.parametrize(
    "line",
    [
        "A6,Wei,Berg,wei.berg@home.example",
        "A6,Carol,Cole,wei@home.example",
        "A6,Carol,Cole,",
        "A6,Вей,Zhang,w@home.example",
    ],
)
def test_somebody_who_keeps_a_name_or_the_address_is_still_the_same(upload, exchanged, line):
    page = upload(f"employee_number,first_name,last_name,personal_email\n{line}\n")
    assert legends(page) == []
    assert counts(page)["To be changed"] == "1"


def test_the_command_line_does_not_exchange_people_either(exchanged, acme, tmp_path):
    path = tmp_path / "exchanged.csv"
    path.write_text(exchanged)
    for known in ("same", "add", None):
        with pytest.raises(ImportRefused, match="Is Carol Cole still the same person as Wei Zhang"):
            import_file(path, acme, answers=answers_of(known=known))
    assert stored() == {"A6": "Wei Zhang", "A7": "Carol Cole"}


@pytest.mark.parametrize(("number", "kept"), [("n01", "N01"), ("N-01", "N01")])
def test_letter_case_and_signs_of_a_number_are_pointed_out(upload, alice, cast, acme, number, kept):
    known = cast.employee(acme, "Wei", "Zhang", employee_number="N01")
    page = upload(f"employee_number,first_name,job_title\n{number},Wei,Chef\n")
    assert len(legends(page)) == 1
    alice.press("Save answers", {"The same person: update Wei Zhang, and keep the number N01": f"same {known.id}"})
    alice.press("Import")
    assert list(stored()) == [kept]
    assert by_number("N01").job_title == "Chef"


def test_the_same_person_can_get_the_new_number(upload, alice, gina, cast, acme):
    report = cast.employee(acme, "Rolf", "Report", employee_number="R1", manager=gina)
    upload(
        "employee_number,first_name,last_name,personal_email,manager_employee_number\n"
        "X9,Gina,Berg,gina.hansen@post.example,\nR1,Rolf,Report,,00417\nR2,Rita,New,,X9\n"
    )
    page = alice.press(
        "Save answers", {"The same person: update Gina Hansen, and change the number to X9": f"renumber {gina.id}"}
    )
    assert counts(page)["To be changed"] == "2", page.text
    assert "Employee number: 00417 → X9" in page.text
    alice.press("Import")
    assert stored() == {"X9": "Gina Berg", "R1": "Rolf Report", "R2": "Rita New"}
    assert (by_number("X9").id, by_number("R2").manager, Employee.get_by_id(report.id).manager) == (gina.id, gina, gina)


def test_whoever_names_the_lost_number_as_manager_means_the_same_person(upload, alice, cast, acme):
    boss = cast.employee(acme, "Wei", "Zhang", employee_number="N01")
    upload("employee_number,first_name,manager\nn01,Wei,\nE2,Ana,n01\n")
    alice.press("Save answers", {"The same person: update Wei Zhang, and keep the number N01": f"same {boss.id}"})
    alice.press("Import")
    assert by_number("E2").manager == boss


def test_two_lines_of_one_file_may_be_one_person(upload, alice):
    page = upload("employee_number,first_name,personal_email\nE1,Wei,wei@home.example\nE2,Wei,WEI@home.example\n")
    assert legends(page) == ["Line 3: is Wei (E2) somebody you have already?"]
    assert "Wei (E1), on line 2 of this file: the same email address, wei@home.example" in page.text
    assert not any(word.startswith("The same person") for word in page.text.split("label"))
    page = alice.press("Save answers", {"Skip this line": "skip"})
    assert counts(page)["Skipped"] == "1"
    alice.press("Import")
    assert list(stored()) == ["E1"]


def test_two_lines_for_one_employee_are_refused(upload, alice, gina):
    upload(
        "employee_number,first_name,personal_email\n00417,Gina,gina.hansen@post.example\nX9,Gina,gina.hansen@post.example\n"
    )
    page = alice.press("Save answers", {SAME: f"same {gina.id}"})
    assert "Line 2 is about the employee with the number 00417 too" in page.text


@pytest.fixture
def many(cast, acme):
    """Sixty people, and a file in which all of them have another number."""
    for n in range(60):
        cast.employee(acme, f"Name{n}", "Known", employee_number=f"K{n}", personal_email=f"p{n}@home.example")
    return "employee_number,first_name,personal_email,job_title\n" + "".join(
        f"X{n},Name{n},p{n}@home.example,Chef\n" for n in range(60)
    )


def test_many_questions_are_asked_in_parts(upload, alice, many):
    page = upload(many)
    assert "60 lines would add people whom you may have already. Here are the first 50." in page.text
    assert len(legends(page)) == 51
    answers = {f"who-{line}": "add" for line in range(2, 52)}
    alice.post(f"{page.url}/answers", answers)
    page = alice.get(page.url)
    assert len(legends(page)) == 11
    assert counts(page)["To be added"] == "60"
    answer = alice.get(f"{page.url}/lines.csv")
    kinds = [row[0] for row in csv.reader(io.StringIO(answer.html))]
    assert kinds.count("asked") == 10


@pytest.mark.parametrize(("answer", "added", "changed"), [("same", 0, 60), ("add", 60, 0), ("skip", 0, 0)])
def test_one_answer_counts_for_all(upload, alice, many, answer, added, changed):
    page = upload(many)
    alice.post(f"{page.url}/answers", {"everybody": answer})
    page = alice.get(page.url)
    assert (counts(page)["To be added"], counts(page)["To be changed"]) == (str(added), str(changed))


def test_answers_can_be_given_again(upload, alice, gina):
    upload("employee_number,first_name,personal_email\nX9,Gina,gina.hansen@post.example\n")
    alice.press("Save answers", {"Another person: add": "add"})
    page = alice.press("Answer the questions again")
    assert len(legends(page)) == 1
    assert not page.has_button("Import")


def test_an_answer_counts_only_for_those_it_was_given_about(upload, alice, cast, acme, gina):
    page = upload("employee_number,first_name,personal_email\nX9,Gina,gina.hansen@post.example\n")
    alice.press("Save answers", {"Another person: add": "add"})
    cast.employee(acme, "Gina", "Berg", employee_number="00500", company_email="gina.hansen@post.example")
    page = alice.press("Import")
    assert "The Employee List has changed since you checked this import." in page.text
    assert "Gina Berg (00500)" in page.text
    assert "X9" not in stored()


@pytest.mark.parametrize("said", ["same 999999", "same line 2", "renumber", "sudo", "", "same"])
def test_answers_that_no_page_offers_count_for_nothing(upload, alice, cast, initech, gina, said):
    stranger = cast.employee(initech, "Stranger", employee_number="S1")
    page = upload("employee_number,first_name,personal_email\nX9,Gina,gina.hansen@post.example\n")
    for value in (said, f"same {stranger.id}"):
        alice.post(f"{page.url}/answers", {"who-2": value})
    assert len(legends(alice.get(page.url))) == 1
    assert Import.get().answers.get("people", {}) == {}


def test_an_unanswered_import_is_not_carried_out(upload, alice, gina):
    page = upload("employee_number,first_name,personal_email\nX9,Gina,gina.hansen@post.example\n")
    alice.post(page.url)
    assert list(stored()) == ["00417"]


def test_nobody_of_another_organisation_is_pointed_out(upload, cast, initech):
    cast.employee(initech, "Stranger", employee_number="S1", personal_email="s@home.example")
    page = upload("employee_number,first_name,personal_email\ns1,Stranger,s@home.example\n")
    assert legends(page) == []


def test_what_a_colleague_imported_meanwhile_is_shown_first(upload, alice, cast, acme):
    upload("employee_number,first_name\nE1,Wei\n")
    cast.employee(acme, "Wei", "Zhang", employee_number="E1")
    page = alice.press("Import")
    assert "Check again" in page.text
    assert "First name" not in page.text
    assert counts(page) == {"To be added": "0", "To be changed": "0", "Unchanged": "1", "Refused": "0"}
    assert stored() == {"E1": "Wei Zhang"}


def test_a_second_press_and_the_back_button_say_that_it_is_done(upload, alice):
    address = upload("employee_number,first_name\nE1,Wei\n").url
    alice.press("Import")
    for act in (lambda: alice.post(address), lambda: alice.get(address), lambda: alice.post(f"{address}/discard")):
        page = act()
        assert "1 added." in page.text
        assert page.status == 200
    assert "Wei" not in str(Import.get().found)


def test_questions_about_a_long_file_are_answered_in_the_background(app, upload, alice, gina, monkeypatch):
    monkeypatch.setattr(uploads, "SHORT", 0)
    address = upload("employee_number,first_name,personal_email\nX9,Regina,gina.hansen@post.example\n").url
    with app.app_context():
        import_jobs.carry_on(Import.get())
    alice.get(address)
    page = alice.press("Save answers", {SAME: f"same {gina.id}"})
    assert page.title == "Reading the file"
    with app.app_context():
        import_jobs.carry_on(Import.get())
    assert counts(alice.get(address))["To be changed"] == "1"


def test_names_that_differ_in_their_figures_are_names_of_two_people(upload, alice):
    lines = "".join(f"E{n},Anna{n},Test{n},2026-03-01\n" for n in (1, 11, 22, 2))
    page = upload(f"employee_number,first_name,last_name,start_date\n{lines}")
    assert legends(page) == []
    alice.press("Import")
    assert len(stored()) == 4


def test_a_file_that_asks_about_everybody_takes_little_memory():
    day = date(2026, 3, 2)
    lines = [
        (number, Facts(f"line {number}", f"N{number}", "Zoë", f"García {number}", "", "", "", day))
        for number in range(4000)
    ]
    likeness.questions(lines[:10], [])
    tracemalloc.start()
    try:
        asked = likeness.questions(lines, [])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(asked) == 3999
    assert "on line 0: a similar name and the same start date, 2 March 2026" in asked[0].sentence
    assert kept / len(asked) < 2_500
