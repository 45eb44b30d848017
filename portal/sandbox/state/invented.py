"""Invented users in any number, the same ones each time."""

import random
import uuid
from collections.abc import Iterator, Sized
from itertools import islice
from typing import Any

from portal.sandbox.names import DEPARTMENTS, FIRST, LAST, PLAIN, TITLES
from portal.sandbox.rows import packed
from portal.sandbox.state.catalogue import BUSINESS_STANDARD
from portal.sandbox.state.models import database
from portal.sandbox.state.people import FOUND_BY, found_by, keys_of

LONG_AGO = "2024-03-01T09:00:00Z"
PASSWORD = "Sandbox-Password-1"
COLUMNS = (
    "id", "tenant", "manager", "password", "upn", "display_name", "given_name", "surname", "mail", "mail_nickname",
    "employee_id", "department", "job_title", "usage_location", "user_type", "created", "words", "body",
)  # fmt: skip
AT_ONCE = 5000


def invent(tenant: str, domain: str, count: int, space: uuid.UUID) -> None:
    """So many users: one in ten holds a licence, one in twenty is blocked, each has a manager among the first."""
    into = (
        f"INSERT INTO user ({', '.join(COLUMNS)}, enabled, visible_at, roles, must_change, mailbox_due, access_pass) "  # noqa: S608
        f"VALUES ({', '.join('?' * (len(COLUMNS) + 6))})"
    )
    connection = database.connection()
    people = _people(tenant, domain, count, space)
    while part := list(islice(people, AT_ONCE)):
        connection.executemany(into, [row for row, _ in part])
        for table, columns in FOUND_BY.items():
            names = ", ".join(f'"{column.column_name}"' for column in columns)
            into_table = f"INSERT INTO {table._meta.table_name} ({names}) VALUES ({marks_for(columns)})"  # noqa: S608
            connection.executemany(into_table, [row for _, found in part for row in found[table]])


def marks_for(columns: Sized) -> str:
    return ", ".join("?" * len(columns))


def _people(tenant: str, domain: str, count: int, space: uuid.UUID) -> Iterator[tuple[tuple, dict[Any, list[tuple]]]]:
    """Each user's row, and the rows of other tables by which they are found."""
    dice = random.Random(365)
    first_ids: list[str] = []
    for number in range(1, count + 1):
        own = str(uuid.UUID(int=space.int + (1 << 64) + number))
        body = _properties(own, number, domain, dice)
        manager = dice.choice(first_ids) if first_ids else None
        if len(first_ids) < 50:
            first_ids.append(own)
        keys = keys_of(body)
        values = (own, tenant, manager, PASSWORD, *(keys[name] for name in COLUMNS[4:-1]), packed(body))
        yield (*values, keys["enabled"], 0.0, "[]", False, None, "{}"), found_by(tenant, own, body)


def _properties(own: str, number: int, domain: str, dice: random.Random) -> dict[str, Any]:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    nickname = f"{first}.{last}{number}".translate(PLAIN).replace("\0", "").lower()
    address = f"{nickname}@{domain}"
    states: list[dict[str, Any]] = [{
        "skuId": BUSINESS_STANDARD, "disabledPlans": [], "assignedByGroup": None, "state": "Active", "error": "None",
        "lastUpdatedDateTime": LONG_AGO,
    }] if number % 10 == 0 else []  # fmt: skip
    return {
        "id": own, "accountEnabled": number % 20 != 7, "displayName": f"{first} {last}", "givenName": first,
        "surname": last, "userPrincipalName": address, "mailNickname": nickname, "mail": address,
        "proxyAddresses": [f"SMTP:{address}"], "userType": "Member", "usageLocation": "GB", "businessPhones": [],
        "employeeId": f"S{number}", "department": dice.choice(DEPARTMENTS), "jobTitle": dice.choice(TITLES),
        "createdDateTime": LONG_AGO, "signInSessionsValidFromDateTime": LONG_AGO,
        "lastPasswordChangeDateTime": LONG_AGO, "licenseAssignmentStates": states,
        "assignedLicenses": [{"disabledPlans": [], "skuId": BUSINESS_STANDARD}] if states else [],
    }  # fmt: skip
