from tests.provisioning.conftest import connection, wei  # noqa: F401
from tests.provisioning.conftest import wei_with_account as wei_active  # noqa: F401
