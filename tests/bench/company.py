"""Twenty organisations in one database, the first the largest: with managers, leavers, accounts, a history of each."""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.bench import staff

ORGANISATIONS = 20
# Number of the employee to whom so many report; each of the others has ten, or none at the foot of the company.
OF_500, OF_10, MANY = 3, 5, range(301, 801)
RUNS, LICENCE = 60, "05e9a617-0261-4cee-bb44-138d3ef5d965"
FIRST = [
    "Ada",
    "Ben",
    "Chloe",
    "David",
    "Ella",
    "Farid",
    "Grace",
    "Hugo",
    "Irene",
    "Jonas",
    "Kamal",
    "Laura",
    "Mateo",
    "Nora",
    "Omar",
    "Petra",
    "Quentin",
    "Rosa",
    "Sven",
    "Tara",
]
LAST = [
    "Abbott",
    "Becker",
    "Costa",
    "Duval",
    "Evans",
    "Fischer",
    "Garcia",
    "Hughes",
    "Ivanov",
    "Jensen",
    "Khan",
    "Lopez",
    "Moreau",
    "Novak",
    "Okafor",
    "Patel",
    "Rossi",
    "Smith",
    "Tanaka",
    "Weber",
]
BEGAN = datetime(2026, 1, 5, 8, 0)  # noqa: DTZ001 - as the database keeps it


def fill(size: int, *, first: int = 0, organisations: int = ORGANISATIONS) -> Any:
    """The first organisation with so many employees, the others with a hundredth of that, fifty at the least.

    first: its number. Returns its connection.
    """
    from portal.database import count_rows, database, transaction

    connections = [staff.connection_of(first + number) for number in range(organisations)]
    with transaction():
        for connection in connections:
            last = (f'SELECT COALESCE(MAX(id), 0) FROM "{table}"' for table in TABLES)
            base = {table: database.execute_sql(sql).fetchone()[0] for table, sql in zip(TABLES, last, strict=True)}
            people = size if connection is connections[0] else max(50, size // 100)
            for table, rows in _rows(connection, people, base).items():
                _insert(table, rows)
    _go_on_counting()
    count_rows()
    return connections[0]


TABLES = (
    "employee",
    "account",
    "operation",
    "run",
    "run_line",
    "reading",
    "found_account",
    "difference",
    "audit_entry",
)


def _insert(table: str, rows: Iterable[dict[str, Any]]) -> None:
    from portal.database import database, is_sqlite

    rows = iter(rows)
    first = next(rows)
    mark = "?" if is_sqlite() else "%s"
    names = ", ".join(f'"{name}"' for name in first)
    sql = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join([mark] * len(first))})'
    cursor = database.cursor()
    cursor.execute(sql, tuple(first.values()))
    cursor.executemany(sql, (tuple(row.values()) for row in rows))


def _go_on_counting() -> None:
    """PostgreSQL's sequences go on behind the numbers that were given."""
    from portal.database import database, is_sqlite

    for table in () if is_sqlite() else TABLES:
        database.execute_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), (SELECT MAX(id) FROM \"{table}\"))"
        )


def _rows(connection: Any, people: int, base: dict[str, int]) -> dict[str, Iterator[dict[str, Any]]]:
    """Rows by table, in the order in which they refer to each other."""
    numbers, mine = range(1, people + 1), {"organisation_id": connection.organisation_id}
    id_of = base["employee"].__add__
    here, holders = {**mine, "connection_id": connection.id}, [number for number in numbers if has_account(number)]
    return {
        "employee": (_employee(number, id_of) | mine for number in numbers),
        "account": (_account(number, id_of, base) | here for number in holders),
        "operation": (_operation(number, id_of, base, connection) | here for number in holders),
        "run": (_run(number, base, connection) | here for number in range(1, RUNS + 1)),
        "run_line": (_line(number, id_of, base) for number in holders if number <= people // 10),
        "reading": iter([{
            "id": base["reading"] + 1, **here, "state": "read", "by_name": "Ada", "accounts": people, "problem": "",
            "started_at": BEGAN, "finished_at": BEGAN,
        }]),
        "found_account": (_found(number, id_of, base) for number in numbers if not number % 20),
        "difference": (_difference(number, base) | mine for number in numbers if _differs(number)),
        "audit_entry": (_line_of_log(number, id_of, base, connection) | mine for number in range(1, 2 * people + 1)),
    }  # fmt: skip


def manager_of(number: int) -> int | None:
    """The number of the one to whom this one reports."""
    if number in MANY:
        return OF_500
    above = (number + 8) // 10
    return None if number == 1 else 1 if above == OF_500 else above


def _starts(number: int) -> date | None:
    """A hundred of the first thousand begin in the next two months, and one in a hundred of the others."""
    if number % (10 if number <= 1_000 else 100) == 5:
        return datetime.now(UTC).date() + timedelta(days=number % 60)
    return date(2015 + number % 10, 1 + number % 12, 1)


def _ends(number: int) -> date | None:
    today = datetime.now(UTC).date()
    if number % 100 == 51:
        return today + timedelta(days=number // 100 % 60)
    return date(2026, 1 + number % 9, 28) if number % 100 in (52, 53, 54) else None


def has_account(number: int) -> bool:
    return number % 100 not in (50, 20, 40)


def _differs(number: int) -> bool:
    return number % 20 == 1


def _employee(number: int, id_of: Any) -> dict[str, Any]:
    from portal.people.models import searchable

    first, last = FIRST[number % 20], f"{LAST[number // 20 % 20]}{number // 400 or ''}"
    title, department, place = f"Title {number % 50}", f"Department {number % 40}", f"Town {number % 12}"
    manager = manager_of(number)
    return {
        "id": id_of(number), "employee_number": f"E{number}", "first_name": first, "last_name": last,
        "preferred_name": "", "job_title": title, "department": department, "location": place,
        "manager_id": id_of(manager) if manager else None, "personal_email": f"p{number}@home.example",
        "company_email": f"p{number}@acme.example", "mobile": f"+44 20 7946 {number % 10_000:04}", "country": "GB",
        "employment_type": "Permanent", "start_date": _starts(number), "end_date": _ends(number),
        "sort_name": f"{last} {first}".casefold(), "created_at": BEGAN, "changed_at": BEGAN, "time_zone": "",
        "photo": "", "search_text": searchable(first, last, f"E{number}", title, department, f"p{number}@acme.example"),
    }  # fmt: skip


def _account(number: int, id_of: Any, base: dict[str, int]) -> dict[str, Any]:
    return {
        "id": base["account"] + number, "employee_id": id_of(number), "remote_id": staff.remote_id(number),
        "username": f"p{number}@acme.example", "display_name": f"{FIRST[number % 20]} {number}",
        "email": f"p{number}@acme.example", "enabled": number % 100 not in (52, 53, 54), "created_by_portal": True,
        "protections": "[]", "licence_ids": json.dumps([LICENCE]), "own_licence_ids": json.dumps([LICENCE]),
        "read_at": BEGAN, "fields_at": BEGAN, "detached_by": "", "waits_for_start": False,
    }  # fmt: skip


def _operation(number: int, id_of: Any, base: dict[str, int], connection: Any) -> dict[str, Any]:
    failed = not number % 97
    return {
        "id": base["operation"] + number, "employee_id": id_of(number), "account_id": base["account"] + number,
        "verb": "create" if number % 5 else "update", "state": "failed" if failed else "done",
        "by_id": connection.connected_by_id, "by_name": "Ada Admin", "requested": "{}", "results": "{}",
        "encrypted_password": "", "marker": uuid.UUID(int=number).hex, "attempts": 1, "not_before": BEGAN,
        "message": "The application was out of order." if failed else "", "next_step": "Try again." if failed else "",
        "error_kind": "", "error_code": "", "error_request_id": "", "username": f"p{number}@acme.example",
        "created_at": BEGAN + timedelta(minutes=number), "finished_at": BEGAN + timedelta(minutes=number, seconds=3),
    }  # fmt: skip


def _run(number: int, base: dict[str, int], connection: Any) -> dict[str, Any]:
    return {
        "id": base["run"] + number, "verb": "create", "state": "done", "by_id": connection.connected_by_id,
        "by_name": "Ada Admin", "approved_by_name": "", "source": "Employee List", "options": "{}", "unknown": "[]",
        "problem": "", "created_at": BEGAN + timedelta(days=number), "counted_done": 0, "counted_failed": 0,
        "approval_reason": "", "reason": "", "finished_at": BEGAN + timedelta(days=number, hours=1),
    }  # fmt: skip


def _line(number: int, id_of: Any, base: dict[str, int]) -> dict[str, Any]:
    """Half of the lines are of the latest Run, the others of all."""
    run = RUNS if number % 2 else 1 + number % RUNS
    return {
        "id": base["run_line"] + number, "run_id": base["run"] + run, "employee_id": id_of(number),
        "operation_id": base["operation"] + number, "state": "done", "level": 0, "before": "No access",
        "after": "Active", "username": f"p{number}@acme.example", "remote_id": "", "licence": LICENCE, "another": False,
        "seats": "", "frees": 0, "reason": "",
    }  # fmt: skip


def _found(number: int, id_of: Any, base: dict[str, int]) -> dict[str, Any]:
    """Half of them are proposed for those who have no account; the others are of nobody."""
    lacks = not has_account(number)
    return {
        "id": base["found_account"] + number, "reading_id": base["reading"] + 1, "remote_id": f"found-{number}",
        "username": f"found{number}@acme.example", "display_name": f"{FIRST[number % 20]} {number}",
        "about": "Sales", "enabled": True, "barred": "", "created_at": BEGAN,
        "employee_id": id_of(number) if lacks else None, "rule": "name" if lacks else "",
        "evidence": "Same name." if lacks else "", "doubt": "",
    }  # fmt: skip


def _difference(number: int, base: dict[str, int]) -> dict[str, Any]:
    return {
        "id": base["difference"] + number, "account_id": base["account"] + number, "what": "job_title",
        "ours": f"Title {number % 50}", "theirs": f"Title {number % 50 + 1}", "ignored": not number % 7,
        "seen_at": BEGAN,
    }  # fmt: skip


def _line_of_log(number: int, id_of: Any, base: dict[str, int], connection: Any) -> dict[str, Any]:
    """Behind the lines that making the organisation and its Admin wrote."""
    person = (number + 1) // 2
    return {
        "id": base["audit_entry"] + number, "number": 100 + number, "at": BEGAN + timedelta(minutes=number),
        "by_id": connection.connected_by_id, "by_name": "Ada Admin",
        "action": "create account" if number % 2 else "edit employee", "subject_kind": "Employee",
        "subject_id": id_of(person), "subject_name": f"{FIRST[person % 20]} {LAST[person // 20 % 20]}",
        "detail": json.dumps({"changes": {"job_title": ["Title 1", "Title 2"]}}), "hash": "0" * 64,
        "address": "192.0.2.7", "salt": "", "values_hash": "", "erased": False,
    }  # fmt: skip
