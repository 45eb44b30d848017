"""Whatever is in a file, and whatever is answered about it: a plan comes of it, or a reason against it."""

import json
import os
from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.columns.answers import Answers
from portal.columns.headings import vocabulary
from portal.columns.layouts import CHOICES
from portal.database import database
from portal.import_plans.summary import summary_of
from portal.imports import importing
from portal.people.models import Employee
from portal.tables import Line, Table

HEADINGS = st.one_of(
    st.sampled_from([*sorted(vocabulary()), "name", "email", "title", "position", ""]), st.text(max_size=12)
)
WORDS = (
    ",E1,e1,01,1,Ana Ruiz,Ana Ruiz (E1),03/04/2026,25/04/2026,04/25/2026,45000,A,L,T,gone,GB,Deutschland,a@b.example,"
    "A@B.example,<<clear>>,-,31.12.9999,(),'=1"
)
CELLS = st.one_of(st.sampled_from(["Ruiz, Ana", *WORDS.split(",")]), st.text(max_size=20))
SAID = st.builds(
    Answers,
    columns=st.dictionaries(st.sampled_from("012345"), st.sampled_from([*CHOICES])),
    dates=st.sampled_from(["", "dmy", "mdy"]),
    zeros=st.sampled_from(["", "restore", "keep"]),
    leavers=st.sampled_from(["", "skip", "as they are"]),
    everybody=st.sampled_from(["", "same", "renumber", "add", "skip"]),
)


@given(st.lists(HEADINGS, min_size=1, max_size=6), st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=6), SAID)
@settings(
    max_examples=int(os.environ.get("FUZZ", "60")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_every_table_has_a_plan(cast, acme, headings, rows, said):
    if not Employee.select().exists():
        cast.employee(acme, "Ana", "Ruiz", employee_number="E1", personal_email="a@b.example", start_date="2026-04-03")
        cast.employee(acme, "Wei", "Zhang", employee_number="001")
    if not said.columns:
        headings[:3] = ["employee number", "manager", "status", "email", "start date"][: len(headings)][:3]

    @contextmanager
    def opened():
        lines = (Line(number, tuple(row[: len(headings)])) for number, row in enumerate(rows, 2))
        yield Table(tuple(headings), 1, lines, [])

    plan = importing.planned(opened, acme, said)
    assert json.dumps(summary_of(plan))
    assert plan.ready == (not plan.objections)
    names = [entry.employee_number for entry in (*plan.added, *plan.changed)]
    assert len(names) == len(set(names))
    if plan.ready:
        with database.atomic() as transaction:
            importing.apply(plan, by="test")
            transaction.rollback()


def test_what_can_be_imported_is_imported_and_then_says_nothing_new(cast, acme):
    rows = [
        ("E1", "Ana", "Ruiz", "15-Mar-2021", "Spain", ""),
        ("E2", "Wei", "Zhang", "16-Mar-2021", "China", "Ruiz, Ana"),
    ]
    heading = ("Badge id", "First name", "Surname", "Hired on", "Country", "Reports to")

    @contextmanager
    def opened():
        yield Table(heading, 1, iter([Line(number, row) for number, row in enumerate(rows, 2)]), [])

    importing.import_from(opened, acme, by="test", sha256="")
    plan = importing.planned(opened, acme)
    assert (plan.added, plan.changed, plan.unchanged) == ([], [], 2)
