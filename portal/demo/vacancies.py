"""The invented vacancies and candidates of the demo."""

from datetime import timedelta

from portal import database
from portal.auth.models import User
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.recruitment import actions, choices, files, vacancies
from portal.recruitment.files import FileKind, StoredFile
from portal.recruitment.models import Application, Ended, Source, Stage, StageMove, Vacancy

DEVELOPER = """We build what our customers use every day, and we look for somebody who likes to finish things.

What you will do:

- write Python, and the tests first
- talk to customers when something is not clear
- take part in the rota: one week in eight

What we offer:

- 30 days of holiday, and work from home when you want
- a budget for books and one conference a year
"""
SALES = """You look after our customers in the north, from the first call to the yearly visit.

- You have sold to small companies before.
- You speak English and one more language.
"""
# first name, last name, days ago, stage it has come to or how it ended, a note
DEVELOPERS = (
    ("Zoë", "Łukasz", 9, "Interview", "Speaks Polish and German. Prefers mornings."),
    ("Mehmet", "Öztürk", 12, "Offer", ""),
    ("Anneliese", "Brückner", 6, "Screening", ""),
    ("Tariq", "Haidari", 4, "New", ""),
    ("Noor", "van Dijk", 2, "New", ""),
    ("孫", "美玲", 1, "New", ""),
    ("Gwen", "", 15, "not taken", ""),
)
SELLERS = (("Rosa", "Iglesias", 3, "New", ""), ("Finn", "O’Shea", 20, "Screening", "Called twice, no answer yet."))
INTRODUCTION = "We are sixty people in twelve countries. You hear from us within a week, whatever we decide."
PRIVACY = """Acme keeps what you send to decide about your application, and nobody else sees it.

We delete it six months after the decision. Write to privacy@acme.example to see it, correct it or have it deleted."""


def make(acme: Organisation, by: User) -> None:
    """Two open vacancies with candidates, and a draft."""
    developer = _vacancy(
        acme, by, "Developer", DEVELOPER, department="Engineering", place="Berlin", country="DE", openings=2,
        kind="Permanent", hours="Full time", hiring_manager=_employee(acme, "A0004"),
    )  # fmt: skip
    seller = _vacancy(
        acme, by, "Account Manager", SALES, department="Sales", place="Leeds", country="GB", kind="Permanent",
        hiring_manager=_employee(acme, "A0002"),
    )  # fmt: skip
    vacancies.add(acme, {"title": "Warehouse Lead", "department": "Logistics", "place": "Hull"}, by=by)
    values = {"introduction": INTRODUCTION, "privacy_notice": PRIVACY}
    choices.change(acme, choices.word_of(acme), values, by=by)
    for vacancy, people in ((developer, DEVELOPERS), (seller, SELLERS)):
        for one in people:
            _candidate(vacancy, by, *one)


def _employee(acme: Organisation, number: str) -> Employee:
    found: Employee = Employee.get(Employee.organisation == acme, Employee.employee_number == number)
    return found


def _vacancy(acme: Organisation, by: User, title: str, description: str, **values: object) -> Vacancy:
    asked = [{"key": "q1", "label": "From when could you start?", "kind": "line", "needed": True}]
    vacancy = vacancies.add(acme, {"title": title, "description": description, "questions": asked, **values}, by=by)
    vacancies.publish(vacancy, by=by)
    found: Vacancy = Vacancy.get_by_id(vacancy.id)
    return found


def _candidate(vacancy: Vacancy, by: User, first: str, last: str, days: int, came_to: str, note: str) -> None:
    number = Application.select().count() + 1
    application = actions.apply(
        vacancy, first, last, f"candidate{number}@home.example", "", {"q1": "The first of next month"},
        source=Source.CAREERS,
    )  # fmt: skip
    _cv(application)
    _date_back(application, days)
    if came_to == Ended.NOT_TAKEN:
        actions.end(application, Ended.NOT_TAKEN, by=by, reason="Not enough experience")
    elif came_to != "New":
        stage = Stage.get(Stage.vacancy == vacancy, Stage.name == came_to)
        actions.move(application, stage, by=by)
        since = database.now() - timedelta(days=days // 2)
        Application.update(since=since).where(Application.id == application.id).execute()
    if note:
        actions.add_note(application.candidate, note, by=by, application=application)


def _cv(application: Application) -> None:
    """A document to open, with the candidate's name in any script."""
    name, title = application.candidate.name, application.vacancy.title
    words = "".join(letter if letter.isascii() else f"\\u{ord(letter)}?" for letter in f"{name}\\par\\par {title}")
    content = f"{{\\rtf1\\ansi {words}\\par Ten years of experience.}}".encode()
    files.store(
        application.organisation, FileKind.CV, f"{name} – CV.rtf", content, candidate=application.candidate,
        application=application,
    )  # fmt: skip


def _date_back(application: Application, days: int) -> None:
    """The application as if it had come so many days ago."""
    moment = database.now() - timedelta(days=days)
    Application.update(applied_at=moment, since=moment).where(Application.id == application.id).execute()
    StoredFile.update(at=moment).where(StoredFile.application == application).execute()
    StageMove.update(at=moment).where(StageMove.application == application).execute()
