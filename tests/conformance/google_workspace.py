"""What Google's and others' clients of Google Workspace need around them: a proxy, a grant, GAM's files."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt

from tests.sandbox.google.caller import GoogleCaller
from tests.sandbox.google.process import GoogleProcess


class Proxy:
    """Takes CONNECT to whatever address, and ends every tunnel at one port of this machine."""

    def __init__(self, port: int):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.asked: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._tunnel, args=(connection,), daemon=True).start()

    def _tunnel(self, near: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = near.recv(4096)
            if not part:
                near.close()
                return
            head += part
        self.asked.append(head.split()[1].decode())
        far = socket.create_connection(("127.0.0.1", self.port))
        near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        other = threading.Thread(target=_carry, args=(far, near), daemon=True)
        other.start()
        _carry(near, far)
        other.join()
        near.close()
        far.close()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)


def grant_of(google: GoogleProcess) -> dict[str, Any]:
    """What Grace, super administrator of Acme, has granted: the answer of the token endpoint."""
    caller = GoogleCaller(google)
    caller.session.verify = google.session.verify = google.ca_file or True
    answer = caller.sign_in()
    caller.close()
    return answer


class Gam:
    """GAM as it is, told by its own settings where its proxy and authorities are."""

    def __init__(self, google: GoogleProcess, proxy: Proxy, folder: Path):
        self.google, self.proxy, self.folder = google, proxy, folder
        self._write("gam.cfg", "\n".join([
            "[DEFAULT]", f"cacerts_pem = {google.ca_file}", "customer_id = my_customer", "domain = acme.example",
            f"config_dir = {folder}", f"cache_dir = {folder}", f"drive_dir = {folder}", "no_cache = true",
            "no_browser = true", "",
        ]))  # fmt: skip
        answer = grant_of(google)
        claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
        client = {"client_id": google.client_id, "client_secret": google.client_secret}
        soon = datetime.now(UTC) - timedelta(minutes=1)
        self._write("client_secrets.json", json.dumps({"installed": {
            **client, "auth_uri": "https://accounts.google.com/o/oauth2/v2/auth",
            "token_uri": "https://oauth2.googleapis.com/token", "redirect_uris": ["http://localhost"],
        }}))  # fmt: skip
        self._write("oauth2.txt", json.dumps({
            **client, "token": answer["access_token"], "refresh_token": answer["refresh_token"],
            "id_token": answer["id_token"], "decoded_id_token": claims, "scopes": answer["scope"].split(),
            "token_expiry": soon.strftime("%Y-%m-%dT%H:%M:%SZ"), "token_uri": "https://oauth2.googleapis.com/token",
        }))  # fmt: skip

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def __call__(self, *words: str) -> tuple[int, str]:
        """Exit status, and all that it said."""
        kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        done = subprocess.run(
            [sys.executable, "-m", "gam", *words], capture_output=True, text=True, timeout=120, cwd=self.folder,
            env={**kept, "GAMCFGDIR": str(self.folder), "https_proxy": self.proxy.url, "HTTPS_PROXY": self.proxy.url,
                 "OLDGAMPATH": str(self.folder)},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr
