"""What a web process does not load before somebody needs it: each takes time at every start, and memory for ever."""

import os
import subprocess
import sys

# Library -> where it is loaded.
LATER = {
    "PIL": "where a picture is looked at", "segno": "where a second factor is set up", "nh3": "in a process of its own",
    "paramiko": "where a feed fetches by SFTP", "icalendar": "where an invitation is written",
    "openpyxl": "where a workbook is read", "aiosmtpd": "by the demo",
    "scim2_tester": "by tests", "django": "by the bench",
}  # fmt: skip
# Loaded for PostgreSQL alone.
DRIVER = "psycopg"
# As `portal serve` does before it forks its web processes.
LOADED = """
import gc, sys
from portal.__main__ import main
sys.argv = ["portal", "--help"]
try:
    main()
except SystemExit:
    import portal
rules = portal.create_app().url_map.iter_rules()
print("looked", gc.get_stats()[2]["collections"])
print(*(name for name, module in sys.modules.items() if module))
print([str(rule) for rule in rules if rule._build.__func__.__code__.co_filename == "<werkzeug routing>"])
"""


def loaded(address):
    """What the process says at its end. address: of the database."""
    ended = subprocess.run(
        [sys.executable, "-c", LOADED], env=os.environ | {"PORTAL_DATABASE_URL": address},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    looked, modules, compiled = ended.stdout.rstrip().splitlines()[-3:]
    return looked, set(modules.split()), compiled


def test_a_web_process_loads_no_library_that_few_requests_need():
    looked, modules, compiled = loaded("sqlite:///:memory:")
    # The code that puts an address together is compiled when one is.
    assert compiled == "[]"
    # Nor does Python look through all that is loaded for what is not used any more.
    assert looked == "looked 0"
    assert "portal.web" in modules
    assert sorted(modules & (LATER.keys() | {DRIVER})) == []
    assert {name for name in modules if name.startswith("portal.sandbox.")} == {
        "portal.sandbox.cli",
        "portal.sandbox.server",
    }


def test_the_driver_of_postgresql_is_loaded_for_postgresql():
    _, modules, _ = loaded("postgresql://nobody@localhost/none")
    assert DRIVER in modules
