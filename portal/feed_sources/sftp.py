"""The conversation with an SFTP server: its newest file is read, and nothing is written or deleted."""

import fnmatch
import io
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import paramiko

from portal.feed_sources.base import LARGEST, Access, Fetched, HostKeyProblem, SourceProblem, too_large
from portal.feed_sources.calls import AGAIN
from portal.feed_sources.csv_sftp import fingerprint
from portal.guard import addresses
from portal.guard import calls as guarded
from portal.guard.reaching import NotPublic
from portal.languages import gettext as _
from portal.languages import number as figures

# Seconds for each step of the conversation.
PATIENCE = 20.0
# For all steps together: a server that says a little now and then gains nothing.
WHOLE = 120.0
# Files that a folder may have.
MOST_FILES = 10_000
CONFIRM = _("Compare it with what the owner of the server tells you. If it is the same, press Confirm this key.")


def fetch(access: Access) -> Fetched:
    """The newest file that fits. Raises SourceProblem, and HostKeyProblem for a server that nobody has confirmed."""
    try:
        with _files(access) as files:
            return _newest(files, access)
    except paramiko.AuthenticationException as problem:
        raise SourceProblem(
            _("The server does not accept the user name with the portal’s key or the password."),
            _("Give the server the key that the page of the feed shows, or enter the password again."), permanent=True,
        ) from problem  # fmt: skip
    except NotPublic as problem:
        raise SourceProblem(problem.message, problem.next_step, permanent=True) from problem
    except PermissionError as problem:
        raise SourceProblem(
            _("The user may not read the folder or the file."), _("Correct its rights."), permanent=True
        ) from problem
    except FileNotFoundError as problem:
        raise SourceProblem(
            _("There is no such folder on the server."), _("Correct the folder."), permanent=True
        ) from problem
    except guarded.NoAnswer as problem:
        raise SourceProblem(problem.message, AGAIN) from problem
    except (paramiko.SSHException, EOFError, OSError) as problem:
        raise SourceProblem(_("The connection to the server broke off."), AGAIN) from problem


@contextmanager
def _files(access: Access) -> Iterator[paramiko.SFTPClient]:
    """The files of the server, once its key is the confirmed one."""
    connection = guarded.connect(addresses.read(f"sftp://{access.options['server']}", "sftp"), seconds=PATIENCE)
    transport = _transport(connection)
    end = threading.Timer(WHOLE, transport.close)
    end.daemon = True
    end.start()
    try:
        transport.start_client(timeout=PATIENCE)
        _check_key(transport.get_remote_server_key(), access.host_key)
        _sign_in(transport, access)
        files = paramiko.SFTPClient.from_transport(transport)
        if files is None:
            raise SourceProblem(_("The server offers no files over SFTP."), _("Ask its owner."), permanent=True)
        files.get_channel().settimeout(PATIENCE)
        yield files
    finally:
        end.cancel()
        transport.close()
        connection.close()


def _transport(connection: socket.socket) -> paramiko.Transport:
    transport = paramiko.Transport(connection)
    transport.banner_timeout = transport.auth_timeout = PATIENCE
    transport.daemon = True
    return transport


def _check_key(shown: Any, confirmed: str) -> None:
    """Raises HostKeyProblem before anything of ours was sent."""
    key = f"{shown.get_name()} {shown.get_base64()}"
    if not confirmed:
        raise HostKeyProblem(
            _(
                "The server shows the key %(fingerprint)s, which nobody has confirmed yet.",
                fingerprint=fingerprint(key),
            ),
            CONFIRM,
            key,
        )
    if key != confirmed:
        raise HostKeyProblem(
            _(
                "The server shows another key, %(fingerprint)s, than the one you confirmed, %(confirmed)s: it "
                "may not be your server.",
                fingerprint=fingerprint(key),
                confirmed=fingerprint(confirmed),
            ),
            CONFIRM,
            key,
        )


def _sign_in(transport: paramiko.Transport, access: Access) -> None:
    user = str(access.options.get("user", ""))
    if password := access.secrets.get("password"):
        transport.auth_password(user, password)
    else:
        key = paramiko.Ed25519Key.from_private_key(io.StringIO(access.secrets.get("private_key", "")))
        transport.auth_publickey(user, key)


def _newest(files: paramiko.SFTPClient, access: Access) -> Fetched:
    folder = str(access.options.get("folder") or ".")
    pattern = str(access.options.get("pattern") or "*.csv")
    listed = list(islice(files.listdir_iter(folder), MOST_FILES + 1))
    if len(listed) > MOST_FILES:
        raise SourceProblem(
            _("The folder has more than %(most)s files.", most=figures(MOST_FILES)),
            _("Have the old ones removed, or enter a folder of its own for these files."), permanent=True,
        )  # fmt: skip
    found = [
        entry for entry in listed
        if stat.S_ISREG(entry.st_mode or 0) and fnmatch.fnmatch(entry.filename, pattern)
    ]  # fmt: skip
    if not found:
        raise SourceProblem(
            _("No file in the folder matches “%(pattern)s”.", pattern=pattern),
            _("Correct the name of the file."),
            permanent=True,
        )
    newest = max(found, key=lambda entry: (entry.st_mtime or 0, entry.filename))
    if (newest.st_size or 0) > LARGEST:
        raise too_large()
    path = f"{folder}/{newest.filename}"
    with files.open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if not len(content) == newest.st_size == files.stat(path).st_size:
        raise SourceProblem(_("The file %(filename)s is still growing.", filename=newest.filename), AGAIN)
    return Fetched(content, newest.filename[:200])
