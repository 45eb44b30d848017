"""Columns that every service's tables use."""

import json
from typing import Any

from peewee import TextField

packed = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JSONText(TextField):
    """JSON, written as text."""

    def db_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else packed(value)

    def python_value(self, value: Any) -> Any:
        return value if value is None else json.loads(value)
