"""A signed note that the portal has searched and found no account: with it, Create does not search again."""

import hashlib

from itsdangerous import BadData, URLSafeTimedSerializer

from portal.accounts.naming import naming_of
from portal.config import settings
from portal.connections.models import Connection
from portal.people.models import Employee
from portal.theirs.looking import Look
from portal.theirs.signs import of_employee

# Seconds for which a search that found nothing is believed.
BELIEVED_FOR = 600


def word_of(look: Look, employee: Employee, connection: Connection) -> str:
    """What the form keeps; empty when something was found or could not be checked."""
    return "" if look else _serializer().dumps(_about(employee, connection))


def holds(word: str, employee: Employee, connection: Connection) -> bool:
    """Whether it is the portal's own word, of lately, about this employee as the record is now."""
    try:
        return bool(_serializer().loads(word, max_age=BELIEVED_FOR) == _about(employee, connection))
    except BadData:
        return False


def _about(employee: Employee, connection: Connection) -> list:
    keys = str(sorted(of_employee(employee, naming_of(connection)).keys))
    return [employee.id, connection.id, hashlib.sha256(keys.encode()).hexdigest()]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key.get_secret_value(), salt="looked for an account")
