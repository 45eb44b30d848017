import pytest

from portal.connections.models import Connection
from tests.addons.conftest import ADD_ONS, CARD, as_connected


@pytest.fixture
def connection(alice, sandbox) -> Connection:
    return as_connected(alice, sandbox)


@pytest.fixture(autouse=True)
def _no_waiting(no_waiting):
    """A check answers at once."""


def test_looking_at_the_page_asks_the_application_nothing(alice, connection, sandbox):
    sandbox.clear_requests()
    assert "Working" in alice.get(ADD_ONS).text
    assert sandbox.requests() == []


def test_check_now_reads_the_tenant_again(alice, connection):
    Connection.update(tenant_name="Old name", domains=[]).execute()
    alice.get(ADD_ONS)
    alice.press("Check now")
    assert "Connected to Acme" in alice.page.text
    assert "acme.example, acme.onmicrosoft.com" in alice.page.text
    assert Connection.get_by_id(connection.id).checked_at > connection.checked_at


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda sandbox: sandbox.expire_secret(), "client secret has expired"),
        (lambda sandbox: sandbox.revoke_consent("Acme"), "not known in your company’s Microsoft 365"),
        (
            lambda sandbox: sandbox.grant_consent("Acme", ["User.ReadWrite.All"]),
            "to offer your domains for usernames",
        ),
    ],
    ids=["expired secret", "consent withdrawn", "permission withdrawn"],
)
def test_check_now_says_what_is_wrong_and_that_it_is_mended(alice, connection, sandbox, break_it, words):
    break_it(sandbox)
    alice.press("Check now")
    assert "Health Needs attention" in alice.page.text
    assert words in alice.page.text
    sandbox.expire_secret(False)
    sandbox.grant_consent("Acme")
    alice.press("Check now")
    assert "Health Working" in alice.page.text


def test_the_problem_is_still_shown_on_the_next_visit(alice, connection, sandbox):
    sandbox.revoke_consent("Acme")
    alice.htmx = False
    alice.press("Check now")
    assert alice.page.url == ADD_ONS
    assert "Health Needs attention" in alice.get(ADD_ONS).text


def test_checking_what_is_not_connected_shows_the_plain_card(alice):
    alice.get(ADD_ONS)
    assert alice.post(f"{CARD}/check").status == 200
