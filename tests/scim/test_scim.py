"""Employees pushed by SCIM: the protocol, the habits of Entra and Okta, and what the portal makes of what they say."""

import gzip
import json
from datetime import timedelta

from portal import languages
from portal.api_tokens.scopes import Scope
from portal.audit import AuditEntry
from portal.database import now
from portal.incoming import proposals
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.scim import jobs
from portal.scim.models import ScimClient, ScimPerson
from tests.scim.conftest import DATES, ENTERPRISE, USER, somebody

MANAGER = f"{ENTERPRISE}:manager"


def employee(number):
    return Employee.get_or_none(Employee.employee_number == number)


def test_o13_schemas_name_only_what_is_kept_and_comes_back_unchanged(entra):
    schemas = {one["id"]: one["attributes"] for one in entra.get("/Schemas").json["Resources"]}
    assert schemas.keys() == {USER, ENTERPRISE, DATES}
    named = {attribute["name"] for attribute in schemas[USER]}
    assert not named & {"password", "groups", "roles", "photos", "ims", "x509Certificates"}
    sent = somebody(
        "7", nickName="Annie", title="Dev", displayName="Ann B.", addresses=[{"type": "work", "country": "AU"}],
        phoneNumbers=[{"type": "mobile", "value": "+61 400 1"}], emails=[{"type": "work", "value": "ann@corp.local"}],
    )  # fmt: skip
    made = entra.post(sent | {"junk": "x"})
    assert made.status_code == 201
    assert made.content_type == "application/scim+json"
    back = entra.get(f"/Users/{made.json['id']}").json
    assert {name: back[name] for name in sent if name != "schemas"} == {n: sent[n] for n in sent if n != "schemas"}
    assert "junk" not in back


def test_dates_among_the_differences_are_written_as_on_every_page(cast, acme, alice, pusher):
    cast.employee(acme, "Wei", "Zhang", employee_number="7")
    entra = pusher(alice, live=False)
    entra.post(somebody("7", "Wei", "Zhang", active=False))
    ScimClient.update(first_used_at=now() - timedelta(days=1)).execute()
    page = alice.get(f"/settings/integrations/scim/{entra.row.id}")
    assert f"End date: – → {languages.day(acme.today)}" in page.text


def test_a_first_push_only_listens_and_then_an_admin_looks_and_applies(cast, acme, alice, pusher, monkeypatch):
    wei = cast.employee(acme, "Wei", "Zhang", employee_number="7", job_title="Clerk")
    entra = pusher(alice, live=False)
    made = entra.post(somebody("7", "Wei", "Zhang", title="Lead")).json
    entra.post(somebody("8", "Ada", "Byron"))
    jobs.carry_on_with_scim.call_local()
    assert (employee("7").job_title, employee("8")) == ("Clerk", None)
    assert "Learn first" in alice.get("/settings/integrations").text
    ScimClient.update(first_used_at=now() - timedelta(days=1)).execute()
    assert "What “Entra” says about employees waits for you" in alice.get("/home").text
    page = alice.get(f"/settings/integrations/scim/{entra.row.id}")
    assert "Job title: Clerk → Lead" in page.text
    assert "1 new, 1 changed, 0 leaving" in page.text
    alice.press("Apply all 2")
    assert Employee.get_by_id(wei.id).job_title == "Lead"
    assert employee("8").last_name == "Byron"
    assert Employee.select().where(Employee.employee_number == "7").count() == 1
    entra.patch(made["id"], {"op": "replace", "path": "title", "value": "Head"})
    assert employee("7").job_title == "Head"
    assert "SCIM client Entra" in alice.get("/settings/audit-log").text


def test_what_came_after_the_page_was_shown_is_not_applied_with_it(alice, pusher):
    entra = pusher(alice, live=False)
    entra.post(somebody("7"))
    page = alice.get(f"/settings/integrations/scim/{entra.row.id}")
    entra.post(somebody("8"))
    ScimPerson.update(received_at=ScimPerson.get(number="8").received_at + timedelta(seconds=1)).where(
        ScimPerson.number == "8"
    ).execute()
    Organisation.update(approval_above=0).execute()
    assert page.has_button("Apply")
    alice.press("Apply")
    assert employee("7")
    assert not employee("8")


def ways():
    """The same three changes as Entra sends them, with and without its flag of 2020, and as Okta does."""
    urn, home = f"{ENTERPRISE}:department", 'emails[type eq "home"].value'
    yield "Entra", [
        {"op": "Replace", "path": "title", "value": "Lead"}, {"op": "Add", "path": urn, "value": "Sales"},
        {"op": "Add", "path": home, "value": "ann@mail.test"}, {"op": "Replace", "path": "active", "value": "True"},
    ]  # fmt: skip
    yield (
        "Entra without a path",
        [
            {"op": "Add", "value": {"title": "Lead", urn: "Sales", "name.familyName": "Byron"}},
            {"op": "Add", "path": home, "value": "ann@mail.test"},
        ],
    )
    yield (
        "Okta",
        [
            {"op": "replace", "value": {"title": "Lead", ENTERPRISE: {"department": "Sales"}}},
            {"op": "replace", "value": {"emails": [{"type": "home", "value": "ann@mail.test", "primary": True}]}},
        ],
    )


def test_o14_entras_and_oktas_habits_end_in_the_same_employee(entra):
    ends = set()
    for number, (name, operations) in enumerate(ways()):
        person = entra.post(somebody(str(number))).json["id"]
        for operation in operations:
            assert entra.patch(person, operation).status_code in (200, 204), (name, operation)
        found = employee(str(number))
        ends.add((found.job_title, found.department, found.personal_email, found.last_name, found.end_date))
    whole = somebody("9", title="Lead", emails=[{"type": "home", "value": "ann@mail.test"}])
    whole[ENTERPRISE]["department"] = "Sales"
    entra.put(entra.post(somebody("9")).json["id"], whole)
    found = employee("9")
    ends.add((found.job_title, found.department, found.personal_email, found.last_name, found.end_date))
    assert ends == {("Lead", "Sales", "ann@mail.test", "Byron", None)}


def test_o14_single_values_in_lists_paths_as_names_and_numbers_are_understood(entra):
    person = entra.post(somebody("7", externalId=70, enterprise={"employeeNumber": 7})).json
    assert (person["externalId"], employee("7").first_name) == ("70", "Ann")
    for operation in (
        {"op": "Add", "path": "title", "value": [{"$ref": None, "value": "Lead"}]},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": [{"$ref": None, "value": "Sales"}]},
        {"op": "Replace", "path": 'emails[type eq "home"].value', "value": [{"value": "old@mail.test"}]},
        {"op": "Replace", "value": {'emails[type eq "home"].value': "ann@mail.test", "nickName": "Annie"}},
        {"op": "Replace", "path": "externalId", "value": 71},
    ):
        assert entra.patch(person["id"], operation).status_code == 204, operation
    found = employee("7")
    assert (found.job_title, found.department, found.personal_email) == ("Lead", "Sales", "ann@mail.test")
    assert found.preferred_name == "Annie"
    assert entra.get(f"/Users/{person['id']}").json["externalId"] == "71"
    entra.patch(person["id"], {"op": "Add", "path": "active", "value": [{"$ref": None, "value": "False"}]})
    assert entra.get(f"/Users/{person['id']}").json["active"] is False


def test_a_question_with_empty_parts_is_the_same_without_them(entra):
    entra.post(somebody("7"))
    for query in ("filter=&count=1", "startIndex=&count=", "attributes=&excludedAttributes=&sortBy="):
        assert entra.get(f"/Users?{query}").json["totalResults"] == 1, query


def test_a_packed_body_is_refused_with_what_to_do(entra):
    sent = {"Authorization": f"Bearer {entra.token}", "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(somebody("7")).encode())
    answer = entra.app.test_client().post(
        "/scim/v2/Users", headers=sent, data=packed, content_type="application/scim+json"
    )
    assert answer.status_code == 415
    assert "without Content-Encoding" in answer.json["detail"]
    assert answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert employee("7") is None


def test_o14_what_entra_and_okta_ask_before_they_push(entra):
    nobody = entra.get('/Users?filter=userName eq "a-random-one"')
    assert (nobody.status_code, nobody.json["totalResults"]) == (200, 0)
    person = entra.post(somebody("7", emails=[{"type": "work", "value": "ann@acme.example"}])).json
    for wanted in (
        'userName eq "ANN.7@acme.example"', 'externalId eq "x7" and active eq true',
        'emails[type eq "work"].value eq "ann@acme.example"', f'id eq "{person["id"]}"',
    ):  # fmt: skip
        assert [one["id"] for one in entra.get(f"/Users?filter={wanted}").json["Resources"]] == [person["id"]], wanted
    assert entra.get("/Users?startIndex=1&count=2").json["itemsPerPage"] == 1
    assert entra.post(somebody("7")).json["scimType"] == "uniqueness"
    assert entra.get("/Users?filter=nonsense").json["scimType"] == "invalidFilter"
    wrong = entra.ask("PUT", f"/Users/{person['id']}", somebody("7"), If_Match='W/"99"')
    assert wrong.status_code == 412


def test_o15_a_manager_in_any_form_and_before_they_are_known_is_set_once(entra):
    forms = ("m", ["m"], [{"$ref": "x", "value": "m"}], {"value": "m"})
    people = [entra.post(somebody(str(number))).json["id"] for number in range(len(forms))]
    for person, form in zip(people, forms, strict=True):
        assert entra.patch(person, {"op": "Add", "path": MANAGER, "value": form}).status_code in (200, 204), form
    pathless = entra.post(somebody("4")).json["id"]
    entra.patch(pathless, {"op": "Replace", "value": {MANAGER: "m"}})
    assert not Employee.select().where(Employee.manager.is_null(False)).exists()
    entra.post(somebody("50", "Mo", externalId="m"))
    boss = employee("50")
    assert {employee(str(number)).manager_id for number in range(5)} == {boss.id}
    changes = [one.detail["changes"] for one in AuditEntry.select().where(AuditEntry.action == "edit employee")]
    assert sum("manager" in one for one in changes) == 5
    entra.patch(pathless, {"op": "Replace", "path": MANAGER, "value": ""})
    assert employee("4").manager_id is None


def test_o16_active_false_waits_for_a_person_and_reads_back_false(alice, acme, entra):
    person = entra.post(somebody("7")).json["id"]
    entra.patch(person, {"op": "Replace", "path": "active", "value": "False"})
    assert entra.get(f"/Users/{person}").json["active"] is False
    assert employee("7").end_date is None
    assert "Waits for you: 1 proposed leaver" in alice.get("/settings/integrations").text
    assert "this waits for you Ann Byron" in alice.get("/home").text
    without = {name: value for name, value in somebody("7").items() if name != "active"}
    entra.put(person, without)
    assert not proposals.waiting(acme).exists()
    assert employee("7").end_date is None


def test_o16_at_once_is_a_setting_and_above_the_brake_it_waits_all_the_same(alice, acme, entra):
    people = [entra.post(somebody(str(number))).json["id"] for number in range(3)]
    alice.get(f"/settings/integrations/scim/{entra.row.id}")
    alice.press("Save", {"Enter the last day at once": True})
    Organisation.update(approval_above=1).execute()
    for person in people:
        entra.patch(person, {"op": "replace", "path": "active", "value": False})
    assert [employee(str(number)).end_date for number in range(3)] == [acme.today, None, None]
    jobs.carry_on_with_scim.call_local()
    page = alice.get(f"/settings/integrations/scim/{entra.row.id}")
    assert "The brake is on" in page.text
    alice.press("Apply all 2")
    assert employee("2").end_date == acme.today


def test_a_delete_deletes_nobody_and_a_person_who_comes_back_is_the_same_employee(acme, entra):
    person = entra.post(somebody("7")).json["id"]
    first = employee("7").id
    assert entra.ask("DELETE", f"/Users/{person}").status_code == 204
    assert entra.get(f"/Users/{person}").status_code == 404
    assert proposals.waiting(acme).get().employee_id == first
    assert entra.post(somebody("7")).status_code == 201
    assert employee("7").id == first
    assert not proposals.waiting(acme).exists()


def test_o17_an_exporter_written_for_entra_works_unchanged_and_the_same_again_changes_nothing(entra):
    people = [
        somebody(str(number), enterprise={"manager": {"value": f"x{number + 1}"}} if number < 49 else {})
        for number in range(50)
    ]
    answer = entra.bulk(*people, Prefer="respond-async")
    assert (answer.status_code, answer.data) == (202, b"")
    assert answer.headers["Location"]
    assert {employee(str(number)).manager.employee_number for number in range(49)} == {str(n) for n in range(1, 50)}
    before = (AuditEntry.select().count(), Employee.select().count())
    again = entra.bulk(*people).json
    assert {one["status"] for one in again["Operations"]} == {"200"}
    assert (AuditEntry.select().count(), Employee.select().count()) == before
    assert entra.bulk(*people, somebody("77")).status_code == 413


def test_two_clients_never_speak_about_the_same_person(alice, entra, pusher):
    entra.post(somebody("7"))
    okta = pusher(alice, name="Okta")
    assert okta.post(somebody("7")).status_code == 403
    other = okta.post(somebody("8")).json["id"]
    turned = {"op": "replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "7"}
    assert okta.patch(other, turned).status_code == 403
    assert okta.get("/Users").json["totalResults"] == 1


def test_nothing_of_another_organisation_or_of_the_record_comes_back(cast, acme, alice, mallory, entra, pusher):
    cast.employee(acme, "Wei", "Zhang", employee_number="7", department="Secret")
    person = entra.post(somebody("7")).json["id"]
    assert "Secret" not in entra.get(f"/Users/{person}").text
    theirs = pusher(mallory, name="Theirs")
    assert theirs.get(f"/Users/{person}").status_code == 404
    assert theirs.ask("DELETE", f"/Users/{person}").status_code == 404
    assert theirs.post(somebody("7")).status_code == 201
    assert Employee.select().where(Employee.employee_number == "7").count() == 2
    assert mallory.get(f"/settings/integrations/scim/{entra.row.id - 1}").status == 404


def test_what_cannot_be_used_is_said_and_what_an_employee_cannot_have_needs_a_person(alice, entra):
    bad = somebody("7", emails=[{"type": "work", "value": "not an address"}])
    assert entra.post(bad).json["scimType"] == "invalidValue"
    person = entra.post(somebody("7", addresses=[{"type": "work", "country": "Atlantis"}])).json["id"]
    turned = {"op": "replace", "path": "emails", "value": [{"type": "work", "value": "no"}]}
    assert entra.patch(person, turned).json["scimType"] == "invalidValue"
    assert "takes no passwords" in entra.post(somebody("8", password="Secret-1")).json["detail"]
    for body in ("{", "[]", '"x"', json.dumps(somebody("\0"))):
        answer = entra.app.test_client().post(
            "/scim/v2/Users", data=body, headers={"Authorization": f"Bearer {entra.token}"},
            content_type="application/scim+json",
        )  # fmt: skip
        assert (answer.status_code, answer.json["scimType"]) == (400, "invalidSyntax"), body
    entra.post(somebody("", "No", "Number", externalId=""))
    page = alice.get(f"/settings/integrations/scim/{entra.row.id}")
    assert "“Atlantis” is not a country code" in page.text
    assert "cannot tell who this is" in page.text
    assert employee("7").country == ""


def test_a_filter_that_nobody_means_finds_nobody_or_is_refused(entra):
    assert entra.get('/Users?filter=userName eq "\\ud800"').json["totalResults"] == 0
    long = " or ".join(['userName co "a"'] * 200)
    for answer in (entra.get(f"/Users?filter={long}"), entra.post({"filter": long}, "/Users/.search")):
        assert "at most 2000 characters" in answer.json["detail"]


def test_whom_a_filter_names_is_found_among_any_number_and_others_are_compared_up_to_a_limit(entra, monkeypatch):
    monkeypatch.setattr("portal.scim_protocol.row_storage.MOST_COMPARED", 2)
    ids = {}
    for number in ("7", "8", "9"):
        mails = [{"type": "work", "value": f"Ann{number}@acme.example"}]
        ids[number] = entra.post(somebody(number, title="Lead", emails=mails)).json["id"]
    for wanted in (
        f'id eq "{ids["8"]}"', 'externalId eq "x8"', 'USERNAME eq "ann.8@ACME.example" and title eq "Lead"',
        f'{USER}:userName eq "ann.8@acme.example"', 'title eq "Lead" and emails.value eq "ann8@acme.EXAMPLE"',
        'emails[value eq "ann8@acme.example" and type eq "work"]',
        'emails[type eq "work"].value eq "ANN8@acme.example"',
    ):  # fmt: skip
        found = entra.get(f"/Users?filter={wanted}").json
        assert [one["id"] for one in found.get("Resources", ())] == [ids["8"]], wanted
    for nobody in ('externalId eq "X8"', 'emails[type eq "home" and value eq "ann8@acme.example"]', 'id eq "8"'):
        assert entra.get(f"/Users?filter={nobody}").json["totalResults"] == 0, nobody
    for many in ('title eq "Lead"', 'userName eq "ann.8@acme.example" or title pr', 'not (id eq "8")'):
        answer = entra.get(f"/Users?filter={many}")
        assert (answer.status_code, answer.json["scimType"]) == (400, "tooMany"), many
    entra.patch(ids["8"], {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@acme.example"})
    assert entra.get('/Users?filter=emails.value eq "ann8@acme.example"').json["totalResults"] == 0
    assert entra.get('/Users?filter=emails.value eq "new@acme.example"').json["totalResults"] == 1


def test_a_request_that_means_endless_work_is_refused_before_it_begins(entra):
    """The library compares each value that is added with all others."""
    person = entra.post(somebody("7")).json["id"]
    mails = [{"value": f"m{number}@acme.example"} for number in range(2_000)]
    one_by_one = [{"op": "add", "path": "emails", "value": [mail], "method": "POST"} for mail in mails]
    for operations in (one_by_one, [{"op": "add", "path": "emails", "value": mails}]):
        answer = entra.patch(person, *operations)
        assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
    assert entra.post(somebody("8", title="x" * 20_000)).status_code == 400
    assert entra.post(somebody("9", title="x" * 2_000_000)).status_code == 413
    [outcome] = entra.bulk(somebody("10", emails=mails)).json.get("Operations", [{}])
    assert not outcome.get("location")
    assert entra.get("/Users").json["totalResults"] == 1


def test_a_person_does_not_grow_without_end_by_small_changes(entra):
    person = entra.post(somebody("7")).json["id"]
    statuses = set()
    for begin in range(0, 1_200, 150):
        mails = [{"value": f"m{number}@acme.example"} for number in range(begin, begin + 150)]
        statuses.add(entra.patch(person, {"op": "add", "path": "emails", "value": mails}).status_code)
    assert statuses == {204, 400}


def test_a_page_behind_the_last_is_empty(entra):
    entra.post(somebody("7"))
    found = entra.get(f"/Users?startIndex={10**30}").json
    assert (found["totalResults"], found.get("Resources") or []) == (1, [])


def test_private_contact_details_need_their_own_scope(alice, pusher):
    entra = pusher(alice, Scope.SCIM)
    entra.post(somebody("7", emails=[{"type": "home", "value": "ann@mail.test"}]))
    assert employee("7").personal_email == ""
    assert "lacks the scope employees:private" in alice.get(f"/settings/integrations/scim/{entra.row.id}").text


def test_o32_each_system_is_paused_with_one_press_and_is_told_in_the_words_of_scim(alice, entra):
    alice.get("/settings/integrations")
    alice.press("Pause Entra")
    answer = entra.get("/Users")
    assert (answer.status_code, answer.content_type) == (403, "application/scim+json")
    assert answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert "has paused what this system pushes" in answer.json["detail"]
    alice.press("Resume Entra")
    assert entra.get("/Users").status_code == 200
    alice.press("Pause the API")
    assert entra.get("/Users").status_code == 200
    assert {"pause SCIM client", "resume SCIM client"} <= {one.action for one in AuditEntry.select()}


def test_a_client_is_removed_with_what_it_said_and_the_employees_stay(alice, entra):
    entra.post(somebody("7"))
    page = f"/settings/integrations/scim/{entra.row.id}"
    alice.get(page)
    alice.press("Remove Entra")
    assert "Revoke the token first" in alice.press("Remove").text
    alice.get("/settings/integrations")
    alice.press("Revoke Entra")
    alice.press("Revoke")
    alice.get(page)
    alice.press("Remove Entra")
    alice.press("Remove")
    assert not ScimClient.select().exists()
    assert not ScimPerson.select().exists()
    assert employee("7")
