"""Mail, mailbox settings, Temporary Access Passes: what needs a mailbox or a permission of its own."""

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


def test_a_temporary_access_pass_is_shown_once(caller):
    """https://learn.microsoft.com/graph/api/authentication-post-temporaryaccesspassmethods"""
    path = f"/users/{OMAR}/authentication/temporaryAccessPassMethods"
    made = caller("POST", path, {"lifetimeInMinutes": 60, "isUsableOnce": True})
    assert made.status_code == 201
    assert made.json()["temporaryAccessPass"]
    for minutes in (9, 43201, "60"):
        assert caller.refused("POST", path, {"lifetimeInMinutes": minutes})[0] == 400
