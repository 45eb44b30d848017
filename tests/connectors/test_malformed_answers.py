"""Every call of the connector × every answer that is not as Microsoft describes it: a ConnectorError, and nothing else.

And a write is then unknown: it may have been carried out. By turns here, where a call meets each wrong answer in some
place; `make soak` puts each of them in each place.
"""

import copy
import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest

from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError, SignInFailed, TryLater
from portal.connectors.microsoft365 import oauth, quota
from portal.connectors.microsoft365.client import MOST_PAGES
from portal.connectors.values import Administrator, NewAccount
from portal.database import now
from tests.connectors.conftest import TENANT
from tests.connectors.stubborn import always, microsoft

SOAK = "SOAK" in os.environ
ID, OTHER = "11111111-aaaa-4bbb-8ccc-222222222222", "33333333-aaaa-4bbb-8ccc-222222222222"
NAME = "wei.zhang@acme.example"
NEW = NewAccount(NAME, "Wei Zhang", "Correct-Horse-7", "marker", "GB", {"department": "Sales"})
READS = {
    "tenant": lambda it: it.tenant(),
    "licences": lambda it: it.licences(),
    "is_tenant_administrator": lambda it: it.is_tenant_administrator(Administrator(TENANT, ID, "Grace", "")),
    "find": lambda it: it.find(ID),
    "find_by_username": lambda it: it.find_by_username(NAME),
    "holders_of": lambda it: it.holders_of([NAME, "other@acme.example"]),
    "search": lambda it: it.search("4711"),
    "protections": lambda it: it.protections(ID),
    "manager_of": lambda it: it.manager_of(ID),
    "all_accounts": lambda it: list(it.all_accounts()),
    "deleted_accounts": lambda it: list(it.deleted_accounts()),
    "changes": lambda it: list(it.changes()),
}
WRITES = {
    "create": lambda it: it.create(NEW),
    "update": lambda it: it.update(ID, {"department": "Sales"}),
    "block": lambda it: it.block(ID),
    "unblock": lambda it: it.unblock(ID),
    "revoke_sessions": lambda it: it.revoke_sessions(ID),
    "set_password": lambda it: it.set_password(ID, "Correct-Horse-7"),
    "set_manager": lambda it: it.set_manager(ID, OTHER),
    "clear_manager": lambda it: it.set_manager(ID, None),
    "assign_licences": lambda it: it.assign_licences(ID, add=[OTHER], remove=[]),
    "restore": lambda it: it.restore(ID),
}
DEEP = b"[" * 100_000
NEVER_RIGHT = {
    "a page of HTML": b"<html><body>Our services aren't available</body></html>",
    "a list": [],
    "a text": "value",
    "a number": 5,
    "null": None,
    "cut off": b'{"value": [{"id": "1111',
    "100,000 levels deep": DEEP,
    "100,000 levels deep inside": b'{"value": ' + DEEP,
    "not a number": b'{"value": NaN}',
    "half a character": b'{"value": "\\ud800"}',
    "a NUL": b'{"value": "\\u0000"}',
    "bytes that are no text": b"\xff\xfe\x00",
    "a number that is too long": b'{"value": ' + b"9" * 5_000 + b"}",
}
# An object, so for a write that expects none it might do; for what is read it does not.
NOT_TO_BE_READ = {
    "empty": b"",
    "an empty object": {},
    "value is null": {"value": None},
    "value is an object": {"value": {}},
    "value has null": {"value": [None]},
    "value has numbers": {"value": [1, 2]},
    "a number for the id": {"id": 7, "value": [{"id": 7}]},
    "an empty id": {"id": "", "value": [{"id": "", "skuId": ""}]},
    "an id that is a path": {"id": "../me", "value": [{"id": "../me", "skuId": "../me"}]},
    "another account": {"id": OTHER, "userPrincipalName": "x@acme.example", "accountEnabled": True},
    "an error with 200": {"error": {"code": "Request_BadRequest", "message": "No."}},
    "responses of nothing": {"responses": [], "value": None},
    "responses that are none": {"responses": {"0": {}}, "value": None},
}


@pytest.fixture
def ask(app, leads_to, stubborn):
    """ask(call, answer): the ConnectorError that comes of it, or None when the answer was taken."""
    now = {}
    server = stubborn(lambda request: now["answer"](request))
    leads_to(login=stubborn(microsoft(always({}), TENANT)).url, graph=server.url)

    def put(call, answer):
        now["answer"] = answer
        # Each with a quota of its own: so many calls are more than it has room for.
        quota._pacers.clear()
        try:
            call(SERVICES["microsoft-365"].connector(TENANT, patience=0.0))
        except ConnectorError as error:
            return error
        return None

    return put


@pytest.mark.parametrize("name", NEVER_RIGHT | NOT_TO_BE_READ)
def test_what_is_not_as_described_is_asked_again_later(ask, name):
    body = (NEVER_RIGHT | NOT_TO_BE_READ)[name]
    for what, call in READS.items():
        if (what, name) != ("manager_of", "another account"):
            error = ask(call, always(body))
            assert type(error) is TryLater, (what, error)
            assert not error.unknown
    for what in WRITES if name in NEVER_RIGHT else ["create"]:
        error = ask(WRITES[what], always(body))
        assert type(error) is TryLater and error.unknown, (what, error)  # noqa: PT018


REFUSED = ["400 Bad", "404 None", "503 Closed"]


@pytest.mark.parametrize("status", REFUSED)
@pytest.mark.parametrize("name", NEVER_RIGHT)
def test_a_refusal_that_is_not_as_described_says_nothing_for_good(ask, status, name):
    turn = [*NEVER_RIGHT].index(name) + REFUSED.index(status)
    calls = [*(READS | WRITES).items()]
    for what, call in calls if SOAK else calls[turn % len(REFUSED) :: len(REFUSED)]:
        error = ask(call, always(NEVER_RIGHT[name], status))
        assert type(error) is TryLater, (what, error)
        assert error.unknown == (what in WRITES and status[0] == "5"), what


@pytest.mark.parametrize("asked", ["soon", "-5", "inf", "nan", "1e400", "99999999999999", "Sat, 99 Foo", "\xff", ""])
def test_a_time_to_wait_that_is_none_is_not_waited_for(ask, asked):
    error = ask(READS["find"], always({}, "429 Slowly", Retry_After=asked))
    assert error.retry_after is None or 0 <= error.retry_after <= 3600


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_date_to_wait_for_is_of_the_clock_that_the_answer_shows(ask, minutes):
    there = now() + timedelta(minutes=minutes)
    waits = {"Date": format_datetime(there), "Retry_After": format_datetime(there + timedelta(seconds=90))}
    assert ask(READS["find"], always({}, "429 Slowly", **waits)).retry_after == 90


USER = {
    "id": ID, "userPrincipalName": NAME, "displayName": "Wei Zhang", "accountEnabled": True, "mail": NAME,
    "proxyAddresses": [f"SMTP:{NAME}"], "otherMails": ["wei@home.example"], "createdDateTime": "2026-01-01T00:00:00Z",
    "userType": "Member", "onPremisesSyncEnabled": None, "signInSessionsValidFromDateTime": "2026-01-01T00:00:00Z",
    "onPremisesExtensionAttributes": {"extensionAttribute15": "marker"}, "usageLocation": "GB", "jobTitle": "Buyer",
    "assignedLicenses": [{"skuId": OTHER}], "licenseAssignmentStates": [{"skuId": OTHER, "assignedByGroup": None}],
    "employeeHireDate": "2026-01-01T00:00:00Z", "manager": {"id": OTHER, "displayName": "Bob"},
}  # fmt: skip
GOOD = {
    "licences": {"value": [{
        "skuId": OTHER, "skuPartNumber": "SPB", "capabilityStatus": "Enabled", "appliesTo": "User", "consumedUnits": 1,
        "prepaidUnits": {"enabled": 5, "warning": 0}, "servicePlans": [{"servicePlanName": "EXCHANGE_S_STANDARD"}],
    }]},
    "is_tenant_administrator": {"value": [{"@odata.type": "#microsoft.graph.directoryRole", "roleTemplateId": OTHER}]},
    "find": USER,
    "all_accounts": {"value": [USER], "@odata.nextLink": None},
    "deleted_accounts": {"value": [{**USER, "deletedDateTime": "2026-01-01T00:00:00Z"}]},
    "changes": {"value": [USER, {"id": OTHER, "@removed": {"reason": "changed"}}],
                "@odata.deltaLink": "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=1"},
    "manager_of": {"id": OTHER, "displayName": "Bob", "userPrincipalName": "bob@acme.example"},
    "holders_of": {"responses": [
        {"id": str(number), "status": 200, "headers": {"Retry-After": "1"}, "body": {"value": [USER]}}
        for number in range(5)
    ]},
}  # fmt: skip
WRONG = (None, 5, -1, 1e300, "", "x" * 5_000, True, [], {}, [None], [5], {"a": 5}, [[]], "2026-13-45T99:00:00Z", DEEP)


def spoiled(value, path=()) -> Iterator[tuple[str, bytes]]:
    """The value as JSON, once for each part of it and each wrong thing in its place, and once without that part.

    In the suite each part meets every third wrong thing, and the next part those after them.
    """
    parts = [place for place in places(value) if place[:1] != ("responses",) or place[1:2] <= (0,)]
    for number, place in enumerate(parts):
        for wrong in WRONG if SOAK else WRONG[number % 3 :: 3]:
            text = json.dumps(with_(value, place, "THE WRONG THING" if wrong is DEEP else wrong)).encode()
            yield f"{place}: {str(wrong)[:20]}", text.replace(b'"THE WRONG THING"', DEEP)
        yield f"{place}: missing", json.dumps(with_(value, place, ...)).encode()


def places(value, before=()) -> Iterator[tuple]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*before, key)
        yield from places(item, (*before, key))


def with_(value, place, new):
    found = copy.deepcopy(value)
    inner = found
    for key in place[:-1]:
        inner = inner[key]
    if new is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = new
    return found


@pytest.mark.parametrize("call", GOOD)
def test_a_good_answer_with_one_thing_wrong_in_it_does_no_harm(ask, call):
    assert ask(READS[call], always(GOOD[call])) is None
    for what, text in spoiled(GOOD[call]):
        error = ask(READS[call], always(text))
        assert error is None or type(error) is TryLater, (what, error)


def test_an_account_whose_sign_in_is_not_stated_is_not_taken_for_blocked(ask):
    for wrong in (None, ..., "false", 0):
        assert type(ask(READS["find"], always(with_(USER, ("accountEnabled",), wrong)))) is TryLater


def test_a_membership_of_no_kind_is_not_taken_for_a_harmless_one(ask):
    assert type(ask(READS["protections"], always({"value": [{"id": OTHER}]}))) is TryLater


@pytest.mark.parametrize("call", ["all_accounts", "deleted_accounts", "changes", "protections", "licences"])
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/users",
        "https://evil.example/beta",
        "javascript:alert(1)",
        "//evil.example/",
        "",
        "x",
        5,
    ],
)
def test_a_list_that_goes_on_elsewhere_or_in_a_circle_has_an_end(ask, call, link):
    error = ask(READS[call], always({"value": [], "@odata.nextLink": link}))
    assert error is None or type(error) is TryLater


def test_a_list_of_more_pages_than_any_has_ends(ask, monkeypatch):
    monkeypatch.setattr("portal.connectors.microsoft365.client.MOST_PAGES", 5)
    numbers = iter(range(MOST_PAGES))
    asked = []

    def another(request):
        asked.append(request)
        return always({"value": [], "@odata.nextLink": f"https://x/v1.0/users?$skiptoken={next(numbers)}"})(request)

    assert type(ask(READS["all_accounts"], another)) is TryLater
    assert len(asked) == 5


ITEMS = {
    "HTML": {"status": 200, "body": "<html>"}, "a list": {"status": 200, "body": []}, "nothing": {"status": 200},
    "a redirect": {"status": 302, "body": {"value": []}}, "status 0": {"status": 0}, "status 999": {"status": 999},
    "a text as status": {"status": "200", "body": {"value": []}}, "no status": {"body": {"value": []}},
    "headers that are none": {"status": 429, "headers": [1]}, "null": None, "a text": "200",
    "a wait that is none": {"status": 429, "headers": {"Retry-After": [1], "request-id": None}},
    "an error that is none": {"status": 404, "body": {"error": "gone"}},
}  # fmt: skip


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_of_a_batch_that_is_not_as_described_is_asked_again_later(ask, name):
    item = ITEMS[name]
    answers = [{"id": str(number), **item} if isinstance(item, dict) else item for number in range(20)]
    assert type(ask(READS["holders_of"], always({"responses": answers}))) is TryLater


def test_an_item_that_is_missing_or_comes_twice_is_not_believed(ask):
    good = [{"id": str(number), "status": 200, "body": {"value": []}} for number in range(5)]
    assert ask(READS["holders_of"], always({"responses": good})) is None
    assert type(ask(READS["holders_of"], always({"responses": good[:4]}))) is TryLater
    assert type(ask(READS["holders_of"], always({"responses": [*good, good[0]]}))) is TryLater


@pytest.mark.parametrize("name", [*NEVER_RIGHT, *NOT_TO_BE_READ])
def test_calls_that_share_a_request_are_each_unanswered(app, leads_to, stubborn, name):
    server = stubborn(always((NEVER_RIGHT | NOT_TO_BE_READ)[name]))
    leads_to(login=stubborn(microsoft(always({}), TENANT)).url, graph=server.url)
    service, errors, both = SERVICES["microsoft-365"], [], threading.Barrier(2)

    def block(number):
        with service.together():
            connector = service.connector(TENANT, patience=0.0)
            connector.granted()
            both.wait()
            try:
                connector.find(ID)
            except ConnectorError as error:
                errors.append(error)

    threads = [threading.Thread(target=block, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(error) for error in errors] == [TryLater] * 2


TOKENS = {
    **NEVER_RIGHT, "empty": b"", "an empty object": {}, "no token": {"token_type": "Bearer", "expires_in": 3599},
    "a number as token": {"access_token": 5, "expires_in": 3599}, "null token": {"access_token": None},
    "a list as token": {"access_token": ["x"]}, "no seconds": {"access_token": "x", "expires_in": []},
    "null seconds": {"access_token": "x", "expires_in": None}, "a token with spaces": {"access_token": "a\r\nb"},
    "a number as id_token": {"access_token": "x", "id_token": 5},
    "half an id_token": {"access_token": "x", "id_token": "a"},
    "client_info": {"access_token": "x", "client_info": "!!"}, "error is null": {"error": None},
}  # fmt: skip


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_that_is_none_is_asked_for_again_later(app, leads_to, stubborn, name):
    good = microsoft(always({}), TENANT)
    leads_to(login=stubborn(lambda r: always(TOKENS[name])(r) if b"/token" in r.split()[1] else good(r)).url)
    with pytest.raises(TryLater):
        SERVICES["microsoft-365"].connector(TENANT).granted()


@pytest.mark.parametrize("status", ["200 OK", "401 No"])
@pytest.mark.parametrize("name", TOKENS)
def test_a_sign_in_service_that_is_not_as_described_is_asked_again_later(app, leads_to, stubborn, name, status):
    leads_to(login=stubborn(always(TOKENS[name], status)).url)
    for ask in (
        SERVICES["microsoft-365"].connector(TENANT).granted,
        lambda: SERVICES["microsoft-365"].begin_sign_in("http://localhost/back"),
    ):
        with pytest.raises(TryLater):
            ask()


def test_a_person_of_no_known_kind_is_nobody():
    good = {"tid": TENANT, "oid": ID, "aud": "x", "iss": "x", "exp": 1}
    for name in good:
        for wrong in (None, 5.5, [], {}, "", [5], "\x00"):
            with pytest.raises(SignInFailed):
                oauth.administrator({**good, name: wrong})
