"""What the organisation or the application has settled before a step's day counts on its day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.connections.models import Connection
from portal.group_rules.models import GroupRule
from portal.leaving.requests import LeaveRequest
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.timeline_templates import saving
from portal.timeline_templates.choosing import EVERYBODY
from portal.timeline_templates.steps import Kind
from portal.timelines import planning
from portal.timelines.models import PlannedStep, StepState
from tests.timelines.conftest import leave, step, turn
from tests.timelines.test_on_time import SYDNEY, WEI, at_six

MONA = "mona.manager@acme.example"


def without(connection, *names):
    """Take permissions away from the portal, as far as it knows."""
    Connection.update(permissions=[name for name in connection.permissions if name not in names]).execute()


def chosen(acme, kind, texts=None, **steps):
    saving.save(acme, kind, EVERYBODY, chosen=steps, texts=texts or {}, by="test")


def test_what_the_application_does_not_allow_is_left_out_with_the_reason(
    app, in_march, leavers, wei_active, connection, sandbox, alice
):
    leave(wei_active)
    without(connection, "MailboxSettings.ReadWrite")
    in_march.move_to(at_six(minutes=1))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked
    assert step(wei_active, "block").state == StepState.DONE
    assert "reply" not in {each.name for each in Operation.get(Operation.verb == Verb.LEAVE).steps}
    alice.come_in()
    page = alice.get(f"/people/employees/{wei_active.id}/timeline")
    assert "Automatic reply was left out: Microsoft 365 does not allow the portal to do this yet." in page.text


def test_a_step_that_is_not_allowed_is_skipped_on_its_day_and_not_before_a_person_asks(
    app, in_march, acme, wei_active, connection, alice
):
    chosen(acme, Kind.JOINER, hand_out_pass={"on": True})
    saving.switch_on(acme, Kind.JOINER, by="test")
    wei_active.start_date = at_six().date()
    wei_active.save()
    planning.follow(wei_active)
    without(connection, "UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")
    PlannedStep.update(state=StepState.DONE).where(PlannedStep.key == "allow_sign_in").execute()
    alice.come_in()
    alice.get(f"/people/employees/{wei_active.id}/timeline")
    row = step(wei_active, "hand_out_pass")
    page = alice.press("Do it now Temporary Access Pass", within=f"#step-{row.id}")
    assert "Microsoft 365 does not allow the portal to do this yet. An Admin can grant it" in page.text
    in_march.move_to(at_six(minutes=1))
    turn(app)
    assert step(wei_active, "hand_out_pass").state == StepState.SKIPPED
    assert "does not allow the portal to do this" in step(wei_active, "hand_out_pass").reason


def test_mail_is_forwarded_to_the_address_of_the_template(app, in_march, acme, leavers, wei_active):
    chosen(acme, Kind.LEAVER, {"forward_to": MONA}, forward={"on": True})
    leave(wei_active)
    in_march.move_to(at_six(minutes=1))
    turn(app)
    left = Operation.get(Operation.verb == Verb.LEAVE)
    assert left.request_as(LeaveRequest).forward_to == MONA


def test_a_leaver_whose_own_address_the_template_names_is_blocked_all_the_same(
    app, in_march, acme, leavers, wei_active, sandbox
):
    chosen(acme, Kind.LEAVER, {"forward_to": WEI}, forward={"on": True})
    leave(wei_active)
    in_march.move_to(at_six(minutes=1))
    turn(app)
    assert sandbox.user(WEI).sign_in_blocked


def test_a_joiner_joins_no_groups_where_the_template_has_that_off(app, in_march, acme, cast, connection):
    GroupRule.create(
        organisation=acme, service=connection.service, position=1, field="everyone", value="", group="g", group_name="G"
    )
    saving.switch_on(acme, Kind.JOINER, by="test")
    chosen(acme, Kind.JOINER, add_to_groups={"on": False})
    nia = cast.employee(acme, "Nia", "New", start_date=date(2027, 3, 22), personal_email="n@home.example")
    planning.follow(nia)
    in_march.move_to(datetime(2027, 3, 15, 9, 1, tzinfo=ZoneInfo("Europe/London")))
    turn(app)
    assert step(nia, "create_blocked").state == StepState.DONE
    assert not Operation.select().where(Operation.verb == Verb.GROUPS).exists()


def test_l01_the_timeline_and_the_receipt_say_the_time_in_both_zones(app, in_march, leavers, wei_active, alice):
    wei_active.time_zone = "Australia/Sydney"
    leave(wei_active)
    in_march.move_to(at_six(SYDNEY) + timedelta(minutes=1))
    turn(app)
    alice.come_in()
    page = alice.get(f"/people/employees/{wei_active.id}/timeline")
    assert "Fri 26 Mar 2027, 18:00 (Sydney), 07:00 (London)" in page.text
    page = alice.get(f"/provisioning/operations/{step(wei_active, 'block').operation_id}")
    assert "Finished Fri 26 Mar 2027, 18:01 (Sydney), 07:01 (London)" in page.text
