"""Every call about a person's own mail that the sandbox plays is let through by the permissions that are described."""

import re

from tests.contract import validate
from tests.sandbox.person import PersonCaller

OMAR = "omar.ordinary@acme.example"
# Described, and not played by the sandbox: a call that it learns is taken off this list.
NOT_PLAYED = re.compile(r"/me/(findMeetingTimes|.*delta|.*createUploadSession)|/subscriptions/.*reauthorize")
OPERATIONS = [
    (method.upper(), template, operation["x-delegated-permissions"])
    for template, item in validate.description()["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post", "patch", "delete")
    and "x-delegated-permissions" in operation
    and not NOT_PLAYED.match(template)
]
BODIES = {
    "POST /me/sendMail": {"message": {"toRecipients": [{"emailAddress": {"address": "a@b.example"}}]}},
    "POST /me/messages/{message-id}/attachments": {
        "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGVsbG8=",
    },
}  # fmt: skip


def test_each_call_about_a_persons_mail_needs_what_is_described_and_is_answered_so(sandbox):
    person, every = PersonCaller(sandbox), {name for *_, needs in OPERATIONS for name in needs["leastPrivileged"]}
    sandbox.allow_for_people(*every)
    assert len(OPERATIONS) > 15

    def asks(scope):
        person.sign_in_as(OMAR, scope)
        return {
            (method, template): person(method, *path_and_body(method, template)).status_code
            for method, template, _ in OPERATIONS
        }

    def path_and_body(method, template):
        path = template.replace("{mailFolder-id}", "inbox").replace("{attachment-id}", "none")
        path = path.replace("{message-id}", "none")
        return path, BODIES.get(f"{method} {template}", {} if method in ("POST", "PATCH") else None)

    for scope in sorted(every):
        answers = asks(scope)
        for method, template, needs in OPERATIONS:
            # Some pages leave out the permission that includes those they name.
            area, _, right = needs["leastPrivileged"][0].partition(".")
            includes = [f"{area}.ReadWrite"] if area in ("Mail", "Calendars") and right.startswith("Read") else []
            allowed = scope in (*needs["leastPrivileged"], *needs["higher"], *includes)
            assert (answers[method, template] != 403) == allowed, (scope, method, template)
    person.close()


def test_the_world_outside_can_be_played_on_a_page(sandbox):
    person = PersonCaller(sandbox)
    form = {"sender": "zoe@outside.example", "to": OMAR, "subject": "Hello <b>", "text": "Is the vacancy still open?"}
    person.session.post(sandbox.outside_url, data=form)
    assert "zoe@outside.example" in person.session.get(sandbox.outside_url).text
    assert "<b>" not in person.session.get(f"{sandbox.outside_url}/zoe@outside.example").text
    assert sandbox.messages(OMAR)[0]["subject"] == "Hello <b>"
    refused = person.session.post(sandbox.outside_url, data=form, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    person.close()
