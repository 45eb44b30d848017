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
    """Seconds until all are imported, of the clock and of the processor."""
    from portal.organisations.models import Organisation
    from portal.people.models import Employee

    with portal() as bench, bench.app.app_context():
        Organisation.create(name="Acme", key="acme", country="GB")
        command = [sys.executable, "-m", "portal.cli", "employees", "import", "--organisation", "acme"]
        began, before = time.perf_counter(), os.times()
        subprocess.run([*command, str(written(bench.folder / "staff.csv", people))], check=True, stdout=sys.stderr)
        seconds, after = time.perf_counter() - began, os.times()
        assert Employee.select().where(Employee.manager.is_null(False)).count() == people - 1
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"people": people, "seconds": round(seconds, 1), "cpu": round(cpu, 1)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
