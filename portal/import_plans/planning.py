"""From the lines of a file to a plan: who is added or changed and how, what is refused, and what has to be asked."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, islice
from typing import Any

from peewee import chunked

from portal.columns import layouts, names
from portal.columns.answers import Answers, Leavers, Who, WhoQuestion, Zeros
from portal.columns.known import MANAGER, SECOND, Refusal
from portal.columns.words import Standing
from portal.config import settings
from portal.import_plans import likeness, notes, spellings
from portal.import_plans.lines import KEPT, MOST_WORDS, Lines, Row, checked, gather, sample
from portal.import_plans.plans import BLANK, FIELDS, Entry, ImportPlan
from portal.import_plans.staff import Facts, LostZeros, Managers, Staff
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.languages import number as figures
from portal.organisations.models import Organisation
from portal.people import rules, searching
from portal.people.models import Employee
from portal.people.searching import Sight
from portal.tables import Table, Unreadable

CHUNK = 500
STILL_HERE = _(
    "The status says that this person works here, and the end date is over: empty it if they were hired again, or "
    "correct the status."
)
NO_SUCH_MANAGER = N_("The manager %(manager)s is neither in the file nor in the Employee List: correct it.")


def read(
    table: Table, organisation: Organisation, answers: Answers | None = None, *, sight: Sight | None = None
) -> ImportPlan:  # fmt: skip
    """Find out what importing the table would do, without doing it. Raises tables.Unreadable.

    sight: of the user who imports, when they see a part of the organisation: only that part is looked at and changed.
    """
    answers = answers or Answers()
    plan = ImportPlan(organisation, sight, notes=table.notes)
    plan.header_line, plan.how = table.header_line, table.how
    if plan.how.asks:
        return plan
    plan.layout = layouts.of(table.header, organisation, answers)
    plan.notes += notes.of_columns(plan.layout)
    if plan.layout.problem:
        plan.sample = sample(table.lines)
        return plan
    lines = gather(table, plan.layout.columns, answers)
    _Planner(plan, lines, answers).plan_all()
    plan.refused.sort(key=lambda refusal: refusal.line)
    return plan


def unreadable(error: Unreadable) -> Refusal:
    """A file that cannot be read, as what keeps it from being imported."""
    return Refusal(error.line, "", joined(error.message, error.next_step))


class _Planner:
    """Goes through the lines of a file in their order, and sorts them into the plan."""

    def __init__(self, plan: ImportPlan, lines: Lines, answers: Answers):
        self.plan, self.lines, self.answers = plan, lines, answers
        self.staff = Staff(plan.organisation, plan.people)
        self.rows: dict[str, Row] = {}
        # The number in the Employee List of a number in the file, where a user said that it is a known person.
        self.known_as: dict[str, str] = {}
        self.gets: dict[str, str] = {}

    def plan_all(self) -> None:
        zeros = self.lost_zeros()
        self.plan.zeros = {} if self.answers.zeros else zeros
        self.plan.words = self.lines.unknown_words[:MOST_WORDS]
        open_words = spellings.questions(self.lines.texts, self.plan.people, self.answers)
        self.plan.spellings = list(islice(open_words, MOST_WORDS))
        self.plan.dates = self.lines.dates.example if self.lines.dates.must_ask and not self.answers.dates else ""
        self.plan.order = self.answers.dates or self.lines.dates.order or ""
        self.plan.notes += notes.of_dates(self.lines.dates, self.answers)
        if self.plan.asks:
            return
        restored = zeros if self.answers.zeros == Zeros.RESTORE else {}
        self.take_rows(restored)
        self.leave_to_others()
        if not self.rows and not self.plan.refused:
            reason = _("The file has headings but no employees: add a line for each employee.")
            self.plan.refused.append(Refusal(2, "", reason))
        self.ask_who_is_known()
        self.staff.rename({was: self.gets[was] for was in self.known_as.values()})
        for column in (MANAGER, SECOND):
            self.resolve_managers(restored, column)
        self.plan.numbers = {self.gets.get(number, number) for number in self.rows}
        self.plan.numbers |= {refusal.employee_number for refusal in self.plan.refused}
        self.sort_in()
        if MANAGER in self.lines.fields:
            _check_managers(self.plan, self.staff, self.rows.keys() | set(self.gets.values()))
        self.check_size()
        self.plan.notes += notes.of_lines(self.lines, restored)

    def check_size(self) -> None:
        most, there, more = settings().most_employees, len(self.staff.number_of), len(self.plan.added)
        if more and there + more > most:
            reason = _(
                "An organisation may have %(most)s employees here: there are %(there)s, and the file adds %(more)s.",
                most=figures(most),
                there=figures(there),
                more=figures(more),
            )
            self.plan.refused.append(Refusal(0, "", joined(reason, _("IT can raise the limit."))))

    def lost_zeros(self) -> dict[str, str]:
        in_file = [*self.lines.texts("employee_number"), *self.lines.texts(MANAGER), *self.lines.texts(SECOND)]
        return LostZeros(self.staff.number_of.values(), in_file).restored

    def take_rows(self, restored: Mapping[str, str]) -> None:
        """The rows by number, with the zeros that numbers had."""
        for row in checked(self.lines, self.answers):
            if isinstance(row, Refusal):
                self.plan.refused.append(row)
                continue
            number = restored.get(row.employee_number, row.employee_number)
            if number in self.rows:
                reason = _(
                    "This employee number is on line %(line)s already: keep one of the two.",
                    line=self.rows[number].line,
                )
                self.plan.refused.append(Refusal(row.line, number, reason))
                continue
            self.rows[number] = row._replace(employee_number=number) if number != row.employee_number else row

    def leave_to_others(self) -> None:
        """Refuse the lines about people of another part, where the user sees one."""
        sight = self.plan.sight
        if sight is None or sight.is_whole:
            return
        for number in self.staff.of_others(list(self.rows)):
            reason = _("You look after %(own)s, and another employee has this number. Ask an Admin.", own=sight.own)
            self.plan.refused.append(Refusal(self.rows.pop(number).line, number, reason))

    def given(self, row: Row) -> dict[str, Any]:
        """What the line says, by field."""
        values = zip(self.lines.fields, row.values, strict=True)
        return {name: value for name, value in values if value is not KEPT} | {"employee_number": row.employee_number}

    def ask_who_is_known(self) -> None:
        """Find lines about people who may be known under another number, and the answers about them."""
        new = [(row.line, self.facts(row)) for number, row in self.rows.items() if number not in self.staff.manager_of]
        questions = list(self.exchanged())
        if new:
            questions += self.may_be_known(new)
        numbers = {row.line: number for number, row in self.rows.items()}
        for question in sorted(questions, key=lambda one: one.line):
            self.take_answer(question, numbers[question.line])

    def exchanged(self) -> Iterator[WhoQuestion]:
        """Known numbers that get another name and another personal email."""
        if not {"personal_email", "first_name", "last_name"} & set(self.lines.fields):
            return
        for number, stored in self.beside_stored() if self.staff.id_of else ():
            if not stored:
                continue
            row = self.rows[number]
            known = Facts.of(str(self.staff.id_of[number]), stored)
            question = likeness.still_the_same(row.line, Facts.of("", stored | self.given(row)), known)
            if question is not None:
                yield question

    def may_be_known(self, new: list[tuple[int, Facts]]) -> list[WhoQuestion]:
        """Lines of people whose number is new, and who are like a known person."""
        others = [self.facts(row) for number, row in self.rows.items() if number in self.staff.manager_of]
        others = [facts._replace(key=str(self.staff.id_of[facts.employee_number])) for facts in others]
        return likeness.questions(new, chain(self.staff.facts(), others))

    def take_answer(self, question: WhoQuestion, number: str) -> None:
        """Follow the answer about the line, or ask."""
        answer = self.answers.who(question)
        if answer is None:
            self.plan.who.append(question)
            return
        said, like = answer
        if said is Who.SKIP:
            del self.rows[number]
            self.plan.left_out += 1
        elif like is not None and said in (Who.SAME, Who.RENUMBER) and not question.still:
            self.is_known_as(number, like.number, renumber=said is Who.RENUMBER)

    def is_known_as(self, number: str, known: str, *, renumber: bool) -> None:
        """The line with this number is about a person of the Employee List."""
        row = self.rows[number]
        taken = self.rows.get(known)
        before = next((self.rows[other] for other, was in self.known_as.items() if was == known), taken)
        if before:
            line = before.line
            reason = _(
                "Line %(line)s is about the employee with the number %(known)s too: remove one of the two lines.",
                line=line,
                known=known,
            )
            self.plan.refused.append(Refusal(row.line, number, reason))
            del self.rows[number]
            return
        self.known_as[number] = known
        # A line that names one of the two numbers as a manager means this person.
        self.gets[number] = self.gets[known] = number if renumber else known

    @cached_property
    def telling(self) -> list[int | None]:
        """Where the values are that tell people apart, in the order of Facts, after the number."""
        place = {name: at for at, name in enumerate(self.lines.fields)}
        return [place.get(name) for name in Facts._fields[2:]]

    def facts(self, row: Row) -> Facts:
        said = ("" if at is None or row.values[at] is KEPT else row.values[at] for at in self.telling)
        first, last, preferred, personal, company, start = said
        number = row.employee_number
        return Facts(f"line {row.line}", number, first, last, preferred, personal, company, start or None)

    def resolve_managers(self, restored: Mapping[str, str], column: str) -> None:
        """In each row, the number of the person who is meant in the column of managers, MANAGER or SECOND."""
        if column not in self.lines.fields:
            return
        place = self.lines.fields.index(column)
        refused = {refusal.employee_number for refusal in self.plan.refused}
        numbers = self.staff.manager_of.keys() | self.rows.keys() | self.gets.keys() | refused
        # Who leads people of this part may be in another one.
        numbers |= {*self.staff.manager_of.values(), *self.staff.second_of.values()} - {""}
        texts = [
            restored.get(row.values[place], row.values[place])
            for row in self.rows.values()
            if row.values[place] is not KEPT
        ]
        managers = Managers(texts, numbers)
        if managers.wanted:
            known_here = {self.known_as.get(number, number) for number in self.rows}
            people = (facts for facts in self.staff.facts() if facts.employee_number not in known_here)
            managers.learn(people)
            managers.learn(self.merged_facts())
        heading = next(one.name for one in self.lines.columns if one.means == column)
        for number, row in list(self.rows.items()):
            text = row.values[place]
            if text is KEPT:
                continue
            try:
                found = managers.number(restored.get(text, text))
            except ValueError as error:
                self.plan.refused.append(
                    Refusal(row.line, number, _("%(label)s: %(text)s", label=heading, text=error.args[0]))
                )
                continue
            manager = self.gets.get(found, found)
            if manager != text:
                values = (*row.values[:place], manager, *row.values[place + 1 :])
                self.rows[number] = row._replace(values=values)
        self.lines.counts["manager"] += managers.by_words

    def merged_facts(self) -> Iterator[Facts]:
        """Everybody in the file, as they will be."""
        for number, stored in self.beside_stored():
            record = stored | self.given(self.rows[number])
            yield Facts.of("", record | {"employee_number": self.gets.get(number, number)})

    def beside_stored(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The number of each row, and the record as it is now, or nothing for a new person."""
        fields = [getattr(Employee, name) for name in FIELDS]
        for numbers in chunked(list(self.rows), CHUNK):
            wanted = {number: self.known_as.get(number, number) for number in numbers}
            known = [number for number in wanted.values() if number in self.staff.id_of]
            staff: Any = Employee.select(*fields).where(
                Employee.organisation == self.plan.organisation, Employee.employee_number.in_(known)
            )
            found = staff.tuples() if known else ()
            stored = {record[0]: dict(zip(FIELDS, record, strict=True)) for record in found}
            for number in numbers:
                yield number, stored.get(wanted[number], {})

    def sort_in(self) -> None:
        refused = {refusal.line for refusal in self.plan.refused}
        for number, stored in self.beside_stored():
            row = self.rows[number]
            if row.line not in refused:
                self.sort_in_row(row, self.gets.get(number, number), stored)

    def sort_in_row(self, row: Row, number: str, stored: dict[str, Any]) -> None:
        """Add the row to those that are added, changed, unchanged, skipped or refused."""
        given = self.given(row) | {"employee_number": number}
        manager, second = given.pop(MANAGER, None), given.pop(SECOND, None)
        record = {**BLANK, **stored, **given}
        if row.standing is Standing.LEFT and record["end_date"] is None and stored.get("end_date"):
            # The file says no day, and the record has one already.
            given["end_date"] = record["end_date"] = stored["end_date"]
        if row.standing is Standing.LEFT and record["end_date"] is None:
            if not self.has_left(record):
                return
            given["end_date"] = record["end_date"]
        reasons = {**rules.record_problems(record), **self.contradicts(row, given)}
        reasons = {**reasons, **self.outside(record, {MANAGER: manager, SECOND: second}, number)}
        if second == number:
            reasons = {**reasons, SECOND: _("An employee cannot be their own second manager: choose somebody else.")}
        if reasons:
            self.plan.refused.append(Refusal(row.line, row.employee_number, joined(*reasons.values())))
        elif not stored:
            self.plan.added.append(Entry(row.line, tuple(record.values()), manager, second=second))
        else:
            changes = {name: [stored[name], value] for name, value in given.items() if value != stored[name]}
            now_under = self.staff.manager_of[number]
            if manager is not None and manager != now_under:
                changes[MANAGER] = [now_under, manager]
            if second is not None and second != self.staff.second_of[number]:
                changes[SECOND] = [self.staff.second_of[number], second]
            if changes:
                was = stored["employee_number"] if "employee_number" in changes else ""
                self.plan.changed.append(Entry(row.line, tuple(record.values()), manager, changes, was, second))
            else:
                self.plan.unchanged += 1

    def contradicts(self, row: Row, given: dict[str, Any]) -> dict[str, str]:
        """A person who is hired again may keep the end date of before."""
        end = given.get("end_date")
        over = row.standing is Standing.ACTIVE and end is not None and end < self.plan.organisation.today
        return {"end_date": STILL_HERE} if over else {}

    def outside(self, record: dict[str, Any], above: dict[str, str | None], number: str) -> dict[str, str]:
        """What is wrong with a record that lies outside of the part that the user sees, or gets a manager there."""
        if self.plan.sight is None or self.plan.sight.is_whole:
            return {}
        wrong = searching.outside(self.plan.sight, record)
        now_above = {MANAGER: self.staff.manager_of.get(number), SECOND: self.staff.second_of.get(number)}
        known = self.staff.manager_of.keys() | self.rows.keys() | set(self.gets.values())
        for column, manager in above.items():
            if manager and manager != now_above[column] and manager not in known:
                wrong[column] = _(NO_SUCH_MANAGER, manager=manager)
        return wrong

    def has_left(self, record: dict[str, Any]) -> bool:
        """What to do with a person who has left, by the file, and has no end date. False to skip the line."""
        if self.answers.leavers == Leavers.SKIP:
            self.plan.left_out += 1
            return False
        if self.answers.leavers == Leavers.END:
            record["end_date"] = self.answers.last_day
        elif not self.answers.leavers:
            self.plan.leavers.append(names.whole_name(record))
        return True


def _check_managers(plan: ImportPlan, staff: Staff, numbers: Iterable[str]) -> None:
    """Refuse managers who are skipped, and rows that would have a person report to themselves."""
    entries = {entry.employee_number: entry for entry in (*plan.added, *plan.changed) if entry.manager is not None}
    known = staff.manager_of.keys() | set(numbers)
    known |= {refusal.employee_number for refusal in plan.refused}
    above = {**staff.manager_of, **{number: entry.manager or "" for number, entry in entries.items()}}
    for number, entry in entries.items():
        if entry.manager and entry.manager not in known and entry.manager != staff.manager_of.get(number):
            plan.refused.append(Refusal(entry.line, number, _(NO_SUCH_MANAGER, manager=entry.manager)))
    for loop in _loops(above):
        for number in loop & entries.keys():
            reason = _(
                "With these managers, %(number)s would report to themselves: "
                "give somebody in that line another manager.",
                number=number,
            )
            plan.refused.append(Refusal(entries[number].line, number, reason))


def _loops(above: Mapping[str, str]) -> Iterator[set[str]]:
    """Every circle of people in which each reports to the next. above: a person's manager, "" for none."""
    done: set[str] = set()
    for person in above:
        path: dict[str, int] = {}
        while person and person not in done and person not in path:
            path[person] = len(path)
            person = above.get(person, "")
        if person in path:
            yield set(list(path)[path[person] :])
        done.update(path)
