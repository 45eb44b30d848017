"""The stages of a vacancy: an organisation names and orders them as it works."""

from collections.abc import Iterable
from typing import Any

from peewee import chunked, fn

from portal import audit
from portal.auth.models import User
from portal.database import now
from portal.languages import gettext as _
from portal.problems import Problem
from portal.recruitment.models import Application, MoveKind, Stage, StageKind, StageMove, Vacancy

MOST = 12


class CannotChange(Problem):
    """The stages cannot be changed like that."""


def of(vacancy: Vacancy) -> list[Stage]:
    """In their order."""
    return list(Stage.select().where(Stage.vacancy == vacancy).order_by(Stage.position, Stage.id))


def of_each(vacancies: Iterable[Vacancy]) -> dict[int, list[Stage]]:
    """Those of several vacancies, by the vacancy's id, in their order."""
    found: dict[int, list[Stage]] = {one.id: [] for one in vacancies}
    rows: Any = Stage.select().where(Stage.vacancy.in_(list(found)))
    for stage in rows.order_by(Stage.position, Stage.id) if found else []:
        found[stage.vacancy_id].append(stage)
    return found


def people_on(vacancy: Vacancy) -> dict[int, int]:
    """How many applications that have not ended are on each stage, by its id; no entry for none."""
    found: Any = (
        Application.select(Application.stage, fn.COUNT(Application.id))
        .where(Application.vacancy == vacancy, Application.ended.is_null())
        .group_by(Application.stage)
    )
    return dict(found.tuples())


def add(vacancy: Vacancy, name: str, kind: StageKind, *, by: User) -> Stage:
    """A stage after the others. Raises CannotChange."""
    with audit.turn(vacancy.organisation_id):
        there = of(vacancy)
        if len(there) >= MOST:
            raise CannotChange(_("A vacancy has at most %(most)s stages.", most=MOST), _("Delete one first."))
        _refuse_taken(there, name)
        stage = Stage.create(
            organisation=vacancy.organisation_id, vacancy=vacancy, position=len(there) + 1, name=name, kind=kind
        )
        audit.record(by, "add stage", vacancy, stage=name)
    return stage


def change(stage: Stage, name: str, kind: StageKind, *, by: User) -> None:
    """Give the stage another name or kind. Raises CannotChange for a name that another one has."""
    with audit.turn(stage.organisation_id):
        _refuse_taken([one for one in of(stage.vacancy) if one.id != stage.id], name)
        Stage.update(name=name, kind=kind).where(Stage.id == stage.id).execute()
        audit.record(by, "change stage", stage.vacancy, stage=[stage.name, name])


def _refuse_taken(others: list[Stage], name: str) -> None:
    if name.casefold() in {one.name.casefold() for one in others}:
        raise CannotChange(_("There is a stage %(name)s already.", name=name), _("Choose a different name."))


def earlier(stage: Stage, *, by: User) -> None:
    """Swap the stage with the one before it, if there is one."""
    with audit.turn(stage.organisation_id):
        there = of(stage.vacancy)
        at = next((place for place, one in enumerate(there) if one.id == stage.id), 0)
        if at == 0:
            return
        there[at - 1], there[at] = there[at], there[at - 1]
        for position, one in enumerate(there, 1):
            Stage.update(position=position).where(Stage.id == one.id).execute()
        audit.record(by, "move stage", stage.vacancy, stage=stage.name)


def remove(stage: Stage, to: Stage | None, *, by: User) -> int:
    """Delete the stage; returns how many applications went to the stage `to`. Raises CannotChange.

    to: needed when an application that has not ended is there.
    """
    with audit.turn(stage.organisation_id):
        if len(of(stage.vacancy)) == 1:
            raise CannotChange(_("This is the last stage."), _("Add another one first."))
        there = Application.select().where(Application.stage == stage)
        still = list(there.where(Application.ended.is_null()))
        if still and (to is None or to.id == stage.id or to.vacancy_id != stage.vacancy_id):
            raise CannotChange(_("There are candidates on this stage."), _("Choose where they go."))
        if to is not None:
            _carry(still, stage, to, by)
        stage.delete_instance()
        audit.record(by, "delete stage", stage.vacancy, stage=stage.name, candidates_moved=len(still))
    return len(still)


def _carry(applications: list[Application], stage: Stage, to: Stage, by: User) -> None:
    moment = now()
    Application.update(stage=to).where(Application.stage == stage).execute()
    for some in chunked(applications, 300):
        ids = [one.id for one in some]
        Application.update(since=moment).where(Application.id.in_(ids)).execute()
        rows = [
            {"organisation": stage.organisation_id, "application": one, "kind": MoveKind.MOVED, "before": stage.name,
             "after": to.name, "reason": _("The stage was deleted"), "by": by, "by_name": by.display_name, "at": moment}
            for one in ids
        ]  # fmt: skip
        StageMove.insert_many(rows).execute()
