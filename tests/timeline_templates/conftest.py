from tests.provisioning.conftest import connection  # noqa: F401
