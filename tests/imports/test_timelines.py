"""The preview of an import says which steps of timelines move with its dates."""

from datetime import date

import pytest

from portal.database import now
from portal.timelines.models import Itinerary, PlannedStep, StepState


@pytest.fixture
def leaver(cast, acme):
    """Lea leaves on 1 March 2027: two steps to come, one moved by hand, one done."""
    employee = cast.employee(acme, "Lea", "Leaver", employee_number="E1", end_date=date(2027, 3, 1))
    made = Itinerary.create(organisation=acme, employee=employee, kind="leaver", dates={"end": "2027-03-01"})
    for key, values in (
        ("block", {}), ("take_licences", {}), ("hand_over", {"moved_by_hand": True}),
        ("ask_successor", {"state": StepState.DONE}),
    ):  # fmt: skip
        PlannedStep.create(
            organisation=acme, itinerary=made, employee=employee, key=key, anchor="end", days=0,
            day=date(2027, 3, 1), hour="18:00", due_at=now(), **values,
        )  # fmt: skip
    return employee


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2027-04-01", "2 steps move with the dates, 1 stays because it was moved by hand, 1 is done already."),
        ("", "3 steps are cancelled with their dates, 1 is done already."),
        ("2027-03-01", ""),
    ],
)
def test_the_preview_counts_the_steps_that_move_with_a_date(upload, leaver, end, said):
    page = upload(f"employee_number,first_name,last_name,job_title,end_date\nE1,Lea,Leaver,Buyer,{end}\n")
    told = [words for words in page.alerts() if words.startswith("Timelines:")]
    assert told == ([f"Timelines: {said}"] if said else [])
