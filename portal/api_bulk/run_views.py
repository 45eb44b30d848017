"""Bulk actions for other systems: they plan one and ask for its start, and a person lets it go."""

from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from portal import access, connected, seeing
from portal.api import brake, lists, once
from portal.api.routes import Listed, NotValid, Reply, pages, route
from portal.api.schemas import Nothing, Preview, Query, Writing
from portal.api.shaping import version
from portal.api_bulk import schemas
from portal.api_tokens import checking
from portal.api_tokens.models import ApiToken
from portal.api_tokens.scopes import Scope
from portal.connectors import SERVICES
from portal.languages import N_
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.run_pages.forms import WITHOUT, NewRunForm
from portal.runs import actions, queries
from portal.runs.models import BY_RULE, Run, RunLine, RunState

blueprint = pages("runs")
ONE = "/runs/<int:run_id>"
SEND = {"now": "now", "on_start_date": "start", "at": "at"}
# Field of the form -> field of the body.
SENT_AS = {"date": "send_at", "time": "send_at", "licence": "licence_id", "people": "employees"}


def _shown(run: Run) -> schemas.Run:
    return schemas.Run(
        id=str(run.id), application=run.connection.service, verb=run.verb, state=run.state, by=run.by_name,
        approved_by=run.approved_by_name, waits_because=run.approval_reason, reason=run.reason, source=run.source,
        problem=run.problem, people={str(state): count for state, count in sorted(queries.counts(run).items())},
        created_at=run.created_at, started_at=run.started_at, finished_at=run.finished_at,
    )  # fmt: skip


def _reply(run: Run, status: int = 200) -> Reply:
    body = _shown(run)
    return Reply(
        body, status, version=version(body), location=f"/api/v1/runs/{run.id}" if status == 202 else "",
        made=once.Made("run", run.id),
    )  # fmt: skip


once.SHOWN["run"] = lambda number: _reply(seeing.own_or_404(Run, number), 202)


@route(
    blueprint, "GET", "/runs", scope=Scope.ACCOUNTS_READ, summary=N_("List bulk actions"), query=schemas.RunQuery,
    answer=schemas.Run, many=True,
)  # fmt: skip
def list_runs(query: schemas.RunQuery) -> Listed:
    found = Run.select().where(Run.organisation == access.organisation())
    for name in ("state", "verb"):
        if value := getattr(query, name):
            found = found.where(getattr(Run, name) == value)
    rows, after, count = lists.page_of(found, Run.id, query)
    return Listed([_shown(run) for run in rows], after, count)


@route(
    blueprint, "GET", ONE, scope=Scope.ACCOUNTS_READ, summary=N_("Read how far a bulk action is"), answer=schemas.Run,
    etag=True,
)  # fmt: skip
def read_run(run_id: int, query: Query) -> Reply:
    return _reply(seeing.own_or_404(Run, run_id))


@route(
    blueprint, "GET", f"{ONE}/people", scope=Scope.ACCOUNTS_READ, summary=N_("List the people of a bulk action"),
    query=schemas.LineQuery, answer=schemas.Line, many=True,
)  # fmt: skip
def list_people(run_id: int, query: schemas.LineQuery) -> Listed:
    found = RunLine.select().where(RunLine.run == seeing.own_or_404(Run, run_id))
    if query.state:
        found = found.where(RunLine.state == query.state)
    rows, after, count = lists.page_of(found, RunLine.id, query)
    return Listed([_line(row) for row in rows], after, count)


def _line(row: RunLine) -> schemas.Line:
    return schemas.Line(
        employee=str(row.employee_id), state=row.state, before=row.before, after=row.after, reason=row.reason,
        operation=str(row.operation_id) if row.operation_id is not None else None,
    )  # fmt: skip


@route(
    blueprint, "POST", "/runs", scope=Scope.ACCOUNTS_WRITE, summary=N_("Plan a bulk action"), query=Writing,
    body=schemas.NewRun, answer=schemas.Run, status=202, once=True,
    example={"application": next(iter(SERVICES)), "verb": "deactivate", "employees": ["17", "18"]},
)  # fmt: skip
def plan_run(query: Writing, body: schemas.NewRun) -> Reply:
    connection = next((one for one in connected.connections() if one.service == body.application), None)
    if connection is None:
        raise NotValid({"/application": "Your organisation is not connected to this application."})
    chosen = seeing.visible_employees().where(Employee.id.in_(_ids(body.employees)))
    form = NewRunForm(access.organisation(), connection, formdata=_filled(body, connection), meta={"csrf": False})
    if not form.validate():
        raise NotValid({f"/{SENT_AS.get(name, name)}": " ".join(words) for name, words in form.errors.items()})
    if query.dry_run:
        return _preview({}, {"verb": body.verb, "people": chosen.count()})
    run = actions.plan_run(
        connection, Verb(body.verb), (chosen,), by=_token().actor, source=_token().actor, options=form.options(),
        reason=body.reason,
    )  # fmt: skip
    return _reply(run, 202)


def _ids(said: list[str]) -> list[int]:
    """The numbers of these employees. Raises NotValid when somebody is none of the organisation's."""
    numbers = [int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 10]
    rows = seeing.visible_employees().where(Employee.id.in_(numbers)).select(Employee.id).tuples()
    known = {str(one) for (one,) in rows}
    unknown = [index for index, one in enumerate(said) if one not in known]
    if unknown:
        raise NotValid({f"/employees/{index}": "Nobody in your organisation has this id." for index in unknown[:20]})
    return numbers


def _filled(body: schemas.NewRun, connection: Any) -> MultiDict:
    """The form behind the page, as a person would fill it in."""
    licence = body.licence_id or BY_RULE
    moment = body.send_at.astimezone(access.organisation().zone) if body.send_at is not None else None
    day, time = schemas.day_and_time(moment)
    values = [
        ("verb", body.verb), ("domain", body.domain or next(iter(connection.domains), "")),
        ("licence", WITHOUT if licence == "none" else licence), ("send", SEND[body.send]),
        ("update_company_email", "y" * body.update_company_email), ("date", day.isoformat() if day else ""),
        ("time", time), *(("add", one) for one in body.add), *(("remove", one) for one in body.remove),
    ]  # fmt: skip
    return MultiDict([(name, value) for name, value in values if value])


def _token() -> ApiToken:
    found = checking.current.get()
    if found is None:
        raise NotFound()
    return found


def _preview(before: dict[str, Any], after: dict[str, Any]) -> Reply:
    return Reply(Preview(before=before, after=after, brake=brake.accounts(access.organisation())))


@route(
    blueprint, "POST", f"{ONE}/start", scope=Scope.ACCOUNTS_WRITE,
    summary=N_("Ask for the start of a planned bulk action"),
    query=Writing, body=Nothing, answer=schemas.Run, status=202, once=True,
)  # fmt: skip
def start_run(run_id: int, query: Writing, body: Nothing) -> Reply:
    run = seeing.own_or_404(Run, run_id)
    if query.dry_run:
        return _preview({"state": run.state}, {"state": str(RunState.TO_APPROVE)})
    actions.start(run, by=_token().actor, asked_by=_token().made_by_id)
    return _reply(Run.get_by_id(run.id), 202)


@route(
    blueprint, "POST", f"{ONE}/cancel", scope=Scope.ACCOUNTS_WRITE, summary=N_("Cancel what has not begun"),
    query=Writing, body=Nothing, answer=schemas.Run, status=202, once=True,
)  # fmt: skip
def cancel_run(run_id: int, query: Writing, body: Nothing) -> Reply:
    run = seeing.own_or_404(Run, run_id)
    if query.dry_run:
        return _preview({"state": run.state}, {"state": str(RunState.CANCELLED)})
    actions.cancel(run, by=_token().actor)
    return _reply(Run.get_by_id(run.id), 202)
