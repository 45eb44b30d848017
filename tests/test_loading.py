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
LOADED = """
import sys, portal
rules = portal.create_app().url_map.iter_rules()
print(*sys.modules)
print([str(rule) for rule in rules if rule._build.__func__.__code__.co_filename == "<werkzeug routing>"])
"""


def test_a_web_process_loads_no_library_that_few_requests_need():
    ended = subprocess.run(
        [sys.executable, "-c", LOADED], env=os.environ | {"PORTAL_DATABASE_URL": "sqlite:///:memory:"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    modules, compiled = ended.stdout.rstrip().rsplit("\n", 1)
    # The code that puts an address together is compiled when one is.
    assert compiled == "[]"
    loaded = set(modules.split())
    assert "portal.web" in loaded
    assert sorted(loaded & LATER.keys()) == []
    assert not [name for name in loaded if name.startswith("portal.sandbox")]
