from tests.provisioning.conftest import connection, wei, wei_active  # noqa: F401
