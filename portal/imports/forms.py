from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from portal.columns.answers import Answers, Leavers, Who, Zeros
from portal.columns.dates import Order
from portal.columns.headings import plain
from portal.columns.words import Standing
from portal.import_plans.spellings import Spelling
from portal.languages import gettext as _
from portal.people import rules


class ImportForm(FlaskForm):
    """The file to import."""

    file = FileField(_("File (CSV or XLSX)"), validators=[FileRequired(_("Choose a file."))])


def how_to_read(answers: Answers, found: Mapping[str, Any], form: Mapping[str, str]) -> None:
    """Note in which encoding, or on which sheet, the list is. found: what was offered."""
    encoding, sheet = form.get("encoding", ""), form.get("sheet", "")
    if encoding in (name for name, *_ in found.get("encodings") or ()):
        answers.encoding = encoding
    if sheet in (found.get("sheets") or ()) and sheet != found.get("sheet"):
        # The answers about the columns were about the other sheet.
        answers.sheet, answers.columns = sheet, {}


def file_answers(answers: Answers, words: list[str], form: Mapping[str, str]) -> None:
    """Keep the answers about the file as a whole. What is not a choice is not kept."""
    answers.dates = _chosen(form.get("dates"), Order) or answers.dates
    answers.zeros = _chosen(form.get("zeros"), Zeros) or answers.zeros
    for place, word in enumerate(words):
        said = _chosen(form.get(f"word-{place}"), Standing)
        if said:
            answers.words[plain(word)] = said


def spelling_answers(answers: Answers, asked: Iterable[Mapping[str, Any]], form: Mapping[str, str]) -> None:
    """Keep what words of lists mean. asked: as `summary.summary_of` has the questions.

    One answer counts for all that differ only in capital letters and have none of their own.
    """
    for place, question in enumerate(asked):
        spelling = Spelling(**question)
        answer = form.get(f"spelling-{place}", "")
        if not answer and "capitals" in form and spelling.is_capitals:
            answer = spelling.like[0]
        if spelling.allows(answer):
            answers.spell(spelling.field, spelling.word, answer)


def leaver_answers(answers: Answers, form: Mapping[str, str]) -> str:
    """Keep the answer about people who have left; returns what is wrong with it."""
    said = _chosen(form.get("leavers"), Leavers)
    if said == Leavers.END:
        try:
            day = rules.read_date(rules.tidy(form.get("left_on", "")))
        except ValueError as error:
            return str(error)
        if day is None or day > date.max:
            return _("Enter the last day of these people.")
        answers.left_on = day.isoformat()
    answers.leavers = said or answers.leavers
    return ""


def who_answers(form: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The answers about single lines, and about all the others: an answer, or nothing."""
    said = {name.removeprefix("who-"): value for name, value in form.items() if name.startswith("who-")}
    return said, _chosen(form.get("everybody"), Who)


def _chosen(value: str | None, choices: type[Order] | type[Zeros] | type[Standing] | type[Leavers] | type[Who]) -> str:
    return value if value in list(choices) and value else ""
