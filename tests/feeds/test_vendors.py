"""Each HR system against its stand-in: pages, bad moods, ended tokens, empty attributes and missing rights."""

import pytest

from portal.feeds import models
from portal.feeds.models import Feed, RunState
from portal.people.models import Employee
from tests.feeds.conftest import ENTERED, by_number, of, people, run
from tests.feeds.test_runs import approved

KINDS = list(ENTERED)
# What each shows of E2 beside the names, the manager and the days, which all of them show.
SHOWN = {
    "bamboohr": {"department": "Sales", "personal_email": "h2@home.example", "country": "GB"},
    "personio": {"department": "Sales"},
    "hibob": {"department": "Sales", "personal_email": "h2@home.example"},
    "employment-hero": {"personal_email": "h2@home.example", "country": "GB"},
}
FIELD = {
    "bamboohr": "hireDate", "personio": "hire_date", "hibob": "work.startDate", "employment-hero": "start_date",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_o21_an_admin_sets_it_up_and_everybody_comes_page_by_page(alice, company, kind):
    company.workers = people(203)
    alice.get("/settings/integrations")
    alice.press("New feed")
    alice.get(f"/settings/integrations/feeds/new/{kind}")
    labels = ENTERED[kind] | ({"Attribute with the employee number": "Personnel number"} if kind == "personio" else {})
    alice.press("Make feed", labels)
    made = Feed.get()
    assert "good-key" not in made.encrypted_secrets
    if kind == "employment-hero":
        alice.press("Sign in to Employment Hero")
        back = alice.client.get(company_answer(alice.page.url))
        assert back.status_code == 302, back.text
        assert models.secrets_of(of(made))["refresh_token"] == "refresh-1"
    found = run(made)
    assert (found.state, found.rows) == (RunState.PREVIEW, 203), found.why


def company_answer(address):
    """Where the other system sends the browser back to, as a path of the portal."""
    import requests

    answer = requests.get(address, allow_redirects=False, timeout=5)
    return answer.headers["Location"].removeprefix("http://localhost")


@pytest.mark.parametrize("kind", KINDS)
def test_o21_a_bad_mood_and_an_ended_token_lose_nobody(alice, company, feed, kind):
    company.workers = people(3)
    made = feed(kind)
    company.fail(503, retry_after="0")
    company.fail(429, retry_after="0")
    assert approved(alice, run(made)).state == RunState.DONE
    company.expire()
    company.workers[2].title = "Buyer"
    assert run(made).state == RunState.DONE
    two = by_number("E2")
    assert (two.first_name, two.last_name, two.manager.employee_number) == ("First2", "Last2", "E1")
    assert str(two.start_date) == "2015-01-03"
    assert {name: getattr(two, name) for name in SHOWN[kind]} == SHOWN[kind]
    assert by_number("E3").job_title == "Buyer"


@pytest.mark.parametrize("kind", KINDS)
def test_o21_a_field_without_right_is_named_in_the_words_of_that_system(alice, company, feed, kind):
    company.workers = people(3)
    company.hidden.add(FIELD[kind])
    made = feed(kind)
    found = run(made)
    assert found.state == RunState.PREVIEW
    page = alice.get(f"/settings/integrations/feeds/{made.id}/runs/{found.id}")
    assert f"does not show “{FIELD[kind]}” to the portal. In " in page.text
    assert approved(alice, found).state == RunState.DONE
    assert Employee.select().where(Employee.start_date.is_null()).count() == 3


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bamboohr", "Settings > Access Levels"), ("personio", "allow reading under Employees"),
        ("hibob", "permission group"), ("employment-hero", "the scope Employees"),
    ],
)  # fmt: skip
def test_o21_a_credential_that_may_read_nobody_is_told_which_right_is_missing(alice, company, feed, kind, words):
    company.workers, company.locked = people(3), True
    made = feed(kind)
    assert run(made).state == RunState.STOPPED
    assert words in alice.get(f"/settings/integrations/feeds/{made.id}").text


@pytest.mark.parametrize("kind", KINDS)
def test_o21_a_sign_in_that_is_refused_stops_the_feed(alice, company, feed, kind):
    company.workers, company.key = people(3), "another-key"
    made = feed(kind)
    stopped = run(made)
    assert (stopped.state, "accept" in stopped.why or "ended the sign-in" in stopped.why) == (RunState.STOPPED, True)


@pytest.mark.parametrize("kind", ["personio", "employment-hero"])
def test_a_page_that_comes_empty_is_not_taken_for_the_end(alice, company, feed, kind):
    company.workers = people(203)
    made = feed(kind)
    company.gaps = {2}
    assert run(made).state == RunState.FAILED
    company.gaps = set()
    assert run(made).rows == 203
