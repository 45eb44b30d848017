"""SCIM as a tester that others wrote sees it."""

from threading import Thread

import httpx2
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.provisioning.conftest import connection  # noqa: F401
from tests.scim.test_users import Directory, directory  # noqa: F401


class Quiet(WSGIRequestHandler):
    def log(self, *arguments):
        pass


@pytest.fixture
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def checked(address, token):
    """How many checks of the tester were met, and what it found wrong."""
    # Here, as every process of the tests reads this file, and to load these takes a second.
    from scim2_client.engines.httpx2 import SyncSCIMClient
    from scim2_tester import Status, check_server

    with httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as http:
        results = check_server(SyncSCIMClient(http))
    wrong = [f"{one.title}: {one.reason}" for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)]
    return sum(one.status == Status.SUCCESS for one in results), wrong


def test_o13_the_testers_checks_are_all_green_over_the_wire(address, entra):
    met, wrong = checked(f"{address}/scim/v2", entra.token)
    assert not wrong, "\n".join(wrong)
    assert met > 60


def test_o13_the_tester_meets_only_the_rules_for_addresses_and_levels(address, directory):  # noqa: F811
    """It makes values up, which are neither an address nor a level."""
    met, wrong = checked(f"{address}{Directory.BASE}", directory.token)
    assert not [one for one in wrong if "email address" not in one and "is none of Admin" not in one], "\n".join(wrong)
    assert met > 10
