"""What a user typed into a form, when the portal has to show it once more: never a secret, and nothing beside one."""

from collections.abc import Iterator
from functools import lru_cache

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField, StringField
from wtforms.fields.core import UnboundField


class CodeField(StringField):
    """A code that signs a user in: as secret as a password, though it may be seen while it is typed."""

    def _value(self) -> str:
        """What the page shows again: nothing."""
        return ""


SECRET = (PasswordField, CodeField)


def typed(values: MultiDict) -> list[tuple[str, str]]:
    """The names and values of the form, without its token."""
    return [(name, value) for name, value in values.items(multi=True) if name != "csrf_token"]


def holds_secret(values: MultiDict) -> bool:
    """Whether a password or a code is among the form's fields: by their type, whatever they are called."""
    return any(name in secret_names() for name in values)


@lru_cache(maxsize=1)
def secret_names() -> frozenset[str]:
    """The names of fields, of any form, that hold a secret."""
    return frozenset(
        name
        for form in _forms(FlaskForm)
        for name, field in vars(form).items()
        if isinstance(field, UnboundField) and issubclass(field.field_class, SECRET)
    )


def _forms(form: type[Form]) -> Iterator[type[Form]]:
    for child in form.__subclasses__():
        yield child
        yield from _forms(child)
