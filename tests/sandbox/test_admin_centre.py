"""The Admin Centre's pages: what a person does there by hand, under the same rules."""

import pytest
from bs4 import BeautifulSoup

OMAR = "omar.ordinary@acme.example"


class Hand:
    """An administrator at the Admin Centre."""

    def __init__(self, sandbox):
        self.sandbox, self.page = sandbox, None

    def open(self, path="", **query):
        self.page = self.sandbox.session.get(self.sandbox.admin_centre_url + path, params=query)
        return self.soup

    def open_user(self, name):
        return self.open(f"/users/{self.sandbox.user(name).id}")

    @property
    def soup(self):
        return BeautifulSoup(self.page.text, "html.parser")

    def press(self, label, **values):
        button = next(item for item in self.soup.find_all("button") if item.get_text(strip=True) == label)
        form = button.find_parent("form")
        filled = {
            item["name"]: item.get("value", "")
            for item in form.find_all("input")
            if item.get("name") and (item.get("type") != "checkbox" or item.has_attr("checked"))
        }
        address = self.page.url.partition("/admin-centre")[0] + form["action"]
        self.page = self.sandbox.session.post(address, data={**filled, **values})
        return self.soup


@pytest.fixture
def hand(sandbox):
    return Hand(sandbox)


def test_people_are_listed_and_found_by_the_beginning_of_a_word(hand):
    assert "Omar Ordinary" in hand.open().get_text()
    found = hand.open(q="ordi").get_text()
    assert "Omar Ordinary" in found
    assert "Grace Hopper" not in found


def test_each_tenant_has_its_own_people(hand):
    assert "Hank Scorpio" in hand.open(tenant="Globex").get_text()
    assert "Omar Ordinary" not in hand.open(tenant="Globex").get_text()


def test_a_sign_in_is_blocked_and_allowed_again(hand, sandbox):
    hand.open_user(OMAR)
    assert "Sign-in blocked" in hand.press("Block sign-in").get_text()
    assert sandbox.user(OMAR).sign_in_blocked
    hand.press("Unblock sign-in")
    assert not sandbox.user(OMAR).sign_in_blocked


def test_title_department_and_manager_are_edited(hand, sandbox):
    hand.open_user(OMAR)
    hand.press("Save changes", jobTitle="Diver", department="Sea", manager="grace.hopper@acme.example")
    omar = sandbox.user(OMAR)
    assert (omar.properties["jobTitle"], omar.properties["department"]) == ("Diver", "Sea")
    assert omar.manager == sandbox.user("grace.hopper@acme.example").id
    hand.press("Save changes", manager="")
    assert sandbox.user(OMAR).manager is None


def test_what_microsoft_refuses_is_said_on_the_page(hand, sandbox):
    hand.open_user(OMAR)
    page = hand.press("Reset password", password="short")
    assert "password complexity" in page.select_one("[role=alert]").get_text()
    synced = next(user for user in sandbox.users() if user.properties.get("onPremisesSyncEnabled"))
    hand.open_user(synced.username)
    assert hand.press("Save changes", jobTitle="Diver").select_one("[role=alert]")


def test_licences_are_ticked_and_seats_counted(hand, sandbox):
    hand.open_user(OMAR)
    box = next(item for item in hand.soup.select("label.tick") if "Business Premium" in item.get_text())
    sku = box.input["value"]
    held = [item["value"] for item in hand.soup.select("label.tick input[checked]")]
    hand.press("Save licences", product=sku)
    assert sku in sandbox.user(OMAR).plans or held
    assert "Business Premium" in hand.open("/licences").get_text()


def test_a_user_is_deleted_and_restored(hand, sandbox):
    hand.open_user(OMAR)
    assert "Omar Ordinary" in hand.press("Delete user").get_text()
    assert sandbox.user(OMAR) is None or sandbox.user(OMAR).deleted
    hand.open("/deleted")
    row = next(item for item in hand.soup.find_all("tr") if "Omar" in item.get_text())
    action = row.find("form")["action"]
    hand.page = sandbox.session.post(sandbox.admin_centre_url.partition("/admin-centre")[0] + action)
    assert not sandbox.user(OMAR).deleted


def test_somebody_who_is_not_there_is_not_found(hand):
    hand.open("/users/00000000-0000-0000-0000-000000000000")
    assert hand.page.status_code == 404
