from tests.provisioning.conftest import connect, impatient  # noqa: F401
