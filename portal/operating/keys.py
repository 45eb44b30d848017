"""Every secret of the database encrypted again with the first key, while the portal runs, so that an old key can go."""

from collections.abc import Iterator
from typing import Any

from peewee import Model, TextField

from portal import vault
from portal.database import BaseModel

ENCRYPTED = "encrypted_"
AT_ONCE = 200


def encrypted_fields() -> list[tuple[type[Model], TextField]]:
    """Each column of each table that holds something encrypted: those whose name begins so."""
    found = []
    for model in sorted(_all_models(BaseModel), key=lambda model: model.__name__):
        found += [(model, field) for field in model._meta.sorted_fields if field.name.startswith(ENCRYPTED)]
    return found


def _all_models(model: type[Model]) -> Iterator[type[Model]]:
    for child in model.__subclasses__():
        yield child
        yield from _all_models(child)


def rotate() -> dict[str, int]:
    """Encrypt everything again; returns how many values of each column. Raises CannotOpen when no key opens one.

    A value that a user changes in the meantime is left alone: it is encrypted with the first key already.
    """
    counted = {}
    for model, field in encrypted_fields():
        count, last = 0, 0
        while rows := _some(model, field, last):
            for row_id, encrypted in rows:
                if is_replaced_when_lost(model) and not _opens(encrypted):
                    continue
                mine: Any = (model.id == row_id) & (field == encrypted)  # type: ignore[attr-defined]
                count += model.update({field: vault.encrypt_again(encrypted)}).where(mine).execute()
            last = rows[-1][0]
        counted[f"{model._meta.table_name}.{field.name}"] = count
    return counted


def is_replaced_when_lost(model: type[Model]) -> bool:
    """Whether the portal replaces in time what it cannot open, so that it need not stop a rotation."""
    return getattr(model, "replaced_when_lost", False)


def _opens(encrypted: str) -> bool:
    try:
        vault.decrypt(encrypted)
    except vault.CannotOpen:
        return False
    return True


def _some(model: Any, field: Any, after: int) -> list[tuple[int, str]]:
    query = model.select(model.id, field).where(field != "", model.id > after).order_by(model.id).limit(AT_ONCE)
    return list(query.tuples())
