"""What the hiring team sees of files and emails, and what an Admin deletes."""

from portal.auth.models import AccessLevel
from portal.recruitment import vacancies
from portal.recruitment.files import StoredFile
from portal.recruitment.models import Application, Candidate, Part
from tests.careers.conftest import NAME, send_mails
from tests.careers.documents import PDF
from tests.recruitment.conftest import opened


def test_r36_the_timeline_has_the_files_and_the_emails(alice, zoe, nurse, mailbox):
    zoe.apply(nurse)
    send_mails()
    page = alice.get(f"/recruitment/candidates/{Candidate.get().id}")
    assert "Thanked for the application by email" in page.text
    assert "token=" not in page.html
    answer = alice.client.get(page.soup.find("a", string=NAME)["href"])
    assert (answer.data, answer.headers["Content-Type"]) == (PDF, "application/octet-stream")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert NAME not in alice.get(f"{page.url}?show=messages").text


def test_r37_a_file_is_for_those_who_see_its_application(cast, acme, alice, mallory, zoe, nurse):
    zoe.apply(nurse)
    address = f"/recruitment/files/{StoredFile.get().id}"
    bob = cast.person(acme, "Boris", AccessLevel.MANAGER)
    other = opened(acme, alice, "Porter")
    vacancies.add_member(other, bob.user, Part.RECRUITER, by=alice.user)
    assert [person.get(address).status for person in (mallory, bob)] == [404, 404]
    vacancies.add_member(nurse, bob.user, Part.RECRUITER, by=alice.user)
    assert bob.client.get(address).status_code == 200
    zoe.get(address)
    assert zoe.page.title == "Sign in"


def test_an_admin_deletes_a_candidates_data_and_nothing_names_them(alice, zoe, nurse, tables, mailbox):
    zoe.apply(nurse, Phone="+49 30 7654321", **{"Why_us?": "Nights are quiet."})
    send_mails()
    candidate = Candidate.get()
    alice.get(f"/recruitment/candidates/{candidate.id}")
    alice.press("Delete data")
    page = alice.press("Delete data", within="main section")
    assert "The candidate’s data has been deleted." in page.text
    assert alice.get(f"/recruitment/candidates/{candidate.id}").status == 404
    names = [name for name in tables.get_tables() if not name.startswith(("sqlite_", "huey"))]
    rows = [tables.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in names]  # noqa: S608
    for word in ("Łukasz", "zoe@home", "7654321", "quiet", NAME, "u0141ukasz"):
        assert word not in str(rows), word
    assert Application.get().vacancy_id == nurse.id


def test_r60_the_list_names_whose_data_goes_and_who_asks(alice, zoe, nurse, hour, clock, mailbox):
    zoe.apply(nurse)
    send_mails()
    zoe.open_own_page(mailbox.messages[0])
    Application.update(ended="hired", ended_at=Application.applied_at).execute()
    zoe.press("Delete my data")
    zoe.press("Delete my data")
    page = alice.get("/recruitment/candidates")
    assert page.has_button("Data to be deleted (1)")
    assert "Was hired, and asks you to delete it" in alice.press("Data to be deleted (1)").text
