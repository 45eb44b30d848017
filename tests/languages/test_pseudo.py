"""Pages in a language that nobody speaks: what is not translated is outside of its brackets."""

import re

import pytest

from portal.access import ByToken
from portal.auth.models import User
from tests.languages import pseudo
from tests.pages import tree_of
from tests.provisioning.conftest import connect


@pytest.fixture
def spoken(tmp_path):
    with pseudo.spoken(tmp_path):
        yield


def test_a_sentence_keeps_what_is_filled_in_and_is_longer():
    said = pseudo.in_pseudo("<b>%(name)s</b> is back since %(day)s &amp; 100%% well.")
    assert said.startswith("⟦<b>%(name)s</b> îš bàçk")
    assert "&amp; 100%% wéll. lö" in said
    assert len(said) > 1.3 * len("<b>%(name)s</b> is back since %(day)s.")


def test_what_stands_outside_of_the_brackets_is_found():
    page = """<body><p>⟦Åsk <a href="/">Ada</a> fïrst⟧ now</p><p>⟦Cut o</p><p>Then <b>bold</b> 7</p>
    <input aria-label="Loud" value="data"><input type="submit" value="⟦Sàvé⟧"><script>code</script></body>"""
    assert pseudo.outside(tree_of(f"<html>{page}</html>")) == ["now", "Then", "bold", "Loud"]


def test_a_page_is_in_the_language_that_the_browser_asks_for(app, tables, spoken):
    page = app.test_client().get("/login", headers={"Accept-Language": f"{pseudo.LANGUAGE}, en;q=0.5"})
    assert page.headers["Content-Language"] == pseudo.LANGUAGE
    assert "Accept-Language" in page.headers["Vary"]
    assert pseudo.in_pseudo("Skip to the content") in page.text


# Names of people, companies, products, groups and permissions, addresses, and words of the API: they have no others.
DATA = re.compile(
    r"[\w.+{}*-]*@[\w.-]*|https?://\S*|[\w.-]+\.example\b|[\w-]+\.onmicrosoft\.com|\b[\w-]+([.:][\w-]+)+\b"
    r"|Alice( Admin)?|Acme|Wei|Zhang|wei|English|Deutsch|Français|Español|Pseudo|Platinum|Sales"
    r"|BambooHR|Personio|HiBob|Employment Hero|scim"
    r"|Microsoft Fabric \(Free\)|Microsoft 365( Business \w+)?"
    r"|Exchange Online( Archiving for Exchange Online| \(Plan \d\))?|Google Workspace|Outlook|Account Portal"
    r"|All staff|Announcements|Board papers|Everybody in|Factory floor|Finance|Keepers of the keys|Power BI users"
    r"|Project Apollo|Wages|\b[A-Z0-9]{1,32}\b"
)
# Its codes are words of the API.
OF_PROGRAMS = "/api/v1/docs"
# Kept in English: the audit log, texts that go out as they are.
ENGLISH = {
    "/settings/audit-log", "/people/employees/{}/account-provisioning/microsoft-365/leave/preview",
}  # fmt: skip


def every_page(app, employee):
    """The addresses of all pages that need no number but an employee's."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        by_token = isinstance(app.view_functions[rule.endpoint].access_rule, ByToken)
        if "GET" in rule.methods and rule.arguments <= {"employee_id", "service_key"} and not by_token:
            yield re.sub(r"<int:employee_id>", str(employee.id), rule.rule).replace("<service_key>", "microsoft-365")


def test_every_page_is_translated(app, alice, cast, acme, sandbox, spoken):
    User.update(language=pseudo.LANGUAGE).execute()
    wei = cast.employee(acme)
    connect(sandbox, alice.user)
    found, shown = {}, 0
    for address in every_page(app, wei):
        answer = alice.client.get(address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            tree = tree_of(answer.get_data(as_text=True))
            for word in tree.iter("code", "pre") if address == OF_PROGRAMS else ():
                word.text = ""
            texts = [DATA.sub("", text) for text in pseudo.outside(tree)]
            left = [text for text in texts if re.search("[A-Za-z]{2}", text)]
            shown += 1
            if left and address not in {english.format(wei.id) for english in ENGLISH}:
                found[address] = left
    assert shown > 60
    assert found == {}
