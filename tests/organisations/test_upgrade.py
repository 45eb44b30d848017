def test_a_plan_without_the_feature_is_told_what_it_does_and_offered_an_upgrade(stan):
    page = stan.get("/settings/add-ons")
    assert page.status == 200
    assert "comes with Platinum" in page.text
    assert "Your organisation is on Standard." in page.text
    assert page.soup.find("a", string="Upgrade")["href"].startswith("mailto:")


def test_general_settings_are_there_on_every_plan(stan):
    page = stan.get("/settings/general")
    assert "Plan Standard · Upgrade" in page.text
    assert "Not in this plan" in page.text
    assert stan.press("Upgrade").title == "Account provisioning"


def test_what_the_plan_lacks_cannot_be_done_by_address(stan):
    stan.get("/settings/general")
    for verb in ("connect", "connect/check-again", "check", "disconnect"):
        page = stan.post(f"/settings/add-ons/microsoft-365/{verb}")
        assert page.status == 403
        assert page.has_button("Upgrade")
