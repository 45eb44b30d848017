from tests.provisioning.conftest import connection, impatient  # noqa: F401
