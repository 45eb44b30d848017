from portal.recruitment import choices
from portal.recruitment.models import CareersAddress


def test_an_admin_chooses_the_address_and_how_long_data_is_kept(alice, acme, nurse):
    alice.get("/settings/general")
    page = alice.press("Recruitment", within="#recruitment")
    assert page.value("Address") == "acme"
    page = alice.press("Save", {"Address": "Acme Care", "Keep applications for": "0"})
    assert "Enter 1 to 120 months." in page.text
    page = alice.press("Save", {"Keep applications for": "9", "Privacy notice": "We keep it.\r\nAsk us."})
    assert "Use small letters a to z, digits and hyphens" in page.text
    page = alice.press("Save", {"Address": "acme-care", "Show the careers page": False})
    assert "The settings of recruitment are saved." in page.text
    chosen = choices.of(acme)
    assert (chosen.keep_months, chosen.privacy_notice, chosen.careers_page) == (9, "We keep it.\nAsk us.", False)
    # An address that was once given out leads to the organisation for good.
    assert [choices.organisation_at(word) for word in ("acme", "acme-care")] == [acme, acme]
    assert choices.word_of(acme) == "acme-care"
    assert "the careers page is off" in alice.get(f"/recruitment/vacancies/{nurse.id}/details").text
    alice.get("/settings/recruitment")
    alice.press("Save", {"Address": "acme"})
    assert choices.word_of(acme) == "acme"


def test_an_address_that_another_organisation_had_is_taken(alice, acme, initech, nurse):
    CareersAddress.create(organisation=initech, word="care")
    CareersAddress.create(organisation=initech, word="initech")
    alice.get("/settings/recruitment")
    assert "This address is taken." in alice.press("Save", {"Address": "care"}).text
    assert choices.word_of(acme) == "acme"


def test_a_plan_without_recruitment_says_what_it_does(stan):
    for address in ("/recruitment/vacancies", "/recruitment/candidates", "/settings/recruitment"):
        page = stan.get(address)
        assert page.status == 200
        assert "Recruitment comes with Premium or Platinum." in page.text
    assert "careers page" in page.text
    assert "Recruitment" not in stan.get("/settings/general").soup.nav.get_text()
