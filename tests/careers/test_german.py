"""The pages for people who apply in German: by their browser, their choice, or the organisation's."""

from datetime import date

import pytest

from portal.mail import choices
from portal.recruitment.models import Application, Candidate, Ended, Vacancy
from tests.careers.conftest import NAME, Upload, link_in, send_mails
from tests.pages import Page, form_values
from tests.recruitment.conftest import opened

GERMAN = "de-AT,de;q=0.9,en;q=0.5"
GIVEN = {"Vorname": "Zoë", "E-Mail": "zoe@home.example", "From when?": "Mai"}


@pytest.fixture
def frida(zoe):
    """A candidate whose browser asks for German."""
    zoe.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = GERMAN
    return zoe


def send(frida, **more):
    frida.clock(seconds=10)
    return frida.press("Bewerbung absenden", GIVEN | {"Lebenslauf": Upload()} | more)


def language_of(page):
    return page.tree.get("lang")


def test_a_german_browser_sees_the_vacancies_and_applies_in_german(frida, acme, alice):
    opened(acme, alice, "Koch", place="Wien", country="AT", hours="Part time", closes_on=date(2027, 3, 1))
    page = frida.get("/careers/acme")
    assert (page.title, language_of(page)) == ("Offene Stellen", "de")
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))
    page = frida.press("Koch")
    assert "Wien, Österreich Teilzeit Bewerbungsfrist: 01.03.2027" in page.text
    assert "Höchstens 5 MB." in page.text
    frida.clock(seconds=10)
    fields = {"Nachname": "Łukasz", "E-Mail": "zoe@home.example", "Lebenslauf": Upload()}
    page = frida.press(
        "Bewerbung absenden", fields | {"Meine Daten 12 Monate lang für andere Stellen aufbewahren": True}
    )
    assert page.title == "Vielen Dank für Ihre Bewerbung"
    # What a person agrees to is kept in the words that they read.
    assert Candidate.get().asked_consent == "Meine Daten 12 Monate lang für andere Stellen aufbewahren"


def test_what_is_wrong_is_said_in_german_and_nothing_is_lost(frida, nurse):
    frida.get("/careers/acme/night-nurse")
    page = send(frida, **{"E-Mail": "zoe(at)home", "From when?": "x" * 301})
    assert (page.status, page.first(".alert-title").text) == (422, "Bitte prüfen Sie Ihre Angaben")
    assert "E-Mail: „zoe(at)home“ ist keine E-Mail-Adresse." in page.text
    assert "Kürzen Sie Ihre Antwort auf höchstens 300 Zeichen." in page.text
    assert f"Wir bewahren {NAME} eine Stunde lang auf." in page.text
    page = send(frida, Lebenslauf=Upload(b"MZ\0\1"))
    assert "Lebenslauf: Dateien dieser Art nehmen wir nicht an. Möglich sind PDF" in page.text
    frida.press("Bewerbung absenden", GIVEN)
    assert "Das ging sehr schnell." in frida.page.text


def test_the_form_changes_its_language_and_keeps_what_was_typed(frida, nurse):
    frida.get("/careers/acme/night-nurse")
    page = frida.press("English", {"Vorname": "Zoë", "Lebenslauf": Upload()})
    assert (page.status, language_of(page), page.value("First name")) == (200, "en", "Zoë")
    assert f"We keep {NAME} for an hour." in page.text
    assert not page.alerts()
    assert Application.select().count() == 0
    # The choice holds for the other pages, and a link takes it back.
    assert frida.get("/careers/acme").title == "Open vacancies"
    assert frida.press("Deutsch").title == "Offene Stellen"
    assert frida.get("/careers/acme/privacy/notice").title == "Datenschutzhinweis"


def test_the_own_page_is_in_german_until_it_is_deleted(frida, nurse, mailbox):
    frida.get("/careers/acme/night-nurse")
    send(frida)
    send_mails()
    link = link_in(mailbox.messages[-1])
    assert frida.get(link).title == "Ihre Bewerbung"
    page = frida.press("Meine Bewerbung anzeigen")
    assert frida.get("/application/files/999").title == "Seite nicht gefunden"
    page = frida.get("/application")
    assert "Stand Wird geprüft" in page.text
    assert "Ihre Bewerbung ist zurückgezogen." in frida.press("Bewerbung zurückziehen").text
    frida.press("Weiter aufbewahren")
    assert Candidate.get().consent_text == "Meine Daten 12 Monate lang für andere Stellen aufbewahren"
    Application.update(ended=Ended.HIRED).execute()
    assert "Was geschieht" in frida.press("Meine Daten löschen").text
    page = frida.press("Meine Daten löschen")
    assert (page.status, "Wir haben der Personalabteilung mitgeteilt" in page.text) == (409, True)
    assert frida.press("English").title == "Your application"
    frida.press("Deutsch")
    frida.client.delete_cookie("portal")
    assert frida.press("Nicht länger aufbewahren").title == "Dieser Link funktioniert nicht"
    Application.update(ended=None).execute()
    frida.get(link)
    frida.press("Meine Bewerbung anzeigen")
    frida.press("Meine Daten löschen")
    assert frida.press("Meine Daten löschen").title == "Ihre Daten sind gelöscht"
    assert frida.get(link).title == "Dieser Link funktioniert nicht"


def test_the_language_of_the_organisations_emails_comes_before_the_browsers(zoe, nurse, acme, alice):
    assert language_of(zoe.get("/careers/acme")) == "en"
    choices.change(acme, by=alice.user, language="de")
    assert language_of(zoe.get("/careers/acme")) == "de"
    choices.change(acme, by=alice.user, language="country")
    Vacancy.update(country="CH").execute()
    assert [language_of(zoe.get(at)) for at in ("/careers/acme", "/careers/acme/night-nurse")] == ["en", "de"]


def test_errors_of_these_pages_are_in_german_too(frida, nurse):
    assert frida.get("/careers/globex").title == "Seite nicht gefunden"
    assert frida.get("/careers/acme/none").title == "Hier kann man sich zurzeit nicht bewerben"
    frida.get("/careers/acme/night-nurse")
    for _ in range(31):
        page = frida.press("Bewerbung absenden") if frida.page.has_button("Bewerbung absenden") else frida.page
    assert (page.status, page.title) == (429, "Zu viele Versuche")


def test_a_browser_that_has_forgotten_its_session_loses_nothing_that_was_typed(frida, nurse):
    frida.get("/careers/acme/night-nurse")
    form = dict(form_values(frida.page.first("#apply-form")), first_name="Zoë")
    for origin, shown in (("http://localhost", "Zoë"), ("https://evil.example", "")):
        frida.client.delete_cookie("portal")
        answer = frida.client.post("/careers/acme/night-nurse", data=form, headers={"Origin": origin})
        page = Page("/careers/acme/night-nurse", answer.status_code, answer.text, answer.headers)
        assert (page.status, page.value("Vorname")) == (400, shown)
        assert "Dieses Formular war zu lange geöffnet." in page.text
