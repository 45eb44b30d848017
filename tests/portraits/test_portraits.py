"""The picture of an account: set from the employee's photo, read back, and put back."""

import pytest

from portal.database import now
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people import photos
from portal.portraits.models import PictureBefore
from portal.timelines.models import Itinerary, PlannedStep, StepState
from tests.people.test_photos import picture
from tests.provisioning.conftest import at, connection, impatient, tab, wei, wei_active  # noqa: F401
from tests.provisioning.worker import finish
from tests.timelines.conftest import turn

WEI = "wei.zhang@acme.example"


@pytest.fixture
def with_photo(alice, wei_active):  # noqa: F811
    photos.save(wei_active, picture(), by="test")
    return wei_active


def press(alice, employee):
    alice.get(tab(employee))
    alice.press("Set the picture")
    return alice.press("Set the picture", within=".account-body")


def test_the_photo_becomes_the_picture_and_the_receipt_says_what_the_service_shows(alice, with_photo, sandbox):
    assert "The picture has been set." in press(alice, with_photo).text
    assert sandbox.picture(WEI) == photos.of(with_photo)
    operation = Operation.get(Operation.verb == Verb.PICTURE)
    receipt = alice.get(f"/provisioning/operations/{operation.id}").text
    assert f"{len(photos.of(with_photo)):,} bytes" in receipt
    assert "/photo/$value" in receipt


def test_a_picture_that_shows_late_is_waited_for(alice, with_photo, sandbox, impatient):  # noqa: F811
    sandbox.timing(pictures=60)
    press(alice, with_photo)
    assert Operation.get(Operation.verb == Verb.PICTURE).state == State.WAITING
    sandbox.advance(61)
    assert finish().state == State.DONE


def test_a_lost_answer_sets_it_once_more_and_keeps_the_picture_from_before(alice, with_photo, sandbox):
    sandbox.set_picture(WEI, picture((300, 300)).getvalue())
    sandbox.fault(method="PUT", path="/photo/", kind="lost answer")
    press(alice, with_photo)
    assert finish().state == State.DONE
    assert bytes(PictureBefore.get().jpeg) == picture((300, 300)).getvalue()
    assert sandbox.picture(WEI) == photos.of(with_photo)


def test_without_a_photo_the_card_asks_for_one_and_nothing_is_sent(alice, wei_active, sandbox):  # noqa: F811
    alice.get(tab(wei_active))
    assert "Wei Zhang has no photo. Add one on the Profile first." in alice.press("Set the picture").text
    assert alice.press("Add photo of Wei Zhang").url.endswith(f"/{wei_active.id}/photo")
    alice.post(f"{at(wei_active)}/picture", fragment=True)
    assert not sandbox.requests(method="PUT", path="/photo/")


def test_without_a_mailbox_it_is_left_out_with_the_reason(alice, with_photo, sandbox):
    sandbox.fault(method="PUT", path="/photo/", status=404, code="MailboxNotEnabledForRESTAPI", times=None)
    assert "There is no mailbox yet" in press(alice, with_photo).text
    assert Operation.get(Operation.verb == Verb.PICTURE).state == State.DONE


def a_step(employee, connection):  # noqa: F811
    """A step of a joiner's timeline whose time has come."""
    employee.start_date = now().date()
    employee.save()
    dates = {"start": employee.start_date.isoformat()}
    itinerary = Itinerary.create(
        organisation=employee.organisation, employee=employee, kind="joiner", dates=dates
    )  # fmt: skip
    return PlannedStep.create(
        organisation=employee.organisation, itinerary=itinerary, employee=employee, connection=connection,
        key="set_picture", anchor="start", days=-1, day=now().date(), hour="00:00", due_at=now(),
    )  # fmt: skip


def test_the_step_of_a_joiner_sets_it_and_its_undo_puts_the_old_one_back(app, alice, with_photo, connection, sandbox):  # noqa: F811
    old = picture((300, 300)).getvalue()
    sandbox.set_picture(WEI, old)
    step = a_step(with_photo, connection)
    turn(app)
    assert sandbox.picture(WEI) == photos.of(with_photo)
    alice.get(f"/people/employees/{with_photo.id}/timeline")
    alice.press("Undo Set the picture")
    assert sandbox.picture(WEI) == old
    assert PlannedStep.get_by_id(step.id).reason == "Undone. The previous picture is back."


def test_the_step_is_skipped_with_the_reason_without_a_photo_or_a_mailbox(app, wei_active, connection, sandbox):  # noqa: F811
    step = a_step(wei_active, connection)
    turn(app)
    step = PlannedStep.get_by_id(step.id)
    assert (step.state, step.reason) == (StepState.SKIPPED, "Wei Zhang has no photo, so no picture was set.")
    photos.save(wei_active, picture(), by="test")
    PlannedStep.update(state=StepState.PLANNED).execute()
    sandbox.fault(method="PUT", path="/photo/", status=404, code="MailboxNotEnabledForRESTAPI", times=None)
    turn(app)
    step = PlannedStep.get_by_id(step.id)
    assert (step.state, "There is no mailbox yet" in step.reason) == (StepState.SKIPPED, True)


def test_another_company_sets_no_picture_here(mallory, with_photo, sandbox):
    assert mallory.post(f"{at(with_photo)}/picture").status == 404
    assert not sandbox.requests(method="PUT", path="/photo/")
