"""Attacks on every route: real forms with spoilt fields, strange numbers, malformed bodies, odd headers."""

import io
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

from hypothesis import strategies as st
from openpyxl import Workbook

from tests.pages import form_values, tree_of

SCRIPT = "<script>alert(1)</script>"
NASTY: list[str | bytes] = [
    "", " ", "\0", "a\0b", b"\xed\xa0\x80", b"\xff\xfe", "9" * 30, "-1", "0", "1e309", "NaN", "٣", "2147483648",
    "9223372036854775808", "-9223372036854775809", SCRIPT, f'"><img src=x onerror=alert(1)>{SCRIPT}', "' OR '1'='1",
    "'; DROP TABLE employee; --", "../../../etc/passwd", "%00", "%s%n", "{{7*7}}", "${7*7}", "a\r\nX-Evil: 1",
    "\n" * 50, "=1+1", "\u202e\u200d\ufeff", "𐍈" * 40, "é" * 300, "[]", "{}", "null", "true", "2026-13-45",
    "2026-02-30", "0001-01-01", "9999-12-31", "99:99", "24:00", "@", "a@b", "a@" + "b" * 300 + ".example",
    "#EXT#", "%", "_", "\\", ".", "..",
    "//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "number", "nobody", "planned",
    "no licence", "None", "Admin", "admin", "x" * 10_000,
]  # fmt: skip
HUGE = "x" * 1_000_000
# What a number, a day or a place in a list is not, though it looks like one, or is too large for a column.
NOT_QUITE: list[str | bytes] = [
    str(10**30), "a\0b", "9999-12-31", "2147483648", "9223372036854775808", "9" * 5000, "-1", "0", "1e3", "1_0",
    "٣", "²", "NaN", "\0", b"\xff", b"\xed\xa0\x80", "0001-01-01", "2026-02-30", "+2026-01-01", "20260101",
    "2026-W01-1",
    "[]", "%", "x" * 5000,
]  # fmt: skip
IDS = ["0", "-1", "1", "424242", "2147483647", "2147483648", "9" * 40, "1e3", "٣", "%00", "x", "1%2F..%2F2", " 1"]
HEADERS: list[dict[str, str]] = [
    {}, {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Target": "div#link-results-microsoft-365", "HX-Source": "form#"},
    {"HX-Request": "true", "HX-Current-URL": "https://evil.example/?x"},
    {"HX-Request": "true", "HX-Current-URL": "http://[::1"},
    {"HX-Request": "true", "HX-Boosted": "true"}, {"HX-Target": "#"}, {"Referer": "http://[broken"},
    {"Range": "bytes=9-1"},
    {"Accept-Encoding": "gzip;q=x, br"}, {"If-Modified-Since": "yesterday"}, {"Cookie": "portal=\xff\xfe; =; portal"},
    {"X-Forwarded-For": "' OR 1=1, ::1"}, {"X-Forwarded-Host": "evil.example"}, {"Authorization": "Bearer x"},
    {"Accept-Language": "x" * 5000}, {"Origin": "null"}, {"X-HTTP-Method-Override": "DELETE"},
    {"X-Request-Id": "a\tb" * 99},
]  # fmt: skip
PART = b'--b\r\nContent-Disposition: form-data; name="file"'
BODIES: list[tuple[str, bytes]] = [
    ("application/x-www-form-urlencoded", b"a=%ZZ&b=%&=&&c"), ("application/x-www-form-urlencoded", b"\xff" * 99),
    ("application/x-www-form-urlencoded", b"x=1&" * 3000), ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=b", PART + b"\r\n\r\n"),
    ("multipart/form-data; boundary=b", PART + b'; filename="a.xlsx"\r\n\r\nPK\x03\x04\r\n--b--'),
    ("application/json", b'{"csrf_token": 1'), ("text/xml", b"<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>"),
    ("", b"\0" * 50),
]  # fmt: skip
METHODS = [*["GET", "POST"] * 6, "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"]
# In place of the form token of the attacker.
TOKEN = "TOKEN"


@dataclass(frozen=True)
class Attack:
    """One request. data: fields of a form, or a body with its content type."""

    method: str
    url: str
    data: Any = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.method} {self.url[:200]!r} {str(self.data)[:300]} {self.headers}"


@dataclass(frozen=True)
class Form:
    """A form of a page as it is."""

    method: str
    action: str
    values: tuple[tuple[str, str], ...]


def forms_of(html: str, url: str) -> list[Form]:
    tree = tree_of(html)
    found = []
    for form in tree.iter("form"):
        method = "POST" if form.get("hx-post") or str(form.get("method", "")).casefold() == "post" else "GET"
        action = str(form.get("hx-post") or form.get("hx-get") or form.get("action") or url)
        values = [(name, TOKEN if name == "csrf_token" else value) for name, value in form_values(form)]
        found.append(Form(method, action, tuple(values)))
    return found


def attacks(addresses: list[str], forms: list[Form], names: list[str]) -> st.SearchStrategy[Attack]:
    """addresses: routes, placeholders and all. names: of parameters that any page knows."""
    nasty = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.binary(max_size=20))
    headers = st.one_of(st.just({}), st.sampled_from(HEADERS))
    spoilt = st.builds(
        _spoilt, st.sampled_from(forms), st.lists(st.tuples(st.integers(0, 30), nasty), max_size=3), headers
    )
    strange = st.builds(
        _strange, st.sampled_from(METHODS), st.sampled_from(addresses), st.sampled_from(IDS),
        st.dictionaries(st.sampled_from(names), nasty, max_size=3), headers,
    )  # fmt: skip
    malformed = st.builds(
        lambda address, number, body, more: Attack("POST", _filled(address, number), body[1], body[0], more),
        st.sampled_from(addresses), st.sampled_from(IDS), st.sampled_from(BODIES), headers,
    )  # fmt: skip
    flooded = st.builds(
        lambda address, number, value, more: Attack("GET", flood(address, number, names, value), headers=more),
        st.sampled_from(addresses), st.sampled_from(IDS), st.sampled_from(NOT_QUITE), headers,
    )  # fmt: skip
    huge = st.builds(lambda form, place: _spoilt(form, [(place, HUGE)], {}), st.sampled_from(forms), st.integers(0, 30))
    return st.one_of(spoilt, spoilt, spoilt, strange, strange, malformed, flooded, huge, _uploads(nasty))


def _uploads(nasty: st.SearchStrategy[str | bytes]) -> st.SearchStrategy[Attack]:
    """Files that are not what they should be, where files are taken."""
    damage = st.lists(st.tuples(st.integers(0, 4000), st.one_of(st.just(b""), nasty.map(_raw))), max_size=3)
    damaged_part = st.builds(_damaged_workbook, st.integers(0, 20), damage)
    damaged_file = st.builds(_damaged, st.sampled_from([_parts_as_file(_parts()), CSV]), damage)
    names = st.sampled_from(["a.csv", "a.xlsx", "A.XLSX", "", "../a.csv", "a.csv\0.xlsx", "a.exe", '";x="a.csv'])
    place = st.sampled_from([("/people/employees/import", "file"), ("/provisioning/runs", "people")])
    return st.builds(upload, place, names, st.one_of(damaged_part, damaged_part, damaged_file, nasty.map(_raw)))


CSV = 'employee_number;first_name;manager_employee_number;start_date\nE1;Zoë;E1;2026-01-01\nE2;"李";;'.encode()


def _parts() -> list[tuple[str, bytes]]:
    book, made = Workbook(), io.BytesIO()
    for row in (["employee_number", "first_name", "start_date"], ["E1", "Zoë", date(2026, 1, 1)], [1.5, None, True]):
        book.active.append(row)
    book.save(made)
    with ZipFile(made) as parts:
        return [(name, parts.read(name)) for name in parts.namelist()]


def _parts_as_file(parts: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as file:
        for name, content in parts:
            file.writestr(name, content)
    return made.getvalue()


def _damaged(content: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    """With some of its bytes replaced; an empty replacement cuts the rest off."""
    for place, raw in changes:
        at = place % (len(content) + 1)
        content = content[:at] + (raw + content[at + len(raw) :] if raw else b"")
    return content


def _damaged_workbook(number: int, changes: list[tuple[int, bytes]]) -> bytes:
    parts = _parts()
    name, content = parts[number % len(parts)]
    return _parts_as_file([(one, _damaged(content, changes) if one == name else raw) for one, raw in parts])


def upload(place: tuple[str, str], name: str, content: bytes) -> Attack:
    url, field_name = place
    head = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in (("csrf_token", TOKEN), ("verb", "deactivate"))
    )
    head += f'--edge\r\nContent-Disposition: form-data; name="{field_name}"; filename="{name}"\r\n\r\n'
    return Attack("POST", url, head.encode() + content + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge")


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _spoilt(form: Form, changes: list[tuple[int, str | bytes]], headers: dict[str, str]) -> Attack:
    """The form with some of its fields replaced, doubled or taken away."""
    values: list[tuple[str, str | bytes]] = list(form.values)
    for place, value in changes:
        if not values:
            break
        name, _ = values[place % len(values)]
        if name == "csrf_token":
            continue
        if place % 7 == 6:
            values.pop(place % len(values))
        elif place % 5 == 4:
            values.append((name, value))
        else:
            values[place % len(values)] = (name, value)
    if form.method == "GET":
        return Attack("GET", with_query(form.action, values), headers=headers)
    return Attack("POST", form.action, "&".join(map(_pair, values)), "application/x-www-form-urlencoded", headers)


def _pair(pair: tuple[str, str | bytes]) -> str:
    name, value = pair
    return f"{quote(name)}={quote(_raw(value))}"


def with_query(url: str, values: list[tuple[str, str | bytes]]) -> str:
    return f"{url.partition('?')[0]}?{'&'.join(map(_pair, values))}"


def _filled(address: str, number: str) -> str:
    path = address
    while "<" in path:
        before, _, rest = path.partition("<")
        placeholder, _, after = rest.partition(">")
        path = before + ("microsoft-365" if placeholder == "service_key" else number) + after
    return path


def flood(address: str, number: str, names: list[str], value: str | bytes) -> str:
    """The address with the same value for every parameter that any page knows."""
    return with_query(_filled(address, number), [(name, value) for name in names])


def _strange(method: str, address: str, number: str, values: dict[str, str | bytes], headers: dict[str, str]) -> Attack:
    url = _filled(address, number)
    if method in ("GET", "HEAD"):
        return Attack(method, with_query(url, list(values.items())), headers=headers)
    fields = [("csrf_token", TOKEN), *values.items()]
    return Attack(method, url, "&".join(map(_pair, fields)), "application/x-www-form-urlencoded", headers)
