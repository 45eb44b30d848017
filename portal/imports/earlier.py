"""What a user answered about a file counts for the next one with the same headings: the same file, corrected."""

from collections.abc import Sequence

from portal import access
from portal.access import Action
from portal.columns.answers import Answers
from portal.columns.headings import recognise
from portal.imports.uploads import Import, ImportState

# So many files of the user are looked through.
MOST = 5


def take_over(kept: Import, answers: Answers, header: Sequence[str]) -> None:
    """Add what the user answered about their latest file with these headings that waits still, a day at most.

    Only while nothing is answered about this file, and the user has not asked to answer all of it again.
    """
    if answers.any or answers.earlier:
        return
    waiting = Import.select(Import.answers, Import.found, Import.created_at).where(
        Import.by == kept.by_id, Import.id < kept.id, Import.state == ImportState.READ
    )
    headings: list[str] | None = None
    for before in waiting.order_by(Import.id.desc()).limit(MOST):
        said = Answers.of(before.answers)
        headings = headings or [column.heading[:200] for column in recognise(header).columns]
        if said != Answers() and before.found.get("header") == headings:
            answers.add(said, before.created_at.isoformat())
            # Who sees everybody says what columns mean for all later files, and can have that forgotten.
            if not access.may(Action.EDIT_MANY, kept.by):
                answers.columns = answers.columns or said.columns
            return
