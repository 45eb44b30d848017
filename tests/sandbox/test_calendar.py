"""A person's own calendar, as Exchange has it.

https://learn.microsoft.com/graph/api/resources/calendar
"""

import pytest

from tests.sandbox.person import PersonCaller

GRACE, OMAR, UMA = "grace.hopper@acme.example", "omar.ordinary@acme.example", "uma.unlicensed@acme.example"
ZOE = "zoe@outside.example"
MARKER = "String {00020329-0000-0000-C000-000000000046} Name PortalInterview"
BY_MARKER = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER}' and ep/value eq 'm-1')"


@pytest.fixture
def person(sandbox):
    sandbox.allow_for_people("Calendars.ReadWrite", "Mail.ReadWrite", "User.Read")
    caller = PersonCaller(sandbox)
    caller.sign_in_as(OMAR, "Calendars.ReadWrite Mail.ReadWrite User.Read")
    yield caller
    caller.close()


def at(hour: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"dateTime": f"2027-03-31T{hour}", "timeZone": zone}


def meeting(**changes):
    return {
        "subject": "Interview", "start": at("10:00:00"), "end": at("11:00:00"),
        "body": {"contentType": "text", "content": "Come and see us"}, "transactionId": "m-1",
        "singleValueExtendedProperties": [{"id": MARKER, "value": "m-1"}],
        "attendees": [{"emailAddress": {"address": address}, "type": "required"} for address in (ZOE, GRACE)],
        **changes,
    }  # fmt: skip


def made(person, **changes):
    answer = person("POST", "/me/events", meeting(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def view(person, *addresses, minutes=30):
    asked = {"Schedules": list(addresses), "StartTime": at("09:00:00"), "EndTime": at("12:00:00"),
             "AvailabilityViewInterval": minutes}  # fmt: skip
    found = person("POST", "/me/calendar/getSchedule", asked).json()["value"]
    return {entry["scheduleId"]: entry.get("availabilityView") or entry["error"]["responseCode"] for entry in found}


def test_an_event_is_made_once_found_by_its_marker_and_everybody_is_invited(person, sandbox):
    event = made(person)
    assert event["start"] == {"dateTime": "2027-03-31T08:00:00.0000000", "timeZone": "UTC"}
    again = person.refused("POST", "/me/events", meeting(subject="Another"))
    assert again[:2] == (409, "ErrorDuplicateTransactionId")
    found = person("GET", f"/me/events?$filter={BY_MARKER}").json()["value"]
    assert [one["iCalUId"] for one in found] == [event["iCalUId"]]
    assert sandbox.outside(ZOE)[0]["meeting"]["method"] == "REQUEST"
    assert sandbox.events(GRACE)[0]["uid"] == event["iCalUId"]
    assert sandbox.messages(GRACE)[0]["subject"] == "Interview"


def test_who_is_busy_shows_and_an_address_that_nobody_knows_is_an_error_inside_a_good_answer(person, sandbox):
    made(person)
    stranger = "nobody@acme.example"
    assert view(person, OMAR, GRACE, stranger, ZOE, UMA) == {
        OMAR: "002200", GRACE: "001100", stranger: "5009", ZOE: "5009", UMA: "5009"
    }  # fmt: skip
    wrong = {"Schedules": [OMAR], "StartTime": at("09:00:00"), "EndTime": at("09:10:00")}
    assert person.refused("POST", "/me/calendar/getSchedule", wrong)[:2] == (400, "ErrorInvalidTimeInterval")


def test_an_answer_is_booked_into_the_event_and_comes_as_mail(person, sandbox):
    event = made(person)
    sandbox.answer_meeting(event["iCalUId"], ZOE, "declined", "I am ill")
    sandbox.answer_meeting(event["iCalUId"], GRACE, "accepted")
    status = {
        guest["emailAddress"]["address"]: guest["status"]["response"]
        for guest in person("GET", f"/me/events/{event['id']}").json()["attendees"]
    }
    assert status == {ZOE: "declined", GRACE: "accepted"}
    mail = person("GET", f"/me/messages?$filter=from/emailAddress/address eq '{ZOE}'").json()["value"][0]
    assert (mail["subject"], mail["@odata.type"]) == ("Declined: Interview", "#microsoft.graph.eventMessageResponse")
    assert view(person, GRACE) == {GRACE: "002200"}


def test_moving_it_tells_everybody_and_asks_again(person, sandbox):
    event = made(person)
    sandbox.answer_meeting(event["iCalUId"], ZOE, "accepted")
    changed = person("PATCH", f"/me/events/{event['id']}", {"start": at("11:00:00"), "end": at("12:00:00")}).json()
    assert {guest["status"]["response"] for guest in changed["attendees"]} == {"none"}
    assert [mail["meeting"]["starts"] for mail in sandbox.outside(ZOE)] == [
        "2027-03-31T08:00:00Z", "2027-03-31T09:00:00Z"
    ]  # fmt: skip
    assert view(person, GRACE) == {GRACE: "000011"}


def test_what_was_called_off_is_gone_and_only_its_organiser_can_call_it_off(person, sandbox):
    event, path = made(person), "/me/events/{}/cancel"
    copy = sandbox.events(GRACE)[0]
    omars = person.token
    person.sign_in_as(GRACE, "Calendars.ReadWrite")
    assert person.refused("POST", path.format(copy["id"]), {"Comment": "x"})[:2] == (400, "ErrorInvalidRequest")
    person.token = omars
    assert person("POST", path.format(event["id"]), {"Comment": "We filled it"}).status_code == 202
    assert person.refused("GET", f"/me/events/{event['id']}")[:2] == (404, "ErrorItemNotFound")
    assert (sandbox.outside(ZOE)[-1]["text"], sandbox.events(GRACE)) == ("We filled it", [])
    assert person.refused("POST", "/me/events", meeting())[:2] == (409, "ErrorDuplicateTransactionId")


def test_teams_gives_a_link_to_those_who_may_and_says_nothing_to_others(person, sandbox):
    online = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    event = made(person, **online)
    link = event["onlineMeeting"]["joinUrl"]
    assert link in event["body"]["content"]
    text = {"body": {"contentType": "text", "content": "Another text"}}
    assert person("PATCH", f"/me/events/{event['id']}", text).json()["onlineMeeting"] is None
    sandbox.allow_teams(OMAR, False)
    refused = made(person, transactionId="m-2", **online)
    assert (refused["isOnlineMeeting"], refused["onlineMeetingProvider"]) == (False, "unknown")
    assert person("GET", "/me/calendar").json()["allowedOnlineMeetingProviders"] == []


@pytest.mark.parametrize("zone", ["Europe/Vienna", "Customized Time Zone"])
def test_a_zone_that_exchange_does_not_know_is_refused_and_windows_own_are_taken(person, zone):
    refused = person.refused("POST", "/me/events", meeting(start=at("10:00:00", zone)))
    assert refused[:2] == (400, "TimeZoneNotSupportedException")
    windows = "India Standard Time"
    event = made(person, start=at("10:00:00", windows), end=at("11:00:00", windows))
    assert event["start"]["dateTime"].startswith("2027-03-31T04:30")


def test_the_organiser_moves_and_calls_off_by_hand_on_a_page(person, sandbox):
    event = made(person)
    page = f"{sandbox.outside_url.removesuffix('/outside')}/outlook/{OMAR}"
    assert "Interview" in person.session.get(page).text
    person.session.post(page, data={"event": event["id"], "do": "later"})
    assert person("GET", f"/me/events/{event['id']}").json()["start"]["dateTime"].startswith("2027-03-31T09:00")
    assert "Nothing is in this calendar" in person.session.post(page, data={"event": event["id"], "do": "off"}).text
    outside = f"{sandbox.outside_url}/{ZOE}"
    seq = sandbox.outside(ZOE)[0]["seq"]
    assert person.session.post(f"{outside}/meeting/{seq}", data={"response": "accepted"}).status_code == 200
