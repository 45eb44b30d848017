"""Disagreements for other systems: what differs at an application, and what a person can do about it on the page."""

from typing import Any

from portal import access, seeing
from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.api import account_views, brake, lists
from portal.api.routes import Listed, Reply, pages, route
from portal.api.schemas import Nothing, Operation, Preview, Query, Writing
from portal.api.shaping import PRIVATE, version
from portal.api_bulk import schemas
from portal.api_tokens import checking
from portal.api_tokens.scopes import Scope
from portal.connections.models import Connection
from portal.languages import N_
from portal.provisioning import actions
from portal.sync import differences
from portal.sync.differences import STATUS, Difference

blueprint = pages("disagreements")
ONE = "/disagreements/<int:difference_id>"


def _shown(row: Difference, state: Any = "") -> schemas.Disagreement:
    hidden = row.what in PRIVATE and not checking.sees_private()
    return schemas.Disagreement(
        id=str(row.id), employee=str(row.account.employee_id), application=row.account.connection.service,
        field=row.what, sent="" if hidden else row.ours, shown="" if hidden else row.theirs,
        state=state or ("ignored" if row.ignored else "open"), seen_at=row.seen_at,
    )  # fmt: skip


def _reply(row: Difference, state: str = "") -> Reply:
    body = _shown(row, state)
    return Reply(body, version=version(body))


@route(
    blueprint, "GET", "/disagreements", scope=Scope.ACCOUNTS_READ, summary=N_("List what differs at an application"),
    query=schemas.DisagreementQuery, answer=schemas.Disagreement, many=True,
)  # fmt: skip
def list_disagreements(query: schemas.DisagreementQuery) -> Listed:
    mine = (Difference.organisation == access.organisation()) & Account.detached_at.is_null()
    found = Difference.select(Difference, Account, Connection).join(Account).join(Connection).where(mine)
    if query.employee is not None:
        found = found.where(Account.employee == query.employee)
    if query.application:
        found = found.where(Connection.service == query.application)
    if query.state:
        found = found.where(Difference.ignored == (query.state == "ignored"))
    rows, after, count = lists.page_of(found, Difference.id, query)
    return Listed([_shown(row) for row in rows], after, count)


@route(
    blueprint, "GET", ONE, scope=Scope.ACCOUNTS_READ, summary=N_("Read one disagreement"), answer=schemas.Disagreement,
    etag=True,
)  # fmt: skip
def read_disagreement(difference_id: int, query: Query) -> Reply:
    return _reply(seeing.own_or_404(Difference, difference_id))


@route(
    blueprint, "POST", f"{ONE}/push", scope=Scope.ACCOUNTS_WRITE, summary=N_("Send it to the application again"),
    query=Writing, body=Nothing, answer=Operation, status=202, once=True,
)  # fmt: skip
def push_disagreement(difference_id: int, query: Writing, body: Nothing) -> Reply:
    row = seeing.own_or_404(Difference, difference_id)
    if query.dry_run:
        return _preview(row, row.theirs, row.ours)
    place = Place.of_account(row.account)
    if row.what == STATUS:
        return account_views.act(place, lambda by: actions.deactivate_account(place, by=by))
    return account_views.act(place, lambda by: actions.update_account(place, by=by, only=row.what))


@route(
    blueprint, "POST", f"{ONE}/accept", scope=Scope.EMPLOYEES_WRITE, summary=N_("Take what the application shows"),
    query=Writing, body=Nothing, answer=schemas.Disagreement,
)  # fmt: skip
def accept_disagreement(difference_id: int, query: Writing, body: Nothing) -> Reply:
    row = seeing.own_or_404(Difference, difference_id)
    if row.what in PRIVATE:
        checking.need(_token(), Scope.EMPLOYEES_PRIVATE)
    if query.dry_run:
        return _preview(row, row.ours, row.theirs)
    differences.accept(row, by=_token().actor)
    return _reply(row, "accepted")


@route(
    blueprint, "POST", f"{ONE}/ignore", scope=Scope.ACCOUNTS_WRITE, summary=N_("Leave it until it changes again"),
    query=Writing, body=Nothing, answer=schemas.Disagreement,
)  # fmt: skip
def ignore_disagreement(difference_id: int, query: Writing, body: Nothing) -> Reply:
    return _ignored(difference_id, query, ignored=True)


@route(
    blueprint, "POST", f"{ONE}/look-again", scope=Scope.ACCOUNTS_WRITE, summary=N_("Stop ignoring it"),
    query=Writing, body=Nothing, answer=schemas.Disagreement,
)  # fmt: skip
def look_again(difference_id: int, query: Writing, body: Nothing) -> Reply:
    return _ignored(difference_id, query, ignored=False)


def _ignored(difference_id: int, query: Writing, *, ignored: bool) -> Reply:
    row = seeing.own_or_404(Difference, difference_id)
    if not query.dry_run:
        differences.ignore(row, ignored, by=_token().actor)
        return _reply(Difference.get_by_id(row.id))
    before, after = ("ignored" if one else "open" for one in (row.ignored, ignored))
    return Reply(Preview(before={"state": before}, after={"state": after}, brake=_brake()))


def _preview(row: Difference, before: str, after: str) -> Reply:
    if row.what in PRIVATE and not checking.sees_private():
        before = after = ""
    return Reply(Preview(before={row.what: before}, after={row.what: after}, brake=_brake()))


def _brake() -> Any:
    return brake.accounts(access.organisation())


def _token() -> Any:
    return checking.current.get()
