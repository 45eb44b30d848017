"""What every service's tables are made of."""

import json
from typing import Any

from peewee import Model, TextField

from portal.selecting import KeptSelect
from portal.writing import KeptDelete, KeptInsert, KeptUpdate

packed = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JSONText(TextField):
    """JSON, written as text."""

    def db_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else packed(value)

    def python_value(self, value: Any) -> Any:
        return value if value is None else json.loads(value)


class KeptModel(Model):
    """A table whose statements are put together once for each shape."""

    @classmethod
    def select(cls, *fields: Any) -> Any:
        """As peewee's own: of these fields or models, of all columns without any."""
        return KeptSelect(cls, fields or cls._meta.sorted_fields, is_default=not fields)

    @classmethod
    def insert(cls, __data: Any = None, **values: Any) -> Any:
        """As peewee's own."""
        return KeptInsert(cls, cls._normalize_data(__data, values))  # type: ignore[attr-defined]

    @classmethod
    def update(cls, __data: Any = None, **values: Any) -> Any:
        """As peewee's own."""
        return KeptUpdate(cls, cls._normalize_data(__data, values))  # type: ignore[attr-defined]

    @classmethod
    def delete(cls) -> Any:
        """As peewee's own."""
        return KeptDelete(cls)
