"""Importing a long list into an empty organisation, by the command that an operator uses."""

import csv
import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.bench.portal_process import portal
from tests.bench.sync import peak

HEADINGS = (
    "employee_number", "first_name", "last_name", "job_title", "department", "manager_employee_number",
    "personal_email", "company_email", "country", "start_date",
)  # fmt: skip


def written(path: Path, people: int) -> Path:
    """A list of so many people, ten reporting to each of the first tenth; no two are alike."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        for number in range(people):
            began = date(2010, 1, 1) + timedelta(days=number * 31 % 5_000)
            lines.writerow((
                f"E{number:06}", f"First{number * 7919 % 1_000_003}", f"Last{number * 104_729 % 1_000_003}",
                f"Title {number % 50}", f"Department {number % 40}", f"E{number // 10:06}" if number else "",
                f"p{number}@home.example", f"p{number}@acme.example", "GB", began.isoformat(),
            ))  # fmt: skip
    return path


def measure(people: int = 100_000) -> dict[str, Any]:
    """Seconds until all are planned, and imported, of the clock and of the processor; and exported, with its memory."""
    from portal.employee_list import exporting
    from portal.imports import importing
    from portal.organisations.models import Organisation
    from portal.people.models import Employee

    with portal() as bench, bench.app.app_context():
        organisation = Organisation.create(name="Acme", key="acme", country="GB")
        path = written(bench.folder / "staff.csv", people)
        began = time.perf_counter()
        assert len(importing.preview(path, organisation).added) == people
        planned = time.perf_counter() - began
        command = [sys.executable, "-m", "portal", "employees", "import", "--organisation", "acme"]
        began, before = time.perf_counter(), os.times()
        subprocess.run([*command, str(path)], check=True, stdout=sys.stderr)
        seconds, after = time.perf_counter() - began, os.times()
        assert Employee.select().where(Employee.manager.is_null(False)).count() == people - 1
        with peak() as memory:
            began = time.perf_counter()
            lines = exporting.export_lines(Employee.select().where(Employee.organisation == organisation))
            assert sum(1 for _ in lines) == people + 1
            export, more = time.perf_counter() - began, memory()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "people": people, "planned": round(planned, 1), "seconds": round(seconds, 1), "cpu": round(cpu, 1),
        "export": round(export, 1), "export memory": round(more),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
