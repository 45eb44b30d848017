"""One page of a collection, and the link to the next.

https://learn.microsoft.com/graph/paging
"""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from portal.sandbox.odata import filters, searches
from portal.sandbox.odata.kinds import Kind
from portal.sandbox.odata.options import Options
from portal.sandbox.refusals import Refusal, unsupported
from portal.sandbox.state.models import Lag

PAGE_TOKEN_LIFE = 3600.0


def expired() -> Refusal:
    return Refusal(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )


def token(values: list[Any]) -> str:
    """Something opaque that holds the values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def values_of(text: str) -> list[Any]:
    """What `token` was made of. Raises ValueError."""
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(found, list):
        raise ValueError(text)
    return found


def linked(base: str, options: Options, **more: str) -> str:
    """The address with the options of the request and some more."""
    kept = {name: value for name, value in options.raw.items() if name not in ("$skiptoken", "$deltatoken")}
    pairs = [*kept.items(), *((f"${name}", value) for name, value in more.items())]
    return f"{base}?" + "&".join(f"{quote(name, safe='$')}={quote(value)}" for name, value in pairs)


def listing(
    kind: Kind,
    condition: Callable[[Any], Any],
    options: Options,
    show: Callable[[dict], dict],
    *,
    base: str,
    moment: float,
) -> dict[str, Any]:
    """@odata.count, @odata.nextLink and value of one page.

    condition: what belongs to the collection, as an expression over the model. base: the collection's own address.
    """
    model = _model(kind, options)
    wanted = _condition(kind, model, condition, options)
    order, descending = _order(kind, model, options)
    start = _start(options, moment)
    query = model.select(model.seq, order or model.seq, model.body).where(wanted)
    if start is not None:
        query = query.where(_beyond(model, order, descending, *start))
    keys = [model.seq] if order is None else [order.desc() if descending else order.asc(), model.seq]
    rows = list(query.order_by(*keys).limit(options.top + 1).tuples())
    page: dict[str, Any] = {}
    if options.advanced and start is None:
        page["@odata.count"] = model.select().where(wanted).count()
    if len(rows) > options.top:
        rows.pop()
        seq, key, _ = rows[-1]
        page["@odata.nextLink"] = linked(base, options, skiptoken=token([moment, key, seq]))
    page["value"] = [show(body) for _, _, body in rows]
    return page


def count(kind: Kind, condition: Callable[[Any], Any], options: Options) -> int:
    """How many there are, for /$count. https://learn.microsoft.com/graph/count-query-parameter"""
    if not options.eventual:
        raise Refusal(400, "Request_BadRequest", "$count is not currently supported.")
    model = _model(kind, options)
    return model.select().where(_condition(kind, model, condition, options)).count()


def _model(kind: Kind, options: Options) -> Any:
    """Advanced queries read an index that may lag behind; while nothing does, it is the same as the directory."""
    return kind.indexed_model if options.eventual and Lag.select().exists() else kind.model


def _condition(kind: Kind, model: Any, condition: Callable[[Any], Any], options: Options) -> Any:
    wanted = condition(model)
    if options.filter:
        wanted = wanted & filters.compiled(options.filter, kind, model, advanced=options.advanced)
    if options.search:
        wanted = wanted & searches.compiled(options.search, kind, model, eventual=options.eventual)
    return wanted


def _order(kind: Kind, model: Any, options: Options) -> tuple[Any, bool]:
    if not options.orderby:
        return None, False
    name, _, direction = options.orderby.strip().partition(" ")
    plain = name in kind.sorted_plain and not options.filter and not options.search
    if not plain and not (options.advanced and name in kind.sorted_advanced):
        raise unsupported("Sorting not supported for current query.")
    if direction.strip().lower() not in ("", "asc", "desc"):
        raise unsupported("Sorting not supported for current query.")
    return getattr(model, kind.properties[name].column), direction.strip().lower() == "desc"


def _start(options: Options, moment: float) -> tuple[Any, int] | None:
    """The key and the number of the last one on the page before."""
    if not options.skiptoken:
        return None
    try:
        made, key, seq = values_of(options.skiptoken)
    except ValueError:
        raise expired() from None
    if not isinstance(made, int | float) or moment - made > PAGE_TOKEN_LIFE:
        raise expired()
    return key, int(seq)


def _beyond(model: Any, order: Any, descending: bool, key: Any, seq: int) -> Any:
    if order is None:
        return model.seq > seq
    if key is None:
        later = order.is_null() & (model.seq > seq)
        return later if descending else later | order.is_null(False)
    further = order < key if descending else order > key
    same = (order == key) & (model.seq > seq)
    # Without a value sorts first, as SQLite has it.
    return further | same | order.is_null() if descending else further | same
