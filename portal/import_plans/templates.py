"""Files to begin with: the columns, and in the workbook a second sheet that says what belongs in them."""

import io
from collections.abc import Iterator

from flask import send_file
from werkzeug.wrappers import Response

from portal.columns.known import COLUMNS, MANAGER, SECOND
from portal.csv_lines import csv_line
from portal.import_plans.lines import label
from portal.languages import current, in_language
from portal.languages import gettext as _
from portal.people import rules

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES_AS_TEXT = 1_000
HELP = {
    "employee_number": _("Needed. Says which employee the line is about. A known number changes that employee."),
    "first_name": _("A first name or a last name is needed."),
    "preferred_name": _("What colleagues call the person, if that is not the first name."),
    MANAGER: _("The manager’s employee number. An email address, or a name such as Ruiz, Ana, is understood too."),
    SECOND: _("The second manager, in the same way. For information only: nothing follows from it."),
    "personal_email": _("The login information can be sent here."),
    "country": _("Two letters, such as GB, or the name."),
    "start_date": _("Year, month and day, such as 2026-03-31."),
    "employment_type": _("One of %(types)s.", types=", ".join(rules.EMPLOYMENT_TYPES)),
    "time_zone": _("A name such as Europe/Berlin. Needed only where the country has several."),
    "leave_from": _("The first day of a leave of absence."),
    "leave_to": _("The first day back at work. Empty while nobody knows it."),
    "end_date": _("The last day of work. Empty while nobody knows it."),
}
HEADINGS = [label(name) for name in COLUMNS]


def lines() -> Iterator[str]:
    yield csv_line(HEADINGS)


def workbook() -> Response:
    """The same as a workbook, in which every cell is text, so that no zero is lost and no date is changed."""
    # Large, and seldom needed.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    language = current()
    sheet.title = in_language(_("Employees"), language)
    sheet.append([in_language(heading, language) for heading in HEADINGS])
    for column in sheet.iter_cols(max_col=len(HEADINGS), max_row=LINES_AS_TEXT):
        sheet.column_dimensions[column[0].column_letter].width = 22
        for cell in column:
            cell.number_format = "@"
        column[0].font = Font(bold=True)
    sheet.freeze_panes = "A2"
    notes = book.create_sheet(in_language(_("What goes where"), language))
    for name, heading in zip(COLUMNS, HEADINGS, strict=True):
        notes.append([in_language(heading, language), in_language(HELP.get(name, ""), language)])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 22, 90
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return send_file(file, XLSX, as_attachment=True, download_name="employees-template.xlsx")
