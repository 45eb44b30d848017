"""Whatever file comes: it is read, asked about or refused in words, within bounds, and imported whole or not at all."""

import resource
import time
from urllib.parse import urljoin

from flask import got_request_exception

from portal.imports import jobs as import_jobs
from portal.imports.uploads import OPEN, Import, ImportState
from portal.people.models import Employee
from portal.security import limiter
from portal.tables import budget
from tests.fuzz import files, routes, workbooks
from tests.fuzz.seeds import variants

UPLOAD = "/people/employees/import"
NAMES = {
    files.text: ("a.csv", "a.csv", "a.csv", "A.CSV", "a.txt", "", "../a.csv", "a.csv\0.xlsx", "a.xlsx", "é.csv"),
    workbooks.sheet: ("a.xlsx", "a.xlsx", "a.xlsx", "A.XLSX", "a.xlsm", "a.xls", "a.csv", "", "a"),
}  # fmt: skip
# Times a person answers questions, or presses Import, before they have had enough.
TRIES = 8
# Bytes that this process may grow by, whatever comes; and how often it holds a file as the browser that sends it.
MEMORY, HELD = 400_000_000, 6


class Importing:
    """Alice imports one file after the other, and answers what she is asked by chance."""

    def __init__(self, app, alice, cast):
        self.app, self.alice, self.cast, self.errors = app, alice, cast, []
        self.ends: set[str] = set()
        self.largest = 0
        got_request_exception.connect(self._failed, app)

    def _failed(self, _app, exception, **_):
        self.errors.append(f"{type(exception).__name__}: {exception}"[:300])

    def problems(self, rng) -> list[str]:
        """What was wrong with what became of one file."""
        make = rng.choice((files.text, workbooks.sheet))
        name, content = rng.choice(NAMES[make]), make(rng)
        self.largest = max(self.largest, len(content))
        self._start_afresh()
        before, began = stored(), time.thread_time()
        page = self._upload(name, content)
        found = [] if page.status in (200, 413, 422) else [f"{page.status} to the upload"]
        if kept := Import.select().first():
            found += self._through(rng)
        elif not page.soup.select(".invalid-feedback, [role=alert]") and page.title != "That is too large":
            found.append(f"{page.status}, refused without a word: {page.text[-600:]}")
        kept = Import.select().first()
        self.ends.add(kept.state if kept else "refused")
        found += [] if whole_or_nothing(kept, before) else [f"{kept and kept.state}, and some were imported"]
        if time.thread_time() - began > 2 * budget.SECONDS:
            found.append(f"took {time.thread_time() - began:.0f} seconds of the processor")
        return [f"{name!r}, {content[:200]!r}: {problem}" for problem in found + self.errors]

    def _start_afresh(self):
        limiter.reset()
        Import.delete().execute()
        Employee.delete().execute()
        for number in range(2):
            self.cast.employee(self.alice.user.organisation, "Zoë", "Known", employee_number=f"E{number}")
        self.errors.clear()
        self.alice.get(UPLOAD)

    def _upload(self, name, content):
        token = self.alice.page.soup.find("input", attrs={"name": "csrf_token"})["value"]
        attack = routes.upload((UPLOAD, "file"), name, content)
        body = attack.data.replace(routes.TOKEN.encode(), token.encode(), 1)
        return self.alice.post(UPLOAD, body, content_type=attack.content_type)

    def _through(self, rng) -> list[str]:
        for _ in range(TRIES):
            kept = Import.get()
            here = f"{UPLOAD}/{kept.token}"
            if kept.state in OPEN:
                with self.app.app_context():
                    import_jobs.carry_on(kept)
                page = self.alice.get(here)
            elif kept.state == ImportState.READ and (asked := self._asked(rng, here)):
                page = self.alice.post(*asked)
            else:
                break
            if page.status not in (200, 422):
                return [f"{page.status} at {page.url}"]
        kept = Import.get()
        if kept.state in OPEN:
            return [f"is {kept.state} without end"]
        said = {ImportState.FAILED: kept.problem, ImportState.READ: kept.found}.get(kept.state, "done")
        unexpected = kept.problem == import_jobs.UNEXPECTED
        return [f"{kept.state}: {kept.problem}"] if unexpected or not said else []

    def _asked(self, rng, here):
        """Where the page waits for an answer, and one by chance; None when there is nothing to press."""
        if rng.random() < 0.1:
            assert self.alice.get(f"{here}/lines.csv").status == 200
            self.alice.get(f"{here}/columns")
        else:
            self.alice.get(here)
        soup = self.alice.page.soup
        form = soup.select_one("#columns form, #questions form")
        if form is not None:
            return urljoin(here, form.get("action") or here), answers(rng, form)
        return (here, {}) if self.alice.page.has_button("Import") else None


def answers(rng, form) -> dict[str, str]:
    """One of the choices for each question."""
    choices: dict[str, list[str]] = {}
    for control in form.select("select, input:not([name=csrf_token])"):
        options = [option.get("value", "") for option in control.find_all("option", selected=True) or control("option")]
        if control.get("type") == "date":
            options = ["2026-01-31", "", "soon"]
        choices.setdefault(control.get("name", ""), []).extend(options or [control.get("value", "")])
    return {name: rng.choice(options) for name, options in choices.items() if name}


def stored() -> list[tuple]:
    return sorted(Employee.select().tuples(), key=repr)


def whole_or_nothing(kept, before: list[tuple]) -> bool:
    if kept is None or kept.state != ImportState.DONE:
        return stored() == before
    return len(stored()) == len(before) + kept.found["added"]


def test_any_file_is_imported_whole_or_refused_in_words(app, alice, cast, record_property):
    importing, found, count = Importing(app, alice, cast), [], 0
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for count, (seed, rng) in enumerate(variants(20, share=0.1), 1):  # noqa: B007
        try:
            found += [f"FUZZ_SEED={seed}: {problem}" for problem in importing.problems(rng)]
        except Exception as problem:
            found.append(f"FUZZ_SEED={seed}: {problem!r}"[:2_000])
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size) * 1024
    assert not found, "\n".join(found)
    assert grown < MEMORY + HELD * importing.largest
    record_property("files tried by fuzzing", count)
    if count > 1:
        assert importing.ends >= {ImportState.DONE, ImportState.READ, "refused"}
