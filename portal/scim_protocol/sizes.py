"""How much one request of SCIM may say, and how much is kept of one person.

The library looks at the whole person again for each operation of a PATCH, and for each value that it adds: what is
counted here keeps that to a moment.
"""

from typing import Any

from scim2_models import InvalidValueException

# Of one person, or one change of a person: named values and entries of lists, all counted.
MOST_PARTS = 1_000
# Of one text, in characters.
LONGEST_TEXT = 10_000


def check(body: dict[str, Any], *, bulk: bool) -> None:
    """Of a request; a bulk request may have so many parts in each operation. Raises InvalidValueException."""
    operations = next((body[name] for name in body if name.casefold() == "operations"), None)
    for one in operations if bulk and isinstance(operations, list) else [body]:
        check_parts(one)


def check_parts(said: Any) -> None:
    """Raises InvalidValueException for more than one person consists of, or for a text that is too long."""
    waiting, parts = [said], 0
    while waiting:
        found = waiting.pop()
        if isinstance(found, str) and len(found) > LONGEST_TEXT:
            raise InvalidValueException(detail=f"A value has at most {LONGEST_TEXT} characters.")
        inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
        parts += len(inner)
        if parts > MOST_PARTS:
            raise InvalidValueException(detail=f"A person, or a change of one, has at most {MOST_PARTS} values.")
        waiting.extend(inner)
