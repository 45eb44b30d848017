from tests.provisioning.conftest import tab


def test_every_operation_is_listed_with_its_receipt(alice, wei_active):
    page = alice.get("/provisioning")
    assert "Wei Zhang" in page.text
    assert "Create account" in page.text
    link = next(tag["href"] for tag in page.soup.select("#activity-table a") if "/operations/" in tag["href"])
    receipt = alice.get(link)
    assert "POST" in receipt.text
    assert "/users" in receipt.text
    assert "request id" in receipt.text


def test_a_receipt_never_shows_the_password(alice, wei_active, mailbox):
    password = mailbox.text(mailbox.messages[0]).split("Temporary password:")[1].split()[0]
    page = alice.get("/provisioning")
    link = next(tag["href"] for tag in page.soup.select("#activity-table a") if "/operations/" in tag["href"])
    assert password not in alice.get(link).html


def test_activity_can_be_filtered(alice, wei_active):
    assert "Wei Zhang" not in alice.get("/provisioning?verb=deactivate").soup.select_one("#activity-table").text
    assert "Wei Zhang" in alice.get("/provisioning?q=wei").soup.select_one("#activity-table").text


def test_activity_can_be_exported(alice, wei_active):
    page = alice.get("/provisioning/activity.csv")
    assert "Wei Zhang,create,done" in page.html


def test_the_receipt_of_another_organisation_is_not_found(mallory, alice, wei_active):
    assert mallory.get("/provisioning/operations/1").status == 404
    assert mallory.get(tab(wei_active)).status == 404
