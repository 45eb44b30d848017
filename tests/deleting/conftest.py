from tests.provisioning.conftest import connect, connection, impatient, wei, wei_active  # noqa: F401
