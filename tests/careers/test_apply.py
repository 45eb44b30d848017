"""The public form: applying without signing in and without a script."""

import json
from datetime import timedelta

import pytest

from portal.careers import guard
from portal.database import now
from portal.recruitment import vacancies
from portal.recruitment.files import StoredFile, content_of
from portal.recruitment.models import Application, Candidate, CareersAddress, MoveKind, StageMove
from portal.security import limiter
from tests.careers.conftest import NAME, Upload, link_in, send_mails
from tests.careers.conftest import Candidate as Applicant
from tests.careers.documents import PDF, docx, refused_file
from tests.recruitment.conftest import opened


def test_r32_a_stranger_applies_without_a_script_and_the_cv_is_kept_byte_for_byte(zoe, nurse):
    zoe.get("/careers/acme")
    zoe.press("Night nurse")
    page = zoe.send(Letter=Upload(docx(), "Brief.docx"), Phone="+49 30 123", **{"Why_us?": "Nights are quiet."})
    assert page.title == "Thank you for your application"
    cv, letter = StoredFile.select().order_by(StoredFile.id)
    assert (cv.name, content_of(cv), letter.type) == (NAME, PDF, "DOCX")
    application = Application.get()
    assert application.candidate.name == "Zoë Łukasz"
    assert [one["answer"] for one in application.answers] == ["May", "Nights are quiet."]


def test_r32_the_email_says_thanks_and_holds_the_only_link_to_the_own_page(zoe, nurse, mailbox):
    page = zoe.apply(nurse)
    send_mails()
    [message] = mailbox.messages
    assert message["Subject"] == "Your application to Acme: Night nurse"
    assert message["To"] == "zoe@home.example"
    assert message["From"].startswith("Acme <")
    assert "Delete my data" in zoe.open_own_page(message).text
    # Anybody can enter her address, so no page holds the link.
    assert "token" not in page.html


def test_one_name_is_enough_and_keeping_for_other_openings_is_not_ticked(zoe, nurse):
    zoe.apply(nurse, First_name="Sukarno", Last_name="")
    assert Candidate.get().name == "Sukarno"
    assert Candidate.get().talent_until is None


def test_keeping_for_other_openings_counts_once_the_link_in_the_email_is_opened(zoe, nurse, mailbox, acme):
    zoe.apply(nurse, Keep_my_data_for_other_openings_for_12_months=True)
    send_mails()
    assert (Candidate.get().talent_until, Candidate.get().consent_text) == (None, "")
    page = zoe.open_own_page(mailbox.messages[0])
    assert "You agreed that we keep your data for other openings until" in page.text
    assert Candidate.get().consent_text.endswith("for 12 months")
    assert (Candidate.get().talent_until - acme.today).days == 365


def test_r33_what_is_wrong_is_said_at_its_field_and_the_files_survive(zoe, nurse):
    page = zoe.apply(nurse, Email="zoe(at)home", Last_name="", **{"From_when?": ""})
    assert page.status == 422
    assert "not an email address" in page.text
    assert "Answer this question." in page.text
    assert f"We keep {NAME} for an hour" in page.text
    assert Application.select().count() == 0
    page = zoe.send(CV=Upload(b"MZ\0\1", "cv.exe"), Email="")
    assert "We do not take this kind of file." in page.text
    assert f"We keep {NAME} for an hour" in page.text
    zoe.clock(minutes=50)
    assert zoe.send(CV=None).title == "Thank you for your application"
    assert content_of(StoredFile.get()) == PDF


def test_r33_a_form_that_lost_its_session_where_no_careers_page_is_any_more_says_so(zoe, nurse):
    zoe.client.get("/")
    assert zoe.client.post("/careers/nobody/night-nurse", data={"email": "x"}).status_code == 404
    place = f"/careers/old/{nurse.address}"
    CareersAddress.create(organisation=nurse.organisation, word="old", since=now() - timedelta(days=9))
    answer = zoe.client.post(place, data={"email": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/careers/acme/{nurse.address}")


def test_r33_after_an_hour_the_file_is_asked_for_again(zoe, nurse):
    zoe.apply(nurse, Email="")
    zoe.clock(minutes=61)
    assert "We kept your file for an hour. Choose it again." in zoe.send(CV=None).text


@pytest.mark.parametrize(("what", "word"), [("macros", "macros"), ("drawing", "SVG")])
def test_r33_a_file_that_is_not_taken_is_refused_in_words_and_the_form_kept(zoe, nurse, what, word):
    page = zoe.apply(nurse, CV=Upload(refused_file(what)))
    assert (page.status, page.value("Email")) == (422, "zoe@home.example")
    assert word in page.text
    assert StoredFile.select().count() == 0


def test_r33_a_cv_of_six_megabytes_is_refused_in_words_and_a_larger_form_keeps_what_was_typed(zoe, nurse):
    zoe.apply(nurse, Last_name="Łukasz", CV=None, Phone="123")
    page = zoe.send_large(PDF + b"\n" * 6 * 1024 * 1024)
    assert "larger than 5 MB" in page.text
    assert (page.status, page.value("Phone"), StoredFile.select().count()) == (422, "123", 0)
    page = zoe.send_large(b"x" * 12 * 1024 * 1024)
    assert "Choose files of at most 5 MB each." in page.text
    assert (page.status, page.value("Phone"), StoredFile.select().count()) == (413, "123", 0)
    assert zoe.send(Phone=None).title == "Thank you for your application"


def test_r33_robots_are_told_why_and_people_who_are_quick_lose_nothing(zoe, nurse):
    page = zoe.apply(nurse, reads=1)
    assert "That was very quick." in page.text
    assert "A field that nobody sees" in zoe.send(CV=None, Leave_this_field_empty="http://spam.example").text
    zoe.clock(hours=25)
    assert "open for more than a day" in zoe.send(reads=0).text
    assert Application.select().count() == 0
    assert zoe.send().title == "Thank you for your application"


def test_r33_a_sign_or_a_key_of_another_vacancy_counts_for_nothing(zoe, nurse, acme, alice, initech, mallory):
    zoe.apply(nurse, Email="")
    key = zoe.page.soup.find("input", attrs={"name": "kept_cv"})["value"]
    theirs = opened(initech, mallory, "Night nurse")
    zoe.get("/careers/initech/night-nurse")
    sign = zoe.page.soup.find("input", attrs={"name": "opened"})["value"]
    zoe.clock(seconds=9)
    fields = {"first_name": "Zoë", "email": "zoe@home.example", "kept_cv": key, "opened": sign}
    page = zoe.post(f"/careers/initech/{theirs.address}", fields)
    assert (page.status, "Choose it again." in page.text) == (422, True)
    zoe.get(f"/careers/acme/{nurse.address}")
    assert zoe.post(f"/careers/acme/{nurse.address}", {**fields, "question-from": "May"}).status == 422


def test_r33_five_applications_an_hour_from_one_network(zoe, nurse):
    for number in range(5):
        assert zoe.apply(nurse, Email=f"zoe{number}@home.example").status == 200
    page = zoe.apply(nurse, Email="zoe6@home.example")
    assert page.status == 429
    assert "Wait an hour" in page.text
    assert page.value("Email") == "zoe6@home.example"
    assert Application.select().count() == 5


def test_r33_sixty_applications_an_hour_for_one_vacancy(zoe, nurse):
    for _ in range(60):
        limiter.limiter.hit(guard.OF_A_VACANCY, "application", str(nurse.id))
    page = zoe.apply(nurse)
    assert (page.status, "Very many applications" in page.text) == (429, True)


def test_r33_an_address_in_ipv6_counts_with_its_network(app):
    seen = []
    for address in ("2001:db8:1:2::5", "2001:db8:1:2:ffff::6", "2001:db8:1:3::5", "203.0.113.9"):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            seen.append(guard.network())
    assert seen == ["2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:3::/64", "203.0.113.9"]


def test_r34_applying_twice_makes_one_application_and_the_answer_looks_the_same(zoe, nurse, mailbox):
    first = zoe.apply(nurse)
    again = zoe.apply(nurse, CV=Upload(docx(), "Neu.docx"))
    assert again.text == first.text
    assert Application.select().count() == 1
    assert [file.name for file in StoredFile.select().order_by(StoredFile.id)] == [NAME, "Neu.docx"]
    assert StageMove.select().where(StageMove.kind == MoveKind.AGAIN).exists()
    zoe.apply(nurse)
    assert StoredFile.select().count() == 2


def test_who_applies_again_replaces_nothing_that_was_answered(zoe, nurse, alice):
    zoe.apply(nurse)
    zoe.apply(nurse, **{"From_when?": "Never"})
    assert [one["answer"] for one in Application.get().answers] == ["May", "Never"]
    page = alice.get(f"/recruitment/candidates/{Candidate.get().id}")
    assert page.text.index("Never") < page.text.index("May")


def test_a_form_makes_the_portal_write_once_an_hour_and_thrice_a_day_to_an_address(zoe, nurse, mailbox):
    for _ in range(5):
        zoe.apply(nurse)
        zoe.apply(nurse)
        zoe.clock(hours=2)
        send_mails()
    assert len(mailbox.messages) == 3
    assert len({link_in(message) for message in mailbox.messages}) == 3


def test_what_no_database_keeps_is_left_out_of_an_answer_and_what_a_language_needs_is_not(zoe, nurse):
    zoe.apply(nurse, **{"From_when?": "Ma\0y", "Why_us?": "\u202eمی\u200cخواهم\0\a\nyes"})
    assert [one["answer"].splitlines() for one in Application.get().answers] == [["May"], ["می\u200cخواهم", "yes"]]
    assert zoe.get("/careers/acme/%00").status == 404


def test_r59_no_field_brings_anything_into_a_header(zoe, nurse, mailbox):
    for label in ("First_name", "Last_name", "Phone", "Email"):
        page = zoe.apply(nurse, **{label: "Zoë\r\nBcc: evil@evil.example"})
        assert page.status == 422, label
    zoe.apply(nurse, First_name="{own_page} <b>=3D", CV=Upload(PDF, "Lebens\u202elauf.pdf"))
    send_mails()
    [message] = mailbox.messages
    assert not {"Bcc", "X-Evil"} & set(message.keys())
    assert "Hello {own_page} <b>=3D Łukasz" in mailbox.text(message)
    assert StoredFile.get(StoredFile.candidate.is_null(False)).name == "Lebenslauf.pdf"


def test_r31_outside_nothing_shows_that_is_not_open(zoe, nurse, acme, alice, stan):
    vacancies.add(acme, {"title": "Secret director"}, by=alice.user)
    closed = opened(acme, alice, "Porter")
    vacancies.close(closed, by=alice.user)
    assert "Night nurse" in zoe.get("/careers/acme").text
    assert not {"Secret", "Porter"} & set(zoe.page.text.split())
    pages = [zoe.get(f"/careers/acme/{word}") for word in ("porter", "secret-director", "none")]
    assert {(page.status, page.text) for page in pages} == {(404, pages[0].text)}
    assert zoe.get("/careers/globex").status == 404


def test_the_old_address_of_a_careers_page_leads_to_the_new_one(zoe, nurse, acme, alice):
    from portal.recruitment import choices

    choices.change(acme, "acme-care", {}, by=alice.user)
    assert zoe.get("/careers/acme/night-nurse").url == "/careers/acme-care/night-nurse"
    choices.change(acme, "acme-care", {"careers_page": False}, by=alice.user)
    assert zoe.get("/careers/acme-care").status == 404


def test_search_engines_read_the_vacancy_and_no_title_ends_their_data(zoe, acme, alice):
    title = "Nurse</script><script>alert(1)</script>"
    vacancy = opened(acme, alice, title, place="Leeds", country="GB", hours="Part time", closes_on=acme.today)
    page = zoe.get(f"/careers/acme/{vacancy.address}")
    data = json.loads(page.soup.find("script", type="application/ld+json").string)
    assert (data["@type"], data["title"], data["employmentType"]) == ("JobPosting", title, ["PART_TIME"])
    assert data["jobLocation"]["address"]["addressLocality"] == "Leeds"
    assert data["description"] == "<p>Nights, on ward 3.</p>"
    assert "<script>alert" not in page.html


def test_each_kind_of_question_is_asked_and_kept(zoe, acme, alice):
    kinds = {"line": "From when?", "text": "Why?", "yes": "A licence?"}
    questions = [{"key": kind, "label": label, "kind": kind, "needed": True} for kind, label in kinds.items()]
    porter = opened(acme, alice, "Porter", questions=questions)
    page = zoe.apply(porter, **{"Why?": "I like it.\n\n<b>Really</b>"})
    assert "A licence?: Answer this question." in page.text
    zoe.send(**{"Why?": "I like it.", "Yes": True})
    assert [one["answer"] for one in Application.get().answers] == ["May", "I like it.", "Yes"]


def test_search_engines_are_led_to_open_vacancies_only(zoe, nurse):
    robots = zoe.get("/robots.txt").html
    assert "Allow: /careers/" in robots
    assert "Disallow: /\n" in robots
    for address, words in (("/careers/acme/night-nurse", "index, follow"), ("/careers/acme/none", "noindex")):
        assert zoe.get(address).soup.find("meta", attrs={"name": "robots"})["content"] == words


def test_r33_a_form_never_takes_the_file_of_another_person(zoe, nurse, app, clock):
    """A database may give the number of a file that is gone to the next one."""
    zoe.apply(nurse)
    zoe.apply(nurse, Email="")
    key = zoe.page.soup.find("input", attrs={"name": "kept_cv"})["value"]
    zoe.send(CV=None)
    max_, eve = Applicant(app, clock), Applicant(app, clock)
    max_.apply(nurse, Email="", CV=Upload(docx(), "max.docx"))
    eve.get(f"/careers/acme/{nurse.address}")
    sign = eve.page.soup.find("input", attrs={"name": "opened"})["value"]
    clock(seconds=10)
    fields = {"first_name": "Eve", "email": "eve@home.example", "kept_cv": key, "opened": sign, "question-from": "May"}
    assert "Choose it again." in eve.post(f"/careers/acme/{nurse.address}", fields).text
    assert max_.send(CV=None, Email="max@home.example").title == "Thank you for your application"
