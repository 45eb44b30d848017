"""Who may call what: every route, every member of the cast, with ids of their own and of another organisation."""

import re
from datetime import timedelta

import pytest

from portal.access import ALLOWED, NEEDS, PUBLIC, ByToken
from portal.api_tokens import actions
from portal.api_tokens.models import ApiToken
from portal.api_tokens.scopes import Scope
from portal.auth.models import AccessLevel, Invitation, Session, User
from portal.database import now
from portal.feeds.models import Feed, FeedRun
from portal.interviews.models import Attendance, Interview
from portal.organisations.plans import Feature
from portal.recruitment.models import Application, Candidate, Stage, TeamMember, Vacancy
from tests import rows_everywhere
from tests.cast import Person

STRANGE = "/people/employees/2147483648"
NOT_THERE = 2_000_000_000


def every_route(app):
    """(rule of access, method, address with placeholders) of every route."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield app.view_functions[rule.endpoint].access_rule, method, rule.rule


def routes(app):
    """The same of those that users call."""
    return [route for route in every_route(app) if not isinstance(route[0], ByToken)]


def routes_of_tokens(app):
    """The same of those that other systems call."""
    return [route for route in every_route(app) if isinstance(route[0], ByToken)]


def filled(address, number):
    address = re.sub(r"<int:[^>]+>", str(number), address)
    address = address.replace("<service_key>", "microsoft-365").replace("<path:filename>", "portal.css")
    return re.sub(r"<[^>]+>", "none", address)


@pytest.fixture
def ids(cast, acme):
    """Numbers of a row of Acme: used for every kind of id there is."""
    values = {"organisation": acme, "email": "zed@acme.example", "access_level": AccessLevel.ADMIN}
    zed = User.create(**values, id=424_242, name="Zed Zulu", password_hash="none")
    Session.create(id=424_242, user=zed, token_hash="none")
    Invitation.create(**values, id=424_242, name="Zed Zulu", token_hash="none")
    rows: dict = {"organisation": acme, "id": 424_242}
    vacancy = Vacancy.create(**rows, title="Zulu", address="zulu")
    stage = Stage.create(**rows, vacancy=vacancy, position=1, name="Zulu")
    TeamMember.create(**rows, vacancy=vacancy, user=zed, part="recruiter")
    candidate = Candidate.create(**rows, last_name="Zulu")
    application = Application.create(**rows, candidate=candidate, vacancy=vacancy, stage=stage)
    times = {"starts_at": now(), "ends_at": now() + timedelta(hours=1), "zone": "UTC"}
    interview = Interview.create(**rows, application=application, subject="Zulu", **times)
    Attendance.create(**rows, interview=interview, candidate=candidate, name="Zulu", address="zulu@acme.example")
    feed = Feed.create(**rows, name="Zulu", kind="bamboohr")
    FeedRun.create(**rows, feed=feed, state="preview")
    return cast.employee(acme, "Zed", "Zulu", id=424_242).id


@pytest.fixture
def everywhere(ids, acme):
    """The same with a row in every other table, about Zed."""
    reached = rows_everywhere.fill(ids, "Zulu", organisation=acme.id, employee=ids, portal_user=ids)
    assert reached > 100
    return ids


def send(person, method, address, *, in_place=False):
    headers = {"HX-Request": "true"} if in_place else {}
    return person.client.open(address, method=method, data={} if method == "POST" else None, headers=headers)


def test_every_route_has_a_decision(app):
    assert all(rule for rule, _, _ in every_route(app))


def test_somebody_signed_out_is_sent_to_the_sign_in(app, ids, tables):
    nobody = Person(app)
    for rule, method, address in routes(app):
        if rule != PUBLIC:
            answer = send(nobody, method, filled(address, ids))
            assert answer.status_code == 302, (method, address)
            assert answer.headers["Location"].startswith("/login"), (method, address)


@pytest.mark.parametrize("level", [level for level in AccessLevel if level != AccessLevel.ADMIN])
def test_a_level_that_may_not_is_refused_everywhere(app, ids, cast, acme, level):
    person = cast.person(acme, "Somebody", level)
    # By turns as a page and in place.
    for number, (rule, method, address) in enumerate(routes(app)):
        if rule != PUBLIC and rule[0] not in ALLOWED[level]:
            answer = send(person, method, filled(address, ids), in_place=number % 2 == 1)
            assert answer.status_code == 403, (method, address)


def test_a_plan_without_the_feature_closes_every_address_of_it(app, ids, stan):
    for rule, method, address in routes(app):
        if rule == PUBLIC or rule[0] not in NEEDS:
            continue
        answer = send(stan, method, filled(address, ids))
        text = answer.get_data(as_text=True)
        advertised = rule[1] and method == "GET"
        assert answer.status_code == (200 if advertised else 403), (method, address)
        assert "Upgrade" in text, (method, address)
        assert "Zulu" not in text, (method, address)


def test_another_organisations_rows_look_like_rows_that_do_not_exist(app, everywhere, mallory):
    for rule, method, address in routes(app):
        if rule == PUBLIC or "<int:" not in address:
            continue
        theirs = send(mallory, method, filled(address, everywhere))
        nobodys = send(mallory, method, filled(address, NOT_THERE))
        assert theirs.status_code == nobodys.status_code, (method, address)
        assert theirs.status_code in (404, 400), (method, address)
        assert without_reference(theirs, everywhere) == without_reference(nobodys, NOT_THERE), (method, address)


def test_the_rest_of_the_organisation_looks_to_an_hr_of_one_part_like_rows_that_do_not_exist(
    app, everywhere, cast, acme
):
    person = cast.person(acme, "Hana", AccessLevel.PART_HR)
    User.update(part="country", part_value="NZ").where(User.id == person.user.id).execute()
    reached = 0
    for rule, method, address in routes(app):
        if rule == PUBLIC or "<int:" not in address or rule[0] not in ALLOWED[AccessLevel.PART_HR]:
            continue
        theirs = send(person, method, filled(address, everywhere))
        nobodys = send(person, method, filled(address, NOT_THERE))
        assert theirs.status_code == nobodys.status_code, (method, address)
        assert theirs.status_code in (404, 400), (method, address)
        assert without_reference(theirs, everywhere) == without_reference(nobodys, NOT_THERE), (method, address)
        reached += 1
    assert reached > 50


def without_reference(answer, number):
    text = answer.get_data(as_text=True).replace(str(number), "N")
    text = text.replace(answer.headers["X-Request-Id"], "R")
    return re.sub(r'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"', "", text)


def test_every_post_without_a_form_token_is_refused(app, ids, alice):
    for rule, method, address in routes(app):
        if method == "POST" and rule != PUBLIC:
            assert send(alice, method, filled(address, ids)).status_code == 400, address


def test_a_number_that_no_table_can_hold_is_an_address_that_does_not_exist(alice):
    assert alice.get(STRANGE).status == 404
    assert alice.get("/people/employees/99999999999999999999999999").status == 404


def test_a_plan_that_is_lost_closes_the_feature_at_once(alice, acme):
    from portal.organisations import setup

    setup.set_plan(acme, "Standard")
    page = alice.get("/provisioning")
    assert "Upgrade" in page.text
    assert not acme.has(Feature.ACCOUNT_PROVISIONING)


def contents(tables):
    """Every row of every table but two: sessions note when they were last seen, limits how often they were asked."""
    names = [name for name in tables.get_tables() if name not in ("session", "rate_count")]
    return {name: sorted(map(repr, tables.execute_sql(f'SELECT * FROM "{name}"').fetchall())) for name in names}  # noqa: S608


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "stan", "mallory"])
def test_looking_changes_nothing(app, tables, ids, request, name):
    person = request.getfixturevalue(name)
    before = contents(tables)
    for rule, method, address in routes(app):
        if method == "GET" and rule != PUBLIC:
            send(person, method, filled(address, ids))
    assert contents(tables) == before


def asked(app, token, method, address):
    """What a system with this token is answered."""
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*", "Idempotency-Key": f"{method} {address}"}
    body = {"employee_number": "X1", "first_name": "X"} if address.endswith("/employees") else {}
    body = {"account_id": "x"} if address.endswith("/link") else body
    sent = {"json": body} if method in ("POST", "PATCH") else {}
    return app.test_client().open(address, method=method, headers=headers, **sent)


@pytest.fixture
def token_of(alice, mallory, stan):
    """token_of(person, *scopes): a token of the person's organisation."""

    def make(person, *scopes):
        made = actions.make(person.user.organisation, name="Test", scopes=scopes, days=9, networks=[], by=person.user)
        return made[1]

    return make


def test_a_cookie_opens_no_address_of_the_api(app, ids, alice):
    for _, method, address in routes_of_tokens(app):
        answer = alice.client.open(filled(address, ids), method=method)
        assert (answer.status_code, "needs a token" in answer.json["detail"]) == (401, True), address
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_no_address_for_which_it_lacks_the_scope(app, ids, alice, token_of):
    for rule, method, address in routes_of_tokens(app):
        token = token_of(alice, *(set(Scope) - {rule.scope}))
        answer = asked(app, token, method, filled(address, ids))
        assert answer.status_code == (403 if rule.scope else 200), address
        assert f"scope {rule.scope}" in answer.json.get("detail", "") or not rule.scope
        ApiToken.delete().execute()


def test_o05_a_token_of_another_plan_opens_nothing(app, ids, stan, token_of):
    token = token_of(stan, *Scope)
    for _, method, address in routes_of_tokens(app):
        answer = asked(app, token, method, filled(address, ids))
        assert (answer.status_code, "plan" in answer.json["detail"]) == (403, True), address


def test_another_organisations_rows_look_to_a_token_like_rows_that_do_not_exist(app, ids, mallory, token_of):
    token = token_of(mallory, *Scope)
    for _, method, address in routes_of_tokens(app):
        if "<int:" in address:
            theirs, nobodys = (asked(app, token, method, filled(address, number)) for number in (ids, NOT_THERE))
            assert (theirs.status_code, nobodys.status_code) == (404, 404), (method, address)
            assert {**theirs.json, "instance": ""} == {**nobodys.json, "instance": ""}
