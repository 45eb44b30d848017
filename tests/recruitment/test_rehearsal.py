"""The whole way of a candidate, from the careers page to an account, over the wire."""

from portal.accounts.models import Status
from portal.interviews import following
from portal.interviews.models import Feedback
from portal.people.models import Employee
from portal.recruitment.models import Application
from tests.addons.conftest import elsewhere, no_waiting  # noqa: F401
from tests.careers.conftest import Candidate, Upload, clock  # noqa: F401
from tests.cast import account_of
from tests.interviews.conftest import interview, plan
from tests.interviews.test_access import over
from tests.mailboxes.conftest import allowed, microsoft, omars  # noqa: F401
from tests.messages.conftest import page_of, write
from tests.reading.conftest import look
from tests.recruitment.test_hire import start

ZOE = "zoe@outside.example"


def test_r64_from_the_careers_page_to_an_account(app, acme, alice, omars, nurse, clock, sandbox, mailbox):  # noqa: F811
    reader = Candidate(app, clock)
    reader.get("/careers/acme")
    reader.press("Night nurse")
    clock(seconds=10)
    reader.press("Send application", {"First name": "Zoë", "Last name": "Łukasz", "Email": ZOE, "CV": Upload()})
    application = Application.get()
    candidate = application.candidate

    write(alice, candidate, text="Would Tuesday suit you?")
    sandbox.write_from_outside(answers=sandbox.outside(ZOE)[-1]["seq"], sender=ZOE, text="With pleasure!")
    look()
    assert "With pleasure!" in alice.get(page_of(candidate)).text

    plan(alice, application, day=start(acme, days=2))
    sandbox.answer_meeting(sandbox.outside(ZOE)[-1]["meeting"]["uid"], ZOE, "accepted")
    following.sweep()
    assert "Zoë Łukasz will come" in alice.get(page_of(candidate)).text

    over(interview())
    alice.get(f"/recruitment/interviews/{interview().id}")
    alice.press("Give feedback", {"Strong yes": True, "Why": "Calm and exact."})
    assert Feedback.get().text == "Calm and exact."

    alice.get(page_of(candidate))
    alice.press("Hire for Night nurse")
    alice.press("Hire", {"Employee number": "E900", "Country": "GB", "Start date": start(acme, days=5)})
    assert "Zoë Łukasz" in alice.get("/provisioning/day-one").text
    alice.get(page_of(candidate))
    alice.press("Create account for Zoë Łukasz")
    alice.press("Action")
    alice.press("Create")
    assert account_of(Employee.get()).status == Status.ACTIVE
    assert sandbox.user("zoe.lukasz@acme.example").plans
