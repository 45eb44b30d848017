import re
from datetime import timedelta

from playhouse.test_utils import count_queries

from portal.api_tokens import actions, jobs
from portal.api_tokens.models import HELD_BY, ApiToken
from portal.api_tokens.scopes import WORDS, Scope
from portal.audit import AuditEntry
from portal.auth.models import AccessLevel, User
from portal.database import now
from portal.mail import lane
from tests.api.conftest import System, kind_of

PAGE = "/settings/integrations"


def made_by(alice, **fields):
    alice.get(PAGE)
    alice.press("New token")
    return alice.press("Make token", {"Name": "Payroll", WORDS[Scope.EMPLOYEES_READ]: True, **fields})


def text_on(page):
    return page.soup.select_one("#token-text").get_text()


def test_o02_a_new_token_is_shown_once_with_a_line_that_tries_it_and_no_secret_is_kept(app, alice, tables):
    page = made_by(alice, **{"Allowed networks": "192.0.2.0/24"})
    text = text_on(page)
    assert re.fullmatch(r"por_[a-z2-9]{6}_[\w-]{43}[0-9a-f]{8}", text)
    assert f'curl -H "Authorization: Bearer {text}" http://localhost/api/v1/me' in page.text
    assert text not in alice.get(PAGE).html
    assert "employees:read" in alice.page.text
    secret = actions.read(text).secret
    kept = [repr(row) for row in tables.execute_sql("SELECT * FROM api_token").fetchall()]
    assert len(kept) == 1
    assert secret not in kept[0]
    assert System(app, text, address="192.0.2.9").get("me").json["name"] == "Payroll"
    assert kind_of(System(app, text, address="198.51.100.1").get("me")) == "other-network"


def test_loading_the_page_with_a_new_token_again_makes_no_second_one_and_shows_it_no_more(alice):
    made = made_by(alice)
    assert made.url.endswith("/made")
    assert "shows a token once" in alice.get(made.url).text
    assert ApiToken.select().count() == 1


def test_making_and_rotating_a_token_wants_the_password_again(alice, payroll, monkeypatch):
    monkeypatch.setattr("portal.auth.actions.password_is_fresh", lambda user: False)
    assert "password" in alice.get(f"{PAGE}/api/new").title.casefold()
    alice.get(PAGE)
    alice.press("Rotate Payroll", within="main")
    assert "password" in alice.page.title.casefold()


def test_what_is_wrong_with_the_form_is_said_beside_it(alice):
    page = made_by(alice, **{"Name": "", "Lasts for": "731", "Allowed networks": "everywhere"})
    assert page.status == 422
    for words in ("Enter a name", "from 1 to 730", "“everywhere” is not a network"):
        assert words in page.text
    assert page.value("Allowed networks") == "everywhere"


def test_o02_a_token_that_does_not_work_says_why_and_nothing_of_others(app, alice, payroll, system):
    text = payroll.token
    assert kind_of(System(app, "").get("me")) == "token-needed"
    wrong = text[:-9] + ("a" if text[-9] != "a" else "b") + text[-8:]
    assert kind_of(System(app, wrong).get("me")) == "token-unknown"
    stranger = actions.text_of("aaaaaa", actions.read(text).secret)
    assert kind_of(System(app, stranger).get("me")) == "token-unknown"
    assert payroll.get("me").status_code == 200
    assert app.test_client().get(f"/api/v1/me?token={text}").status_code == 401
    ApiToken.update(expires_at=now()).execute()
    assert kind_of(payroll.get("me")) == "token-over"
    reader = system(alice, "employees:read")
    assert reader.get("audit").json["scope"] == "audit:read"


def test_o02_a_token_that_is_nobodys_asks_the_database_as_much_as_one_with_a_wrong_secret(app, alice, mallory, system):
    known, theirs = system(alice), system(mallory)
    over = actions.read(system(alice, name="Old").token).key
    ApiToken.update(revoked_at=now()).where(ApiToken.key == over).execute()
    secret = "a" * 43

    def asked(key):
        wrong = System(app, actions.text_of(key, secret))
        with count_queries() as counter:
            assert kind_of(wrong.get("me")) == "token-unknown"
        return counter.count

    keys = [actions.read(one.token).key for one in (known, theirs)]
    assert len({asked(key) for key in ("aaaaaa", over, *keys)}) == 1


def test_o03_after_rotate_both_secrets_work_for_a_day_and_then_one(app, alice, payroll):
    assert payroll.get("me").status_code == 200
    alice.get(PAGE)
    alice.press("Rotate Payroll", within="main")
    fresh = System(app, text_on(alice.press("Rotate")))
    assert fresh.get("me").status_code == payroll.get("me").status_code == 200
    page = alice.get(PAGE)
    assert "The token from before the rotation works until" in page.text
    assert page.text.count("Never") == 0
    ApiToken.update(old_until=now()).execute()
    assert kind_of(payroll.get("me")) == "token-unknown"
    assert fresh.get("me").status_code == 200


def test_a_revoked_token_stops_at_once_and_stays_listed(alice, payroll):
    alice.get(PAGE)
    alice.press("Revoke Payroll", within="main")
    alice.press("Revoke", within="main")
    assert kind_of(payroll.get("me")) == "token-over"
    assert "Revoked by Alice" in alice.page.text


def test_a_token_that_came_back_with_a_backup_works_when_an_admin_says_so(alice, payroll, mallory):
    ApiToken.update(revoked_at=now(), revoked_by_name=HELD_BY).execute()
    assert kind_of(payroll.get("me")) == "token-over"
    assert "came back with a backup" in alice.get(PAGE).text
    assert mallory.get(f"{PAGE}/api/{ApiToken.get().id}/let-on").status == 404
    alice.press("Let it work again Payroll", within="main")
    page = alice.press("Let it work again", within="main")
    assert "The token Payroll works again" in page.text
    assert payroll.get("me").status_code == 200
    alice.press("Revoke Payroll", within="main")
    alice.press("Revoke", within="main")
    assert alice.post(f"{PAGE}/api/{ApiToken.get().id}/let-on", {}).status in (400, 409)
    assert kind_of(payroll.get("me")) == "token-over"


def test_o32_one_press_pauses_every_token_until_it_is_resumed(alice, payroll, mallory, system):
    alice.get(PAGE)
    alice.press("Pause the API")
    assert kind_of(payroll.get("me")) == "api-paused"
    assert system(mallory).get("me").status_code == 200
    alice.press("Resume the API")
    assert payroll.get("me").status_code == 200
    found = [entry.action for entry in AuditEntry.select().where(AuditEntry.by_name.contains("Alice"))]
    assert found[-3:] == ["make API token", "pause API", "resume API"]


def test_use_is_written_down_every_five_minutes_and_once_a_day_in_the_audit_log(alice, payroll):
    for _ in range(3):
        payroll.get("me")
    token = ApiToken.get()
    first = token.last_used_at
    assert token.last_used_from == "127.0.0.1"
    ApiToken.update(last_used_at=now() - timedelta(minutes=6)).execute()
    payroll.get("me")
    assert ApiToken.get().last_used_at > first
    lines = AuditEntry.select().where(AuditEntry.action == "use API token")
    assert [line.by_name for line in lines] == ["API token Payroll"]
    assert "API token Payroll" in alice.get("/settings/audit-log?by=Payroll").text


def test_o04_admins_are_mailed_30_7_and_1_days_before_the_end_and_answers_say_when_it_is(alice, payroll, mailbox):
    assert "Token-Expires-At" not in payroll.get("me").headers
    told = []
    for days in (29.5, 29, 6.5, 0.5, 0.4):
        ApiToken.update(expires_at=now() + timedelta(days=days)).execute()
        jobs.tell_of_tokens.call_local()
        lane.join()
        told.append(len(mailbox.messages))
    assert told == [1, 1, 2, 3, 3]
    assert "Payroll (por_" in mailbox.text(mailbox.messages[0])
    assert payroll.get("me").headers["Token-Expires-At"].endswith("GMT")
    ApiToken.update(expires_at=now() - timedelta(days=1)).execute()
    row = next(
        row.get_text(" ", strip=True) for row in alice.get(PAGE).soup.select("tr") if "Payroll" in row.get_text()
    )
    assert "xpired" in row


def test_o05_a_token_outlives_the_level_of_its_maker_and_the_page_says_so(cast, acme, alice, system):
    maker = cast.person(acme, "Moira", AccessLevel.ADMIN)
    moiras = system(maker)
    User.update(access_level=AccessLevel.EMPLOYEE).where(User.id == maker.user.id).execute()
    assert moiras.get("me").json["made_by"] == "Moira"
    assert "Moira is no longer an Admin" in alice.get(PAGE).text


def test_another_organisation_cannot_reach_a_token(mallory, payroll):
    number = ApiToken.get().id
    mallory.get(PAGE)
    assert mallory.post(f"{PAGE}/api/{number}/revoke").status == 404
    assert payroll.get("me").status_code == 200
