import atexit
import gc
import importlib
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet

# What is imported stays: nobody need look for rubbish in it.
gc.disable()
# Images of Python say "write no bytecode": then each process that a test starts compiles the whole portal once more.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Before anything of the portal is imported: it reads the environment once.
FOLDER = Path(tempfile.mkdtemp(prefix="portal-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
# Processes that this one starts share what one of them makes for all.
os.environ.setdefault("TESTS_SHARED_FOLDER", str(FOLDER))
HERE = Path(__file__).parent
TEMPLATES = HERE.parent / ".pytest_cache" / "templates"
for name in [name for name in os.environ if name.startswith("PORTAL_")]:
    del os.environ[name]
if os.environ.get("TEST_DATABASE") == "postgresql":
    from tests.postgresql import new_database

    os.environ["PORTAL_DATABASE_URL"] = new_database()
    # That of the process that starts the others is there to the end, and nothing but the tables is ever in it.
    os.environ.setdefault("TESTS_TEMPLATE", os.environ["PORTAL_DATABASE_URL"])
os.environ.update(
    PORTAL_INSTANCE_DIR=str(FOLDER),
    PORTAL_SECRET_KEY="not a secret, only for tests",
    PORTAL_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    PORTAL_LOG_LEVEL="WARNING",
    PORTAL_PUBLIC_URL="http://localhost",
)

# jsonschema takes in a grammar of addresses where it finds one, which takes a second; no test asks for it.
sys.modules["rfc3987_syntax"] = None

from portal import audit, background, config, counting, create_app, database, garbage  # noqa: E402
from portal.addons import actions as addons  # noqa: E402
from portal.auth import passwords  # noqa: E402
from portal.auth.models import AccessLevel, OutsideSignIn, SignInFailure, User  # noqa: E402
from portal.connectors import SERVICES  # noqa: E402
from portal.connectors.microsoft365 import mailbox_client  # noqa: E402
from portal.connectors.microsoft365.fresh import FRESH  # noqa: E402
from portal.mail import lane  # noqa: E402
from portal.mail.trouble import MailTrouble  # noqa: E402
from portal.people.models import Employee  # noqa: E402
from portal.quotas import Quota  # noqa: E402
from tests import schema, wording  # noqa: E402
from tests.cast import Cast, Person  # noqa: E402
from tests.compiled import Compiled  # noqa: E402
from tests.connectors.second_service import Harbour, HarbourServer  # noqa: E402
from tests.contract import google as google_contract  # noqa: E402
from tests.contract import validate  # noqa: E402
from tests.mailbox import Mailbox  # noqa: E402
from tests.sandbox.google.process import GoogleProcess  # noqa: E402
from tests.sandbox.process import SandboxProcess  # noqa: E402

# Every user in the tests signs in, and the strength of a password costs nothing here.
passwords.hasher = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
# What a process has written outlives the process; only a power cut takes it, and no test cuts the power.
database.SQLITE_PRAGMAS["synchronous"] = "off"


def pytest_configure(config):
    if "PORTAL_DATABASE_URL" in os.environ:
        # A command that a test runs in this process opens the database of its own, and what the pages had open goes.
        config.addinivalue_line(
            "filterwarnings",
            "ignore:Exception ignored in. <function BaseConnection:pytest.PytestUnraisableExceptionWarning",
        )


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    """Of many processes, each reads the tests from another file on: the first that needs a file compiles it for all.

    In a fresh clone this takes eight seconds, and all would do the same at the same time.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes > 1 and session.config.args_source == pytest.Config.ArgsSource.TESTPATHS:
        files = sorted(set(HERE.rglob("test_*.py")) - set(HERE.glob("conformance/*")))
        at = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) * len(files) // processes
        for file in files[at:] + files[:at]:
            # Who collects it says what is wrong with it.
            with suppress(Exception):
                importlib.import_module(".".join(file.relative_to(HERE.parent).with_suffix("").parts))


# Single tests of these take many seconds, and most of them wait.
LONG = (
    "demo/test_demo.py", "provisioning/test_fault_points.py", "runs/test_fault_points.py",
    "google_workspace/test_bulk_with_both.py", "provisioning/test_random_play.py",
    "messages/test_fault_matrix.py", "test_growth.py",
)  # fmt: skip
# The first test of these in a process waits until a browser, a library of models or a server is loaded.
TOGETHER = ("browser/", "scim/", "auth/test_several_processes.py")


def pytest_collection_modifyitems(items):
    """Begin with what takes long, a share of it in each process, so that no process works alone in the end."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long, others = [], []
    together: dict[str, list] = {place: [] for place in TOGETHER}
    for item in items:
        file = item.nodeid.partition("::")[0].removeprefix("tests/")
        place = next((place for place in TOGETHER if file.startswith(place)), None)
        (together[place] if place else long if file in LONG else others).append(item)
    dealt = []
    for number in range(processes):
        mine = [item for place in TOGETHER[number::processes] for item in together[place]] + long[number::processes]
        rest = max(0, len(items) // processes - len(mine))
        dealt += mine + others[:rest]
        others = others[rest:]
    items[:] = dealt + others


def pytest_collection_finish():
    """What is loaded now stays to the end: nobody has to look through it each time that rubbish is collected."""
    gc.freeze()
    gc.enable()
    garbage.look_seldom()


@pytest.fixture(scope="session")
def sandbox_process():
    process = SandboxProcess.start(FOLDER / "sandbox", redirect_uris=[])
    yield process
    process.stop()


@pytest.fixture(scope="session")
def google_process():
    """Started by the first test that asks for it."""
    process = GoogleProcess.start(FOLDER / "google", redirect_uris=[])
    yield process
    process.stop()


@pytest.fixture
def google(google_process):
    """A Google Workspace as new. Afterwards all that was asked of its APIs, and answered, is held against Google's."""
    google_process.reset()
    yield google_process
    lines = [line for line in google_process.requests() if line.fault is None]
    found = [
        google_contract.problems(line.method, line.path, line.query, line.body, line.status, line.answer)
        for line in lines
    ]
    assert not any(found), [problem for problems in found for problem in problems]


@pytest.fixture(scope="session")
def mail_server():
    mailbox = Mailbox()
    yield mailbox
    mailbox.stop()


@pytest.fixture(scope="session")
def app(sandbox_process, mail_server):
    os.environ.update(
        PORTAL_M365_LOGIN_URL=sandbox_process.login_url,
        PORTAL_M365_GRAPH_URL=sandbox_process.graph_url,
        PORTAL_M365_CLIENT_ID=sandbox_process.client_id,
        PORTAL_M365_CLIENT_SECRET=sandbox_process.client_secret,
        PORTAL_MAIL_URL=f"smtp://127.0.0.1:{mail_server.port}",
    )
    config.forget()
    if "PORTAL_DATABASE_URL" in os.environ:
        schema.copy_into(os.environ["PORTAL_DATABASE_URL"])
    else:
        # Before anything opens it: who closes a file gives up all the locks that SQLite holds on it in this process.
        schema.copy_to(FOLDER / "portal.sqlite3")
    with garbage.loading():
        app = create_app()
    app.testing = False
    # Every process of the tests needs the same pages: the first one that does compiles them for all.
    app.jinja_env.bytecode_cache = Compiled(TEMPLATES)
    with database.connection():
        database.upgrade()
    return app


@pytest.fixture
def tables(app):
    """An open database with every table empty, emptied again afterwards."""
    from portal.security import limiter

    # The next test has rows of the same numbers.
    counting.forget()
    with database.connection():
        yield database.database
        # What a page did not wait for must not go on into the next test.
        background.join()
        lane.join()
        if database.database.is_closed():
            database.database.connect()
        with database.transaction():
            _take_many_away()
            # All but the last four belong to an organisation, and go with it.
            organisation = audit.AuditEntry.organisation.rel_model
            for model in (organisation, SignInFailure, OutsideSignIn, Quota, MailTrouble):
                model.delete().execute()
    limiter.reset()


def _take_many_away() -> None:
    """PostgreSQL looks for each row that goes whether another one points to it: for thousands that takes seconds."""
    if not database.is_sqlite() and Employee.select().limit(2_000).count() == 2_000:
        database.database.execute_sql("TRUNCATE employee CASCADE")


@pytest.fixture
def cast(app, tables):
    return Cast(app)


@pytest.fixture
def sandbox(sandbox_process):
    """A Microsoft 365 as new. Afterwards all that was asked of Graph, and answered, is held against its description."""
    sandbox_process.reset()
    FRESH.clear()
    # Nobody has written from the new mailboxes in the last minute.
    mailbox_client._pacers.clear()
    for tenant in sandbox_process.tenants:
        SERVICES["microsoft-365"].forget(tenant["id"])
    yield sandbox_process
    exchanges = [line for line in sandbox_process.requests(path="/v1.0/") if line.fault is None]
    found = [validate.problems(line.method, line.path, line.body, line.status, line.answer) for line in exchanges]
    assert not any(found), [problem for problems in found for problem in problems]


@pytest.fixture
def harbour(app, tables, monkeypatch):
    """A second application, with rules of its own: the directory of Acme there."""
    with HarbourServer() as server:
        monkeypatch.setitem(SERVICES, Harbour.key, Harbour(server.url))
        yield server
        background.join()
        lane.join()


@pytest.fixture
def harbour_connection(harbour, alice):
    """Acme connected to Harbour, with the key that Alice typed."""
    return addons.connect_by_key(SERVICES[Harbour.key], harbour.key, by=alice.user)


@pytest.fixture
def mailbox(mail_server):
    """The mails of one test. Afterwards each of them is read for words that the portal does not use."""
    mail_server.clear()
    yield mail_server
    assert [problem for message in mail_server.messages for problem in wording.in_mail(message)] == []


@pytest.fixture
def acme(cast):
    return cast.organisation("Acme", time_zone="Europe/London", country="GB")


@pytest.fixture
def globex(cast):
    return cast.organisation("Globex", plan="Standard")


@pytest.fixture
def initech(cast):
    return cast.organisation("Initech")


@pytest.fixture
def alice(cast, acme) -> Person:
    """Alice Admin of Acme."""
    return cast.person(acme, "Alice", AccessLevel.ADMIN)


@pytest.fixture
def secret(cast, acme):
    """Somebody of the board, whom Hana does not see."""
    return cast.employee(acme, "Zed", "Zulu", department="Board", country="FR", employee_number="B1")


@pytest.fixture
def hana(cast, acme):
    """Hana looks after Sales."""
    person = cast.person(acme, "Hana", AccessLevel.PART_HR)
    User.update(part="department", part_value="Sales").where(User.id == person.user.id).execute()
    return person


@pytest.fixture
def bob(cast, acme) -> Person:
    """Bob Manager of Acme, with an employee record of his own."""
    return cast.person(acme, "Bob", AccessLevel.MANAGER, cast.employee(acme, "Bob", "Barker"))


@pytest.fixture
def carol(cast, acme) -> Person:
    """Carol Employee of Acme, with an employee record of her own."""
    return cast.person(acme, "Carol", AccessLevel.EMPLOYEE, cast.employee(acme, "Carol", "Cole"))


@pytest.fixture
def stan(cast, globex) -> Person:
    """Stan Admin of Globex, which is on Standard."""
    return cast.person(globex, "Stan", AccessLevel.ADMIN)


@pytest.fixture
def mallory(cast, initech) -> Person:
    """Mallory Admin of Initech, who must never see Acme."""
    return cast.person(initech, "Mallory", AccessLevel.ADMIN)
