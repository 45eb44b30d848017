"""An SFTP server on this machine, over a folder."""

import os
import socket
import threading
from pathlib import Path

import paramiko


class _Rules(paramiko.ServerInterface):
    def __init__(self, authorised):
        self.authorised = authorised

    def get_allowed_auths(self, username):
        return "publickey"

    def check_auth_publickey(self, username, key):
        good = username == "portal" and f"{key.get_name()} {key.get_base64()}" in self.authorised
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    folder: Path
    growing: set[str] = set()

    def _path(self, path):
        return self.folder / path.lstrip("./")

    def list_folder(self, path):
        if not self._path(path).is_dir():
            return paramiko.SFTP_NO_SUCH_FILE
        return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in self._path(path).iterdir()]

    def stat(self, path):
        found = paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        if self._path(path).name in self.growing:
            found.st_size += 100
        return found

    lstat = stat

    def open(self, path, flags, attr):
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise AssertionError("the portal writes nothing")
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = self._path(path).open("rb")
        handle.stat = lambda: self.stat(path)
        return handle


class SftpServer:
    """authorised: the public keys that may sign in, as in authorized_keys."""

    def __init__(self, folder):
        self.folder, self.authorised, self.host_key = folder, [], paramiko.ECDSAKey.generate()
        self.files = type("Files", (_Files,), {"folder": folder, "growing": set()})
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            self.open.append(transport)
            try:
                transport.start_server(server=_Rules(self.authorised), event=threading.Event())
            except (paramiko.SSHException, EOFError):
                continue

    def __exit__(self, *_arguments):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for transport in self.open:
            transport.close()
