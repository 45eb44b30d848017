"""Day one in a real browser: its filter acts as soon as something is chosen."""

from datetime import timedelta

from portal.database import now
from tests.provisioning.conftest import connection  # noqa: F401


def test_the_filter_acts_as_something_is_chosen(walk, alice, cast, acme, connection):  # noqa: F811
    for first_name, days in (("Stella", 5), ("Lara", 50)):
        cast.employee(acme, first_name, "Ample", start_date=now().date() + timedelta(days=days))
    person = walk()
    person.come_in(alice.user, "/provisioning/day-one")
    person.page.get_by_text("1 starter, 0 ready").wait_for()
    person.page.get_by_label("Start within").select_option("90 days")
    person.page.get_by_text("2 starters, 0 ready").wait_for()
    person.page.wait_for_url("**days=90*")
    person.page.go_back()
    person.page.get_by_text("1 starter, 0 ready").wait_for()
    person.look()
    assert not person.complaints
