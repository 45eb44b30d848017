"""What an answer must look like before anything of it is believed; each application describes its own with it."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError


class NotAsDescribed(Exception):
    """An answer of a shape that the application does not describe."""


class Shape(BaseModel):
    """Strict: a number is no text, and nothing is converted. may_be_empty: a write may be answered with nothing.

    How it is checked is worked out at the first answer of its kind: a process meets few of them.
    """

    model_config = ConfigDict(strict=True, defer_build=True)
    may_be_empty: ClassVar[bool] = False


def check(value: Any, shape: type[Shape]) -> Any:
    """The value itself, if it is of this shape. Raises NotAsDescribed."""
    try:
        shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise NotAsDescribed(f"{'.'.join(map(str, first['loc'])) or 'answer'}: {first['type']}") from None
    return value
