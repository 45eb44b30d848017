"""Finds a Chromium for the browser tests, or installs one, and says what it does."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed() -> str | None:
    """The path of a Chromium that is on this machine already."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> None:
    path = installed()
    if path:
        print(f"Browser tests use {path}.")
    elif os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing Debian's package chromium.")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=True)
    else:
        print("No Chromium found: installing the one of playwright.")
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    main()
