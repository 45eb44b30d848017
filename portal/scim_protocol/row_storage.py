"""Resources of SCIM that are rows of a table: how one is found, a search is answered, and a row is shown."""

from collections.abc import Iterable
from datetime import UTC
from itertools import islice
from typing import Any, ClassVar

from scim2_models import (
    InvalidFilterException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ScimFilter,
    SearchRequest,
    TooManyException,
)
from scim2_server.storage import ScimStorage, SearchPage

# No page begins behind it: the database counts no further than a number of 64 bits.
FURTHEST = 1_000_000_000
# So many are compared with a filter that no index answers, one by one: two or three seconds for the longest.
MOST_COMPARED = 5_000
TOO_MANY = "Too many could match: ask with eq for userName, externalId, id or emails.value, or page without a filter."


class RowStorage(ScimStorage):
    """A row has resource_id, resource, version and made_at.

    mine: which rows are there for the client that asks. kind: what a row is shown as, and described: that in words of
    SCIM. changed: the column that says when a row was last changed. missing: the refusal where there is no such row.
    """

    model: ClassVar[Any]
    kind: ClassVar[Any]
    described: ClassVar[ResourceType]
    changed: ClassVar[str]
    missing: ClassVar[str]
    mine: Any

    def get(self, resource_type: ResourceType, resource_id: str, *, response_parameters: Any = None) -> Resource[Any]:
        return self.shown(self.row(resource_id))

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """One page; a filter is answered by Python, among the rows that could match it."""
        start, count = min(search_request.start_index_0 or 0, FURTHEST), search_request.count
        wanted, rows = search_request.filter, self.model.select().where(self.mine).order_by(self.model.id)
        if wanted is None:
            page = rows.offset(start).limit(count) if count is not None else rows.offset(start)
            return SearchPage(rows.count(), [self.shown(row) for row in page])
        if not wanted.models:
            wanted = ScimFilter[self.kind](str(wanted))  # type: ignore[name-defined]
        try:
            rows = list(islice(self.candidates(rows, wanted), MOST_COMPARED + 1))
            found = [one for one in map(self.shown, rows[:MOST_COMPARED]) if wanted.match(one)]
        except ValueError as problem:
            raise InvalidFilterException(detail=str(problem)) from None
        if len(rows) > MOST_COMPARED:
            raise TooManyException(detail=TOO_MANY)
        return SearchPage(len(found), found[start : start + count if count is not None else None])

    def candidates(self, rows: Any, wanted: ScimFilter[Any]) -> Iterable[Any]:
        """Those of the rows that could match the filter."""
        found: Iterable[Any] = rows.iterator()
        return found

    def row(self, resource_id: str, expected_version: str | None = None) -> Any:
        """Raises NotFoundException, and PreconditionFailedException when it has another version."""
        found = self.model.get_or_none(self.mine, self.model.resource_id == resource_id)
        if found is None:
            raise NotFoundException(detail=self.missing)
        if expected_version is not None and _version(found) != expected_version:
            raise PreconditionFailedException()
        return found

    def shown(self, row: Any) -> Resource[Any]:
        """The row as the client described it, and nothing that the portal knows besides."""
        found: Resource[Any] = self.kind.model_validate(row.resource)
        found.id = row.resource_id
        found.meta = Meta(
            resource_type=self.described.name, created=row.made_at.astimezone(UTC), version=_version(row),
            last_modified=getattr(row, self.changed).astimezone(UTC),
        )  # fmt: skip
        return found


def _version(row: Any) -> str:
    return f'W/"{row.version}"'
