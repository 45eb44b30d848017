import pytest

from portal import audit
from portal.audit import AuditEntry
from portal.organisations.models import Organisation

URL = "/settings/general"


def test_general_settings_lead_to_the_add_ons(alice):
    alice.get(URL)
    assert alice.press("Add-ons").title == "Add-ons"


def test_an_admin_changes_name_time_zone_and_country(alice, acme):
    alice.get(URL)
    page = alice.press("Save", {"Organisation name": " Acmé 製 ", "Time zone": "Asia/Tokyo", "Country": "JP"})
    assert "The general settings are saved." in " ".join(page.alerts())
    found = Organisation.get_by_id(acme.id)
    assert (found.name, found.time_zone, found.country) == ("Acmé 製", "Asia/Tokyo", "JP")


def test_time_zones_are_offered_by_city_with_their_offset(alice, acme):
    offered = {option.get("value"): option.text for option in alice.get(URL).field("Time zone").iter("option")}
    assert offered["Asia/Tokyo"] == "Tokyo (GMT+09:00)"
    assert offered["Asia/Kolkata"] == "Kolkata (GMT+05:30)"
    assert offered["UTC"] == "UTC (GMT+00:00)"
    assert not {"Factory", "localtime", "NZ-CHAT", "W-SU", "Etc/GMT+1", "GB", "Asia/Calcutta"} & set(offered)
    assert len(set(offered.values())) == len(offered)


def test_a_time_zone_that_is_no_longer_offered_is_kept(alice, acme):
    Organisation.update(time_zone="NZ-CHAT").execute()
    assert alice.get(URL).value("Time zone") == "NZ-CHAT"
    alice.press("Save", {"Country": "NZ"})
    found = Organisation.get_by_id(acme.id)
    assert (found.time_zone, found.country) == ("NZ-CHAT", "NZ")


def test_a_page_names_the_time_zone_only_where_a_time_stands_without_one(alice, cast, acme, tables):
    acme.time_zone = "Asia/Tokyo"
    acme.save()
    with tables.atomic():
        audit.record(alice.user, "add employee", cast.employee(acme, "Wei", "Zhang"))
    assert alice.get("/home").soup.select_one("footer").get_text() == "Time zone: Tokyo (GMT+09:00)"
    for page in (URL, "/settings/audit-log", "/account"):
        assert alice.get(page).soup.select_one("footer") is None


def test_the_trail_keeps_before_and_after(alice):
    alice.get(URL)
    alice.press("Save", {"Country": "FR"})
    entry = AuditEntry.get(AuditEntry.action == "change general settings")
    assert (entry.detail["before"], entry.detail["after"]) == ({"country": "GB"}, {"country": "FR"})


def test_saving_what_is_there_writes_nothing(alice):
    alice.get(URL)
    alice.press("Save")
    assert AuditEntry.select().where(AuditEntry.action == "change general settings").count() == 0


def test_no_country_is_a_choice(alice, acme):
    alice.get(URL)
    alice.press("Save", {"Country": ""})
    assert Organisation.get_by_id(acme.id).country is None


@pytest.mark.parametrize(
    ("label", "value"),
    [("Organisation name", "  "), ("Organisation name", "x" * 201), ("Organisation name", "\x00"),
     ("Time zone", "Mars/Olympus"), ("Country", "ZZ")],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(alice, acme, label, value):
    alice.get(URL)
    page = alice.press("Save", {label: value})
    assert page.status == 422
    assert page.field(label).get("aria-invalid") == "true"
    assert Organisation.get_by_id(acme.id) == acme
    assert Organisation.get_by_id(acme.id).name == "Acme"


def test_nobody_learns_from_a_name_which_companies_use_the_portal(alice, acme, initech):
    alice.get(URL)
    assert "The general settings are saved." in alice.press("Save", {"Organisation name": "Initech"}).text
    found = Organisation.get_by_id(acme.id)
    assert (found.name, found.key) == ("Initech", "acme")


def test_plan_and_trial_period_are_shown_and_not_editable(alice, acme):
    page = alice.get(URL)
    assert "Plan Platinum" in page.text
    assert "In a trial period" in page.text
    alice.post(URL, {"name": "Acme", "time_zone": "UTC", "country": "", "plan": "Free", "trial_period": ""})
    found = Organisation.get_by_id(acme.id)
    assert (found.plan, found.trial_period) == ("Platinum", True)


def test_only_an_admin_sees_the_settings(bob, carol):
    for person in (bob, carol):
        assert person.get(URL).status == 403
        assert person.post(URL).status in (400, 403)
