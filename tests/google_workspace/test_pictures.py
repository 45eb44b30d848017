"""The picture of an account at Google Workspace, which makes every picture small."""

import io

from PIL import Image

from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people import photos, pictures
from portal.timelines.models import PlannedStep
from tests.google_workspace.conftest import KEY, WEI
from tests.people.test_photos import picture
from tests.portraits.test_portraits import a_step
from tests.provisioning.conftest import at
from tests.provisioning.worker import finish
from tests.timelines.conftest import turn


def plain(colour="navy") -> bytes:
    """A picture that looks like none of the others."""
    file = io.BytesIO()
    Image.new("RGB", (200, 200), colour).save(file, "JPEG")
    return file.getvalue()


def press(alice, employee):
    return alice.post(f"{at(employee, KEY)}/picture", fragment=True)


def last() -> Operation:
    return Operation.select().where(Operation.verb == Verb.PICTURE).order_by(Operation.id.desc()).get()


def test_the_photo_becomes_the_picture_and_no_receipt_keeps_the_face(at_google, alice, wei_aboard, workspace):
    photos.save(wei_aboard, picture(), by="test")
    at_google(wei_aboard).press("Set the picture")
    alice.press("Set the picture", within=".account-body")
    assert workspace.picture(WEI) == photos.of(wei_aboard)
    receipt = alice.get(f"/provisioning/operations/{last().id}").text
    assert "/photos/thumbnail" in receipt
    sent = [call["sent"] for step in last().steps for call in step.calls if call["method"] == "PUT"]
    assert sent == [{"photoData": "***"}]


def test_a_picture_that_google_shows_late_is_waited_for(alice, wei_aboard, workspace, impatient):
    workspace.set_picture(WEI, plain())
    photos.save(wei_aboard, picture(), by="test")
    workspace.timing(pictures=60)
    press(alice, wei_aboard)
    assert last().state == State.WAITING
    workspace.advance(61)
    assert finish().state == State.DONE


def test_the_same_photo_once_more_is_done_although_google_shows_no_other(alice, wei_aboard, workspace):
    photos.save(wei_aboard, picture(), by="test")
    press(alice, wei_aboard)
    press(alice, wei_aboard)
    assert [one.state for one in Operation.select().where(Operation.verb == Verb.PICTURE)] == [State.DONE] * 2


def test_a_lost_answer_keeps_the_picture_from_before_and_undo_puts_it_back(
    app, alice, wei_aboard, connection, workspace
):
    workspace.set_picture(WEI, plain())
    photos.save(wei_aboard, picture(), by="test")
    workspace.fault(method="PUT", path="/photos/", kind="lost answer")
    step = a_step(wei_aboard, connection)
    turn(app)
    finish()
    turn(app)
    assert workspace.picture(WEI) == photos.of(wei_aboard)
    undo(alice, wei_aboard)
    assert pictures.alike(workspace.picture(WEI), plain())
    assert PlannedStep.get_by_id(step.id).reason == "Undone. The previous picture is back."


def test_undo_takes_the_picture_away_where_there_was_none(app, alice, wei_aboard, connection, workspace):
    photos.save(wei_aboard, picture(), by="test")
    a_step(wei_aboard, connection)
    turn(app)
    undo(alice, wei_aboard)
    assert (workspace.picture(WEI), last().state) == (None, State.DONE)


def undo(alice, employee):
    alice.get(f"/people/employees/{employee.id}/timeline")
    alice.press("Undo Set the picture")


def test_a_picture_that_google_refuses_is_named(alice, wei_aboard, workspace):
    photos.save(wei_aboard, picture(), by="test")
    workspace.fault(method="PUT", path="/photos/", status=400, code="invalid", message="Invalid Input: photoData")
    assert "Google does not accept this picture." in press(alice, wei_aboard).text
    assert last().state == State.FAILED
