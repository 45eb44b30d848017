"""What was done, what there is to give, who did what, and who asks."""

from peewee import JOIN

from portal import access, connected, seeing
from portal.api import lists, schemas, shaping
from portal.api.routes import ANY, PER_MINUTE, Listed, Reply, pages, route
from portal.api_tokens import at_once, checking
from portal.api_tokens.scopes import Scope
from portal.audit import AuditEntry
from portal.connections.models import Connection
from portal.languages import N_
from portal.operations.models import Operation

blueprint = pages("records")


@route(
    blueprint, "GET", "/operations", scope=Scope.ACCOUNTS_READ, summary=N_("List what was done to accounts"),
    query=schemas.OperationQuery, answer=schemas.Operation, many=True,
)  # fmt: skip
def list_operations(query: schemas.OperationQuery) -> Listed:
    found = Operation.select(Operation, Connection).join(Connection, JOIN.INNER)
    found = found.where(Operation.organisation == access.organisation())
    if query.changed_since is not None:
        since = query.changed_since
        found = found.where((Operation.created_at >= since) | (Operation.finished_at >= since))
    for name in ("employee", "state", "verb"):
        if value := getattr(query, name):
            found = found.where(getattr(Operation, name) == value)
    rows, after, count = lists.page_of(found, Operation.id, query)
    return Listed([shaping.operation(row) for row in rows], after, count)


@route(
    blueprint, "GET", "/operations/<int:operation_id>", scope=Scope.ACCOUNTS_READ, summary=N_("Read how far it is"),
    answer=schemas.Operation, etag=True,
)  # fmt: skip
def read_operation(operation_id: int, query: schemas.Query) -> Reply:
    body = shaping.operation(seeing.own_or_404(Operation, operation_id))
    return Reply(body, version=shaping.version(body))


@route(
    blueprint, "GET", "/plans", scope=Scope.ACCOUNTS_READ, summary=N_("List licences and free seats"),
    answer=schemas.Licence, many=True,
)  # fmt: skip
def list_plans(query: schemas.Query) -> Listed:
    return Listed([
        schemas.Licence(
            application=connection.service, id=licence["id"], name=licence["name"], free=licence.get("free")
        )
        for connection in connected.connections()
        for licence in connection.licences
    ])  # fmt: skip


@route(
    blueprint, "GET", "/audit", scope=Scope.AUDIT_READ, summary=N_("Read the audit log"), query=schemas.AuditQuery,
    answer=schemas.AuditLine, many=True, lines=True,
)  # fmt: skip
def list_audit(query: schemas.AuditQuery) -> Listed:
    found = AuditEntry.select().where(AuditEntry.organisation == access.organisation())
    if query.since is not None:
        found = found.where(AuditEntry.at >= query.since)
    if query.action:
        found = found.where(AuditEntry.action == query.action)
    if query.behind:
        found = found.where(AuditEntry.number > query.behind)
    rows, after, count = lists.page_of(found, AuditEntry.number, query)
    before = _hashes([row.number - 1 for row in rows])
    return Listed([shaping.audit_line(row, before.get(row.number - 1, "")) for row in rows], after, count)


def _hashes(numbers: list[int]) -> dict[int, str]:
    """The hashes of these lines, by number."""
    query = AuditEntry.select(AuditEntry.number, AuditEntry.hash)
    query = query.where(AuditEntry.organisation == access.organisation(), AuditEntry.number.in_(numbers))
    return dict(query.tuples())


@route(blueprint, "GET", "/me", scope=ANY, summary=N_("Read what this token may do"), answer=schemas.Me)
def read_me(query: schemas.Query) -> Reply:
    token = checking.current.get()
    assert token is not None  # noqa: S101 - access.py lets nobody else in
    organisation = token.organisation
    mine = schemas.MyOrganisation(
        key=organisation.key, name=organisation.name, plan=organisation.plan, time_zone=organisation.time_zone
    )
    limits = schemas.Limits(per_minute=PER_MINUTE, at_once=at_once.MOST, page=schemas.MOST)
    return Reply(schemas.Me(
        token=token.key, name=token.name, scopes=token.scopes, networks=token.networks, expires_at=token.expires_at,
        made_by=token.made_by_name, organisation=mine, limits=limits,
    ))  # fmt: skip
