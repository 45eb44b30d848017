"""Mail, mailbox settings, Temporary Access Passes: what needs a mailbox or a permission of its own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

OMAR, UMA = "omar.ordinary@acme.example", "uma.unlicensed@acme.example"


def message(*addresses: str, **more):
    recipients = [{"emailAddress": {"address": address}} for address in addresses]
    return {"message": {"subject": "Hello", "toRecipients": recipients, **more}, "saveToSentItems": False}


def test_a_mail_is_accepted_and_kept(caller, sandbox):
    """https://learn.microsoft.com/graph/api/user-sendmail"""
    answer = caller("POST", f"/users/{OMAR}/sendMail", message("wei@home.example"))
    assert (answer.status_code, answer.content) == (202, b"")
    [mail] = sandbox.mails()
    assert mail["message"]["toRecipients"][0]["emailAddress"]["address"] == "wei@home.example"


def test_a_mail_needs_somebody_to_go_to(caller):
    """https://learn.microsoft.com/graph/api/user-sendmail"""
    for body in (message(), message("nobody"), {}):
        assert caller.refused("POST", f"/users/{OMAR}/sendMail", body)[0] == 400


def test_nobody_sends_in_a_foreign_name(caller):
    """https://learn.microsoft.com/graph/api/user-sendmail"""
    foreign = {"emailAddress": {"address": "mona.manager@acme.example"}}
    body = message("a@b.example", **{"from": foreign})
    assert caller.refused("POST", f"/users/{OMAR}/sendMail", body)[:2] == (403, "ErrorSendAsDenied")


@pytest.mark.parametrize(("method", "path"), [("POST", "sendMail"), ("PATCH", "mailboxSettings")])
def test_without_a_licence_there_is_no_mailbox(caller, method, path):
    """https://learn.microsoft.com/graph/api/user-sendmail"""
    refusal = caller.refused(method, f"/users/{UMA}/{path}", message("a@b.example") if method == "POST" else {})
    assert refusal[:2] == (404, "MailboxNotEnabledForRESTAPI")


def test_mailbox_settings_are_changed_one_by_one(caller):
    """https://learn.microsoft.com/graph/api/user-update-mailboxsettings"""
    path = f"/users/{OMAR}/mailboxSettings"
    assert caller("PATCH", path, {"timeZone": "Europe/London"}).json()["timeZone"] == "Europe/London"
    caller("PATCH", path, {"language": {"locale": "de-DE"}})
    shown = caller("GET", path).json()
    assert (shown["timeZone"], shown["language"]["locale"]) == ("Europe/London", "de-DE")
    assert caller.refused("PATCH", path, {"userPurpose": "room"})[0] == 400


REPLY = {
    "status": "alwaysEnabled",
    "externalAudience": "all",
    "internalReplyMessage": "Away",
    "externalReplyMessage": "Gone",
}
SETTINGS, RULES = f"/users/{OMAR}/mailboxSettings", f"/users/{OMAR}/mailFolders/inbox/messageRules"


def replying(caller, **changes):
    return caller("PATCH", SETTINGS, {"automaticRepliesSetting": changes}).json()["automaticRepliesSetting"]


def test_what_a_reply_leaves_out_keeps_its_old_value(caller):
    """https://learn.microsoft.com/graph/api/user-update-mailboxsettings"""
    replying(caller, **REPLY)
    replying(caller, status="disabled")
    assert "Away" in replying(caller, status="alwaysEnabled")["internalReplyMessage"]


def test_a_reply_comes_back_as_a_document_and_its_times_in_utc(caller):
    """https://learn.microsoft.com/graph/api/resources/automaticrepliessetting"""
    begins = {"dateTime": "2027-01-01T18:00:00", "timeZone": "Australia/Sydney"}
    ends = {"dateTime": "2027-02-01T06:00:00", "timeZone": "AUS Eastern Standard Time"}
    reply = {**REPLY, "status": "scheduled", "scheduledStartDateTime": begins, "scheduledEndDateTime": ends}
    shown = replying(caller, **reply)
    assert shown["internalReplyMessage"].startswith("<html>")
    assert shown["scheduledStartDateTime"] == {"dateTime": "2027-01-01T07:00:00.0000000", "timeZone": "UTC"}
    there = caller("GET", SETTINGS, Prefer='outlook.timezone="Australia/Sydney"').json()["automaticRepliesSetting"]
    assert there["scheduledEndDateTime"]["dateTime"] == "2027-02-01T06:00:00.0000000"


def test_a_reply_that_is_not_as_described_is_refused(caller):
    """https://learn.microsoft.com/graph/api/user-update-mailboxsettings"""
    window = {"scheduledStartDateTime": {"dateTime": "2027-01-01T18:00:00", "timeZone": "Mars/Olympus"}}
    codes = {
        "InvalidTimeZone": window, "RequestBodyRead": {"status": "perhaps"},
        "ErrorInvalidRequest": {"status": "scheduled"},
    }  # fmt: skip
    for code, wrong in codes.items():
        assert caller.refused("PATCH", SETTINGS, {"automaticRepliesSetting": wrong})[:2] == (400, code)


def test_a_rule_that_graph_cannot_show_whole_is_read_only(caller, sandbox):
    """https://learn.microsoft.com/graph/api/resources/messagerule"""
    own = {"id": "hers", "displayName": "Hers", "sequence": 2, "isEnabled": True, "hasError": False, "isReadOnly": True}
    sandbox.change_mailbox(OMAR, rules=[{**own, "actions": {"delete": True}}])
    assert caller("GET", f"{RULES}/hers").json()["actions"] is None
    assert caller.refused("DELETE", f"{RULES}/hers")[0] == 403
    assert caller.refused("DELETE", f"{RULES}/nobodys")[:2] == (404, "ErrorItemNotFound")


def test_a_licence_that_goes_takes_the_mailbox_along_and_its_rules_after_thirty_days(caller, sandbox):
    """https://learn.microsoft.com/microsoft-365/admin/add-users/remove-former-employee"""
    replying(caller, **REPLY)
    licences = sandbox.user(OMAR).properties["assignedLicenses"]
    for days, left in ((29, True), (31, False)):
        sandbox.patch_user(OMAR, assignedLicenses=[])
        assert caller.refused("GET", SETTINGS)[:2] == (404, "MailboxNotEnabledForRESTAPI")
        sandbox.advance(days * 86400)
        caller.sign_in()
        sandbox.patch_user(OMAR, assignedLicenses=licences)
        kept = caller("GET", SETTINGS).json()["automaticRepliesSetting"]["internalReplyMessage"]
        assert bool(kept) is left


def test_only_an_administrator_makes_a_mailbox_shared_and_then_it_needs_no_licence(caller, sandbox):
    """https://learn.microsoft.com/microsoft-365/admin/email/convert-user-mailbox-to-shared-mailbox"""
    address = f"{sandbox.admin_centre_url}/users/{sandbox.user(OMAR).id}/mailbox"
    caller.session.post(address, data={"purpose": "shared"})
    sandbox.patch_user(OMAR, assignedLicenses=[])
    sandbox.advance(40 * 86400)
    caller.sign_in()
    assert caller("GET", SETTINGS).json()["userPurpose"] == "shared"


def test_a_mailbox_takes_four_calls_at_a_time(caller, sandbox):
    """https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits"""
    sandbox.throttle(mailbox_seconds=0.6)
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda _: caller("GET", SETTINGS).status_code, range(6)))
    assert statuses == [200, 200, 200, 200, 429, 429]


def test_a_temporary_access_pass_is_shown_once(caller):
    """https://learn.microsoft.com/graph/api/authentication-post-temporaryaccesspassmethods"""
    path = f"/users/{OMAR}/authentication/temporaryAccessPassMethods"
    made = caller("POST", path, {"lifetimeInMinutes": 60, "isUsableOnce": True})
    assert made.status_code == 201
    assert made.json()["temporaryAccessPass"]
    for minutes in (9, 43201, "60"):
        assert caller.refused("POST", path, {"lifetimeInMinutes": minutes})[0] == 400
